/** What kind of thing happened in a story, without what differs from run to run: names of queue entries, sizes, dates. */
import type { Line, Story } from '../shared/story/story.ts';

/** Of what is said off the wire, and after the first word of what is said on it, what has a digit in it may be another the next time. */
const wordsOf = (text: string, kept: number): string =>
  text
    .split('\n')
    .map(row =>
      row
        .split(' ')
        .filter((word, at) => at < kept || !/\d/.test(word))
        .join(' '),
    )
    .join('\n');

const lineOf = ({ beat, protocol, from, role, client, server, port, text }: Line): string => {
  const what = protocol === 'dns' && from !== 'aside' ? text : wordsOf(text, from === 'aside' ? 0 : 1);
  return [beat, protocol, from, role, client, server, port, what].join(' ');
};

/** Equal for two stories in which the same happened, told in the same beats. */
export const kindOf = (story: Story): string =>
  JSON.stringify([
    story.beats.map(({ name, chapter, failed, told }) => [name, chapter, failed, told?.part ?? null]),
    story.lines.map(lineOf),
  ]);
