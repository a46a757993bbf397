/** What stays as it is while one step lasts, set as drawing, and what moves over it: of this every picture and every frame is made. */
import type { Scene, Story, StoryTime } from '../../shared/story/story.ts';
import { type Aloft, aloftIn } from '../stage/draw/aloft.ts';
import { handsAt } from '../stage/moment/clock-face.ts';
import { type Pose, progressAt } from '../stage/moment/flight.ts';
import { type Jump, jumpIn } from '../stage/moment/jump.ts';
import type { Box, Point } from '../stage/plan/geometry.ts';
import type { Size } from '../stage/plan/plan.ts';
import { freeze, type Shared } from './freeze.ts';
import { freezeWords } from './freeze-words.ts';
import { paintOf } from './paint.ts';
import type { PictureSet } from './set.tsx';

/** Drawn around (0, 0), in units of the stage. */
export interface Mover {
  readonly body: string;
  readonly shared: Shared;
  /** All that it covers, its shadow too. */
  readonly reach: Box;
  /** At a moment of story time. */
  readonly poseAt: (t: number) => Pose;
}

export interface Hand {
  readonly d: string;
  readonly colour: string;
  readonly width: number;
}

/** What turns on the face of a clock: two hands and the pin over them, around `at`. */
export interface Hands {
  readonly at: Point;
  readonly reach: number;
  readonly hour: Hand;
  readonly minute: Hand;
  readonly pin: { readonly r: number; readonly colour: string };
  /** Degrees from twelve, at a moment of story time. */
  readonly turnedAt: (t: number) => { readonly hour: number; readonly minute: number };
}

export interface Plate {
  readonly scene: Scene;
  /** CSS pixels of the whole, and how many pixels of the finished picture one of them is. */
  readonly size: Size;
  readonly ratio: number;
  /** A unit of the stage in CSS pixels, and where its corner is. */
  readonly stage: Point & { readonly unit: number };
  readonly paper: string;
  readonly ground: string;
  readonly band: string;
  readonly shared: Shared;
  readonly mover: Mover | null;
  readonly hands: Hands | null;
}

/** Two moments with the same sign are on one plate. */
export const signOf = ({ step, beat, motion, at, inboxCount }: Scene, story: Story): string =>
  [step?.index, beat?.index, motion === null, at >= story.end, inboxCount].join(' ');

/** Around what is drawn: the shadow of a letter, and a postcard's turned corners. */
const SHADE = 34;

/** `measured`: its words say how wide they are, for whoever does not have the page's faces. */
export function plateAt(set: PictureSet, story: Story, t: StoryTime, measured = false): Plate {
  const { scene, layout, sheet, root } = set.at(story, t);
  const shared: Shared = new Map();
  const stage = root.querySelector('.stage-sheet');
  const drawings = stage === null ? [] : [...stage.querySelectorAll(':scope > svg')];
  const ground = freeze(
    drawings.flatMap(svg => [...svg.children]),
    root,
    shared,
    { without: '.hit, .station-focus, defs, g:has(> .clock-hand), .clock-pin', measured },
  );
  const unit = Math.min(sheet.stage.w / layout.w, sheet.stage.h / layout.h);
  const place = {
    unit,
    x: (sheet.stage.w - layout.w * unit) / 2,
    y: (sheet.stage.h - layout.h * unit) / 2,
  };
  const band = root.querySelector('.picture-band');
  return {
    scene,
    size: { w: sheet.w, h: sheet.h },
    ratio: sheet.ratio,
    stage: place,
    paper: paintOf(getComputedStyle(root).backgroundColor)?.hex ?? '#ffffff',
    ground,
    band: band === null ? '' : freezeWords(band, root, shared, measured),
    shared,
    mover: moverIn(root, scene, aloftIn(layout, scene), measured),
    hands: handsIn(root, jumpIn(layout, story, scene)),
  };
}

function moverIn(root: Element, { motion }: Scene, aloft: Aloft | null, measured: boolean): Mover | null {
  const drawing = root.querySelector('.flight > svg');
  if (drawing === null || aloft === null || motion === null) return null;
  const shared: Shared = new Map();
  const { extent, poseAt } = aloft;
  return {
    body: freeze(drawing.children, root, shared, { measured }),
    shared,
    reach: { x: -extent.w - SHADE, y: -extent.h - SHADE, w: 2 * (extent.w + SHADE), h: 2 * (extent.h + SHADE) },
    poseAt: t => poseAt(progressAt(t, motion.start, motion.end), false),
  };
}

function handsIn(root: Element, jump: Jump | null): Hands | null {
  const [hour, minute] = [...root.querySelectorAll('.clock-hand')].map(element => {
    const style = getComputedStyle(element);
    return {
      d: element.getAttribute('d') ?? '',
      colour: paintOf(style.stroke)?.hex ?? '#000000',
      width: Number.parseFloat(style.strokeWidth),
    };
  });
  const pin = root.querySelector('.clock-pin');
  if (jump === null || hour === undefined || minute === undefined || pin === null) return null;
  const { place, turn, start, end } = jump;
  return {
    at: place,
    reach: place.r,
    hour,
    minute,
    pin: { r: Number(pin.getAttribute('r')), colour: paintOf(getComputedStyle(pin).fill)?.hex ?? '#000000' },
    turnedAt: t => handsAt(turn, progressAt(t, start, end)),
  };
}
