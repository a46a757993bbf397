/** What kind of thing happened in a story, without what differs from run to run: names of queue entries, sizes, dates. */
import type { Line, Story } from '../../shared/story/story.ts';

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

/** Who speaks with whom; what happens off the wire belongs to the host where it happens. */
const placeOf = ({ from, client, server, port }: Line): string =>
  from === 'aside' ? server : `${client} ${server} ${port}`;

const sayingOf = ({ protocol, from, role, text }: Line): string =>
  `${from} ${role} ${protocol === 'dns' && from !== 'aside' ? text : wordsOf(text, from === 'aside' ? 0 : 1)}`;

/** Equal for two stories in which the same happened, told in the same beats; what two hosts do at once has no order. */
export function kindOf(story: Story): string {
  const said = new Map<string, string[]>();
  for (const line of story.lines) {
    const place = placeOf(line);
    said.set(place, [...(said.get(place) ?? []), sayingOf(line)]);
  }
  // A host may do several things at once off the wire.
  for (const [place, all] of said) if (!place.includes(' ')) said.set(place, all.toSorted());
  return JSON.stringify([
    story.beats.map(({ name, chapter, failed, told }) => [name, chapter, failed, told?.part ?? null]),
    [...said].toSorted(([one], [other]) => (one < other ? -1 : 1)),
  ]);
}
