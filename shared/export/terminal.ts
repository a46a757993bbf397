/** The story for a terminal: `->` what a client says, `<-` what a server says, `=` what happens off the wire. */
import type { Line, Story } from '../story/story.ts';
import { plain } from '../story/words.ts';
import type { Side } from '../trace/event.ts';
import { visible } from '../visible.ts';

/** What came over the wire must not command the terminal, nor turn what stands beside it. */
export const printable = (text: string): string => visible(text).replaceAll('\t', ' ');

const ARROWS: Readonly<Record<Side | 'aside', string>> = { client: '-> ', server: '<- ', aside: ' = ' };

/** A line as a terminal shows it: each of its parts behind the arrow of who says it. */
export const withArrows = (line: Line): readonly string[] =>
  printable(line.text.replaceAll('\r\n', '\n'))
    .split('\n')
    .map(part => `${ARROWS[line.from]}${part}`);

/** Prints each line of a growing story once, and before them the title of each part that a script tells. */
export function createTranscript(print: (line: string) => void): (story: Story) => void {
  let printed = 0;
  let titled = 0;
  let connection = '';
  /** The titles of the beats up to this one. */
  const title = ({ beats }: Story, last: number): void => {
    for (const { told, caption } of beats.slice(titled, last + 1))
      if (told !== null) print(`\n# ${printable(plain(caption.title))}`);
    titled = Math.max(titled, last + 1);
  };
  return story => {
    for (const line of story.lines.slice(printed)) {
      if (line.beat >= titled) title(story, line.beat);
      if (line.from !== 'aside' && line.connection !== connection) {
        connection = line.connection;
        print(`\n${printable(line.client)} to ${printable(line.server)}, port ${line.port}`);
      }
      for (const row of withArrows(line)) print(row);
    }
    printed = story.lines.length;
    // Also those in which nobody has said anything yet.
    title(story, story.beats.length - 1);
  };
}
