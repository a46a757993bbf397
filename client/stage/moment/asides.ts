/** What lies about besides the letter of the moment: other letters on their way, and what resolvers remember. Only where there is room. */
import type { CacheEntry, Letter, Scene } from '../../../shared/story/story.ts';
import type { HostId } from '../../../shared/world/world.ts';
import { type Box, grown, overlap } from '../plan/geometry.ts';
import { envelopePlace } from '../plan/letter-place.ts';
import { fitEnd, widthOf } from '../plan/measure.ts';
import { nowhereOn } from '../plan/nowhere.ts';
import { type Layout, stationOf } from '../plan/plan.ts';
import { internetBoxes, signBoxes } from '../plan/signs.ts';
import { spotNear } from '../plan/spot.ts';
import { shortly } from './shortly.ts';

/** Letters that wait at one host; the last to come is on top. */
export interface Pile {
  readonly host: HostId;
  readonly top: Letter;
  readonly count: number;
  /** "bob", to whom the one on top goes. */
  readonly words: string;
  readonly box: Box;
}

/** What a host's resolver remembers. */
export interface Memory {
  readonly host: HostId;
  readonly lines: readonly string[];
  readonly box: Box;
}

const size = ({ shape }: Layout): number => (shape === 'wide' ? 12.5 : 11.5);

const onItsWay = ({ place }: Letter): boolean => place === 'written' || place === 'travelling' || place === 'queued';

/** The letter that lies where it can be read, and how many others of its kind lie under it. */
export function lyingIn({ state, motion }: Pick<Scene, 'state' | 'motion'>): {
  readonly letter: Letter;
  readonly under: number;
} | null {
  const flying = motion?.kind === 'letter' ? motion.letter : null;
  // When one of several leaves a host, another stays: a letter visibly splits.
  const letter =
    flying !== null && flying === state.focus
      ? state.letters.findLast(each => each.id !== flying && each.at === motion?.from && onItsWay(each))
      : state.letters.find(({ id }) => id === state.focus && id !== flying);
  if (letter === undefined) return null;
  const alike = (each: Letter): boolean =>
    each.id !== letter.id && each.id !== flying && each.at === letter.at && each.place === letter.place;
  const heaps = onItsWay(letter) || letter.place === 'mailbox';
  return { letter, under: heaps ? state.letters.filter(alike).length : 0 };
}

export function pilesIn(layout: Layout, scene: Pick<Scene, 'state' | 'motion'>): readonly Pile[] {
  const { state, motion } = scene;
  const lying = lyingIn(scene)?.letter;
  const flying = motion?.kind === 'letter' ? motion.letter : null;
  const byHost = new Map<HostId, Letter[]>();
  for (const letter of state.letters) {
    const shown = letter === lying || letter.id === flying || (letter.at === lying?.at && letter.place === lying.place);
    if (shown || !onItsWay(letter)) continue;
    const others = byHost.get(letter.at);
    if (others === undefined) byHost.set(letter.at, [letter]);
    else others.push(letter);
  }
  const place = lying === undefined ? null : envelopePlace(layout, lying.at);
  const taken: Box[] = [...signBoxes(layout), ...internetBoxes(layout), ...(place === null ? [] : [place])];
  const piles: Pile[] = [];
  for (const [host, letters] of byHost) {
    const station = stationOf(layout, host);
    const top = letters.at(-1);
    if (station === undefined || top === undefined) continue;
    const whole = `to ${top.recipients[0]?.split('@')[0] ?? 'nobody'}${top.recipients.length > 1 ? ` +${top.recipients.length - 1}` : ''}`;
    const words = fitEnd(whole, 88, size(layout), 'sans');
    const box = spotNear(layout, station, { w: Math.max(58, widthOf(words, size(layout), 'sans') + 4), h: 54 }, taken);
    if (box === null) continue;
    taken.push(grown(box, 3));
    piles.push({ host, top, count: letters.length, words, box });
  }
  return piles;
}

function remembered({ name, type, negative, expiresAt }: CacheEntry, now: number): string {
  return `${name} ${type}${negative ? ': none' : ''} · ${shortly(expiresAt - now)}`;
}

export function memoriesIn(
  layout: Layout,
  scene: Pick<Scene, 'state' | 'wireAt' | 'motion'>,
  piles: readonly Pile[],
): readonly Memory[] {
  const { state, wireAt } = scene;
  const now = wireAt + state.jumped;
  const byHost = new Map<HostId, CacheEntry[]>();
  for (const entry of state.cache) {
    if (entry.expiresAt <= now) continue;
    const others = byHost.get(entry.host);
    if (others === undefined) byHost.set(entry.host, [entry]);
    else others.push(entry);
  }
  const lying = lyingIn(scene)?.letter;
  const place = lying === undefined ? null : envelopePlace(layout, lying.at);
  const memories: Memory[] = [];
  for (const [host, entries] of byHost) {
    const station = stationOf(layout, host);
    // What says where mail goes tells more than an address.
    const entry = entries.findLast(({ type }) => type === 'MX') ?? entries.at(-1);
    if (station === undefined || entry === undefined) continue;
    const more = entries.length > 1 ? ` +${entries.length - 1}` : '';
    const lines = ['remembers', `${fitEnd(remembered(entry, now), 200, size(layout), 'sans')}${more}`];
    const w = Math.max(...lines.map(line => widthOf(line, size(layout), 'sans'))) + 20;
    const own = envelopePlace(layout, host);
    // Its place does not depend on where the letter is: it does not wander, it makes way.
    const names = [...signBoxes(layout), ...internetBoxes(layout), grown(nowhereOn(layout), 6)];
    const fixed = [...names, ...(own === null ? [] : [own]), ...memories.map(({ box }) => box)];
    const box = spotNear(layout, station, { w, h: 40 }, fixed);
    if (box === null || (place !== null && overlap(box, place)) || piles.some(pile => overlap(box, pile.box))) continue;
    memories.push({ host, lines, box });
  }
  return memories;
}
