/** Looks between two steps for the places that the next one will need, so that the frame in which it begins need not. */
import { useEffect } from 'react';
import type { Motion, Scene, State, Story } from '../../../shared/story/story.ts';
import { pilesIn } from '../moment/asides.ts';
import { detour } from '../moment/detour.ts';
import { ALOFT } from '../moment/flight.ts';
import type { Curve, Point } from '../plan/geometry.ts';
import { cableOf } from '../plan/layout.ts';
import { envelopePlace } from '../plan/letter-place.ts';
import type { Layout } from '../plan/plan.ts';
import { extentOf } from './Token.tsx';

const NOWHERE: Point = { x: 0, y: 0 };
const known = new WeakMap<Curve, Map<string, Point>>();

/** How far aside of its cable `motion` flies; looked for once. */
export function asideOf(layout: Layout, curve: Curve, motion: Motion, state: State): Point {
  if (motion.kind === 'dial') return NOWHERE;
  const letter = motion.kind === 'letter';
  const { w, h } = layout.envelope;
  const extent = letter ? { w: (w / 2) * ALOFT, h: (h / 2) * ALOFT } : extentOf(motion, layout.shape);
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

export function useLookAhead(layout: Layout, story: Story, { step, motion: current }: Scene): void {
  useEffect(() => {
    const next = story.steps[(step?.index ?? -1) + 1];
    if (next === undefined) return;
    const timer = setTimeout(() => {
      const state = step?.after ?? story.start;
      const { motion } = next;
      if (current !== null) pilesIn(layout, { state, motion: null });
      if (motion === null) return;
      const curve = cableOf(layout, motion.from, motion.to);
      if (curve !== null) asideOf(layout, curve, motion, state);
    }, QUIET);
    return () => clearTimeout(timer);
  }, [layout, story, step, current]);
}
