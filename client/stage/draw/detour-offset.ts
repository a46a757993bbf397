/** How far a moving thing keeps aside of its cable; computed between two steps, so that the first frame of the next one need not. */
import { useEffect } from 'react';
import type { Motion, Scene, State, Story } from '../../../shared/story/story.ts';
import { pilesIn } from '../moment/asides.ts';
import { detour } from '../moment/detour.ts';
import { LIFTED_SCALE } from '../moment/flight.ts';
import type { Curve, Point } from '../plan/geometry.ts';
import { cableOf } from '../plan/layout.ts';
import { envelopePlace } from '../plan/letter-place.ts';
import type { Layout } from '../plan/plan.ts';
import { extentOf } from './Token.tsx';

const NO_OFFSET: Point = { x: 0, y: 0 };
const known = new WeakMap<Curve, Map<string, Point>>();

/** Offset of `motion` from its cable, in units of the drawing; cached per cable. */
export function detourOffset(layout: Layout, curve: Curve, motion: Motion, state: State): Point {
  if (motion.kind === 'dial') return NO_OFFSET;
  const letter = motion.kind === 'letter';
  const { w, h } = layout.envelope;
  const extent = letter ? { w: (w / 2) * LIFTED_SCALE, h: (h / 2) * LIFTED_SCALE } : extentOf(motion, layout.shape);
  const focus = letter ? undefined : state.letters.find(({ id }) => id === state.focus);
  const lying = focus === undefined ? null : envelopePlace(layout, focus.at);
  const asides = known.get(curve) ?? new Map<string, Point>();
  known.set(curve, asides);
  const key = [extent.w, extent.h, focus?.at ?? ''].join(' ');
  const found = asides.get(key) ?? detour(curve, extent, layout, lying);
  asides.set(key, found);
  return found;
}

/** Milliseconds after a step at which its frames are drawn and the next ones are still far. */
const QUIET = 120;

export function usePrecomputedDetours(layout: Layout, story: Story, { step, motion: current }: Scene): void {
  useEffect(() => {
    const next = story.steps[(step?.index ?? -1) + 1];
    if (next === undefined) return;
    const timer = setTimeout(() => {
      const state = step?.after ?? story.start;
      const { motion } = next;
      if (current !== null) pilesIn(layout, { state, motion: null });
      if (motion === null) return;
      const curve = cableOf(layout, motion.from, motion.to);
      if (curve !== null) detourOffset(layout, curve, motion, state);
    }, QUIET);
    return () => clearTimeout(timer);
  }, [layout, story, step, current]);
}
