/** What went wrong, where it went wrong: a cross at the end of the cable and the reply beside it, for as long as its beat is on. */
import { memo, useMemo } from 'react';
import type { Motion, Scene, Story } from '../../shared/story/story.ts';
import { type Extent, onDrawing } from './detour.ts';
import { type Failure, failureIn } from './failing.ts';
import { type Box, type Curve, overlap, type Point, pointAt } from './geometry.ts';
import { VerdictMark } from './glyphs.tsx';
import { Hit } from './Hit.tsx';
import type { Inspect } from './inspect.ts';
import { cableOf } from './layout.ts';
import { envelopePlace } from './letter-place.ts';
import type { Layout } from './plan.ts';
import { decoration } from './pressed.ts';
import { signBoxes } from './signs.ts';
import { extentOf, Token } from './Token.tsx';

/** How far from the card the cross sits on the cable. */
const BEFORE = 17;
const ALONG = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6];
const CANDIDATES: readonly Point[] = [0, 26, -26, 44, -44, 64, -64, 90, -90, 120, -120].flatMap(y =>
  [0, 50, -50, 100, -100, 160, -160].map(x => ({ x, y })),
);

/** The cable seen from the host that said no. */
function cableFrom(layout: Layout, { motion }: Failure): Curve | null {
  const curve = cableOf(layout, motion.from, motion.to);
  if (curve === null || motion.reply) return curve;
  const [a, b, c, d] = curve;
  return [d, c, b, a];
}

function crossOn(curve: Curve): Point {
  for (let t = 0.02; t < 0.5; t += 0.02) {
    const point = pointAt(curve, t);
    if (Math.hypot(point.x - curve[0].x, point.y - curve[0].y) >= BEFORE) return point;
  }
  return pointAt(curve, 0.5);
}

/** Near the cross, on no card and no letter where that can be. */
function quotePlace(curve: Curve, cross: Point, extent: Extent, layout: Layout, lying: Box | null): Point {
  const walls: Box[] = [...layout.stations, { x: cross.x - 11, y: cross.y - 11, w: 22, h: 22 }];
  if (lying !== null) walls.push(lying);
  const signs = signBoxes(layout);
  let best = pointAt(curve, 0.5);
  let least = Number.POSITIVE_INFINITY;
  for (const t of ALONG) {
    for (const by of CANDIDATES) {
      const on = pointAt(curve, t);
      const point = onDrawing({ x: on.x + by.x, y: on.y + by.y }, extent, layout);
      const box = { x: point.x - extent.w - 4, y: point.y - extent.h - 4, w: 2 * extent.w + 8, h: 2 * extent.h + 8 };
      const hidden = walls.filter(wall => overlap(box, wall)).length;
      const signed = signs.filter(sign => overlap(box, sign)).length;
      const cost = hidden * 400 + signed * 120 + Math.hypot(point.x - cross.x, point.y - cross.y);
      if (cost < least) [best, least] = [point, cost];
    }
  }
  return best;
}

const unheard = (motion: Motion): Motion =>
  motion.kind === 'dial' ? { ...motion, kind: 'line', reply: true, label: ['no answer'] } : motion;

interface RefusalProps {
  readonly layout: Layout;
  readonly story: Story;
  readonly scene: Scene;
  readonly onInspect: (target: Inspect) => void;
}

export const Refusal = memo(function Refusal({ layout, story, scene, onInspect }: RefusalProps) {
  const failure = failureIn(story, scene);
  // While it is still on its way, what flies says it.
  if (failure === null || (scene.step?.jump ?? 0) > 0) return null;
  if (scene.motion !== null && scene.step?.index === failure.step) return null;
  const focus = scene.state.letters.find(({ id }) => id === scene.state.focus);
  return <Quote key={failure.step} layout={layout} failure={failure} at={focus?.at ?? null} onInspect={onInspect} />;
});

interface QuoteProps extends Pick<RefusalProps, 'layout' | 'onInspect'> {
  readonly failure: Failure;
  /** Where the letter lies. */
  readonly at: string | null;
}

function Quote({ layout, failure, at, onInspect }: QuoteProps) {
  const said = unheard(failure.motion);
  const drawn = useMemo(() => {
    const curve = cableFrom(layout, failure);
    if (curve === null) return null;
    const cross = crossOn(curve);
    const extent = extentOf(said, layout.shape);
    const lying = at === null ? null : envelopePlace(layout, at);
    return { cross, extent, place: quotePlace(curve, cross, extent, layout, lying) };
  }, [layout, failure, said, at]);
  if (drawn === null) return null;
  const { cross, place, extent } = drawn;
  return (
    <g className={failure.verdict === 'no' ? 'refusal' : 'refusal wait'}>
      <g
        {...decoration}
        className={failure.verdict === 'no' ? 'cross' : 'cross wait'}
        transform={`translate(${cross.x} ${cross.y})`}
      >
        <circle r="9.5" />
        <g transform="scale(0.86)">
          <VerdictMark verdict={failure.verdict} />
        </g>
      </g>
      <g transform={`translate(${place.x} ${place.y})`}>
        <Token motion={said} shape={layout.shape} />
        <Hit
          box={{ x: -extent.w, y: -extent.h, w: 2 * extent.w, h: 2 * extent.h }}
          label={`${said.label.join(' ')}, said by ${failure.host}`}
          onPress={() => onInspect({ kind: 'motion', step: failure.step })}
        />
      </g>
    </g>
  );
}
