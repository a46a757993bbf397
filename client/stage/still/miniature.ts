/** One moment of a story on a card: the stage's own layout, drawn small, with only who takes part in it. Pure. */
import { sceneAt } from '../../../shared/story/scene.ts';
import { type Motion, type Scene, type Story, type StoryTime, storyTime } from '../../../shared/story/story.ts';
import type { HostId } from '../../../shared/world/world.ts';
import { extentOf } from '../draw/Token.tsx';
import { failureIn } from '../moment/failing.ts';
import { marksOf } from '../moment/marks.ts';
import { type Box, type Curve, centre, clamp, grown, overlap, type Point, pointAt } from '../plan/geometry.ts';
import { cableOf, layoutOf } from '../plan/layout.ts';
import { fitEnd, fitMiddle, widthOf } from '../plan/measure.ts';
import { DESIGN_SIZE, type Layout, type Size, type Station, type Territory } from '../plan/plan.ts';

/** How many units a still has, of which none is shown smaller than a pixel: type of 11 units can be read. */
export const SIZES = { card: { w: 340, h: 196 }, first: { w: 480, h: 277 } } as const satisfies Record<string, Size>;
export const TYPE = 11;
export const ENVELOPE: Size = { w: 46, h: 29 };
/** By so much the servers are moved from each other: most happens between them. */
const ASIDE = 9;
/** How much of a line is shown. */
const LINE_ROOM = 150;

/** The moment that tells most of the step which is on at `t`: something moves in it, or has just failed. */
export function tellingMoment(story: Story, t: number): StoryTime {
  const scene = sceneAt(story, storyTime(t));
  const { beat, motion } = scene;
  if (beat === null || motion !== null || (scene.step?.jump ?? 0) > 0 || failureIn(story, scene) !== null)
    return scene.at;
  const steps = story.steps.slice(beat.firstStep, beat.lastStep + 1);
  const moving = steps.filter(step => step.motion !== null || step.jump > 0);
  const step = moving.find(({ start }) => start >= t) ?? moving.at(-1);
  return step === undefined ? scene.at : storyTime(step.start + (step.end - step.start) * 0.55);
}

/** Who has a part in the run that is on in `scene`; whoever will be struck by a fault has one. */
function playing(story: Story, { run, state }: Scene): ReadonlySet<HostId> {
  const hosts = new Set<HostId>(marksOf(state.world).hosts.keys());
  const [first, last] = [story.beats[run?.firstBeat ?? 0]?.firstStep, story.beats[run?.lastBeat ?? 0]?.lastStep];
  for (const step of story.steps.slice(first ?? 0, (last ?? -1) + 1)) for (const host of step.hosts) hosts.add(host);
  return hosts;
}

/** What a card of few pixels can say: "Outgoing", "Alice", and where that is too long "smtp". */
function briefName(label: string, host: HostId, room: number): string {
  const first = host.split('.')[0] ?? host;
  const names = [label, label.replace(/ server$/, ''), label.replace(/['’]s mail client$/, ''), first];
  return (
    names.find(name => !/['’]s$/.test(name) && widthOf(name, TYPE, 'bold') <= room) ?? fitEnd(first, room, TYPE, 'bold')
  );
}

const within = (box: Box, { x, y, w, h }: Box): Box => ({
  ...box,
  x: clamp(box.x, x, Math.max(x, x + w - box.w)),
  y: clamp(box.y, y, Math.max(y, y + h - box.h)),
});

const APART = 5;

/** Cards that were apart when they were large are moved apart again. */
function spread(cards: readonly Station[], homeOf: (card: Station) => Box): readonly Station[] {
  const placed = cards.map(card => ({ ...card }));
  for (let round = 0; round < 24; round += 1) {
    let moved = false;
    placed.forEach((one, index) => {
      for (const other of placed.slice(index + 1)) {
        if (!overlap(grown(one, APART / 2), grown(other, APART / 2))) continue;
        const across = (one.w + other.w) / 2 + APART - Math.abs(centre(one).x - centre(other).x);
        const down = (one.h + other.h) / 2 + APART - Math.abs(centre(one).y - centre(other).y);
        const by = Math.min(across, down) / 2 + 0.5;
        const axis = across < down ? 'x' : 'y';
        const sign = centre(one)[axis] <= centre(other)[axis] ? -1 : 1;
        one[axis] += sign * by;
        other[axis] -= sign * by;
        Object.assign(one, within(one, homeOf(one)));
        Object.assign(other, within(other, homeOf(other)));
        moved = true;
      }
    });
    if (!moved) break;
  }
  return placed;
}

/** The stage of this moment, so small that it goes on a card. */
export function smallLayout(story: Story, scene: Scene, size: Size): Layout {
  const { world } = scene.state;
  const hosts = playing(story, scene);
  const visitor = world.hosts.some(({ id, kind }) => kind === 'visitor' && hosts.has(id));
  const large = layoutOf(world, 'wide', visitor, DESIGN_SIZE.wide);
  const [across, down] = [size.w / large.w, size.h / large.h];
  const journey = new Set(large.idle.flatMap(({ from, to }) => [from, to]));
  const territories: readonly Territory[] = large.territories.map(({ sign, x, y, w, h, ...rest }) => {
    const box = { x: x * across, y: y * down, w: w * across, h: h * down };
    const name = sign ?? { x: x + 22, y: y + 30, anchor: 'start' as const };
    return { ...rest, ...box, sign: { ...name, x: name.x * across, y: Math.max(box.y + 14, name.y * down) } };
  });
  const page = { x: 3, y: 3, w: size.w - 6, h: size.h - 6 };
  const cards = large.stations
    .filter(({ host }) => hosts.has(host) || journey.has(host))
    .map(card => {
      const full = card.size === 'full';
      const host = world.hosts.find(({ id }) => id === card.host);
      const label = host?.kind === 'visitor' ? 'Outside' : (host?.label ?? card.name);
      const name = briefName(label, card.host, full ? 60 : 56);
      const w = Math.max(widthOf(name, TYPE, 'bold') + 12, full ? 44 : 34);
      const h = full ? 41 : 19;
      const middle = centre(card);
      const aside = full && card.icon === 'server' ? (middle.x < large.w / 2 ? -ASIDE : ASIDE) : 0;
      const box = { x: middle.x * across + aside - w / 2, y: middle.y * down - h / 2, w, h };
      return { host: card.host, size: card.size, icon: card.icon, name, nameLines: [name], lines: [], ...box };
    });
  const homeOf = (card: Station): Box => {
    const from = large.stations.find(({ host }) => host === card.host);
    const index = large.territories.findIndex(each => from !== undefined && overlap(each, from));
    const home = territories[index];
    return home === undefined ? page : { x: home.x + 5, y: home.y + 20, w: home.w - 10, h: home.h - 24 };
  };
  return {
    shape: 'wide',
    ...size,
    stations: spread(
      cards.map(card => ({ ...card, ...within(card, homeOf(card)) })),
      homeOf,
    ),
    territories,
    idle: large.idle,
    envelope: ENVELOPE,
    letters: 'wide',
    internet: null,
  };
}

const shared = (a: Box, b: Box): number =>
  Math.max(0, Math.min(a.x + a.w, b.x + b.w) - Math.max(a.x, b.x)) *
  Math.max(0, Math.min(a.y + a.h, b.y + b.h) - Math.max(a.y, b.y));

/** The middle of a thing of this size, as near to `wanted` as it can be without hiding what is in `walls`. */
export function spotFor(page: Size, wanted: Point, { w, h }: Size, walls: readonly Box[]): Point {
  let best = wanted;
  let least = Number.POSITIVE_INFINITY;
  for (let x = w / 2 + 3; x <= page.w - w / 2 - 3; x += 6) {
    for (let y = h / 2 + 3; y <= page.h - h / 2 - 3; y += 6) {
      const box = { x: x - w / 2 - 2, y: y - h / 2 - 2, w: w + 4, h: h + 4 };
      const cost = walls.reduce((sum, wall) => sum + shared(box, wall) / 2, Math.hypot(x - wanted.x, y - wanted.y));
      if (cost < least) [best, least] = [{ x, y }, cost];
    }
  }
  return best;
}

/** What is said, as much of it as a card has room for; of a call that nobody answers, that. */
export function brief(motion: Motion): Motion {
  if (motion.kind === 'dial') {
    return motion.verdict === 'no' ? { ...motion, kind: 'line', reply: true, label: ['no answer'] } : motion;
  }
  const fit = (line: string, index: number): string =>
    (index === 0 ? fitEnd : fitMiddle)(line, LINE_ROOM, 11.5, 'mono');
  return { ...motion, label: motion.label.slice(0, 2).map(fit) };
}

export const sizeOf = (motion: Motion): Size => {
  const { w, h } = extentOf(motion, 'narrow');
  // A postcard is turned a little.
  return motion.kind === 'postcard' ? { w: 2 * w + 4, h: 2 * h + 10 } : { w: 2 * w, h: 2 * h };
};

/** The cable that `motion` takes, from where it comes; null where that is no cable. */
export function wayOf(layout: Layout, { from, to }: Motion): Curve | null {
  return from === to ? null : cableOf(layout, from, to);
}

/** What must be seen of a cable, so that one sees where it goes. */
export const alongOf = (curve: Curve): readonly Box[] =>
  [0.2, 0.35, 0.5, 0.65, 0.82].map(t => {
    const { x, y } = pointAt(curve, t);
    return { x: x - 7, y: y - 7, w: 14, h: 14 };
  });

/** The point on a cable and the direction in which it is gone there, in degrees. */
export function headingAt(curve: Curve, t: number): Point & { readonly angle: number } {
  const [on, next] = [pointAt(curve, t), pointAt(curve, t + 0.02)];
  return { ...on, angle: (Math.atan2(next.y - on.y, next.x - on.x) * 180) / Math.PI };
}
