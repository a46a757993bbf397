/** The story for a terminal: `->` what a client says, `<-` what a server says, `=` what happens off the wire. */
import type { Line, Story } from '../../shared/story/story.ts';

/** Control characters would command the terminal; what came over the wire must not. */
const printable = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, control =>
    control === '\t' ? ' ' : `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );

const ARROWS: Readonly<Record<Line['from'], string>> = { client: '-> ', server: '<- ', aside: ' = ' };

/** Prints each line of a growing story once. */
export function createTranscript(print: (line: string) => void): (story: Story) => void {
  let printed = 0;
  let connection = '';
  return story => {
    for (const line of story.lines.slice(printed)) {
      if (line.from !== 'aside' && line.connection !== connection) {
        connection = line.connection;
        print(`\n${line.client} to ${line.server}, port ${line.port}`);
      }
      for (const part of printable(line.text).split('\n')) print(`${ARROWS[line.from]}${part}`);
    }
    printed = story.lines.length;
  };
}
