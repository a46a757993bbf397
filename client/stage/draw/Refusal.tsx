/** What went wrong, where it went wrong: a cross at the end of the cable and the reply beside it, for as long as its beat is on. */
import { memo } from 'react';
import type { Motion, Scene, Story } from '../../../shared/story/story.ts';
import { VerdictMark } from '../hosts/glyphs.tsx';
import { Hit } from '../hosts/Hit.tsx';
import { decoration } from '../hosts/pressed.ts';
import { memoriesIn, pilesIn } from '../moment/asides.ts';
import { type Failure, failureIn } from '../moment/failing.ts';
import { crossOn, quotePlace } from '../moment/quote-place.ts';
import type { Box, Curve } from '../plan/geometry.ts';
import type { Inspect } from '../plan/inspect.ts';
import { cableOf } from '../plan/layout.ts';
import { envelopePlace } from '../plan/letter-place.ts';
import { fitEnd } from '../plan/measure.ts';
import { type Layout, stationOf } from '../plan/plan.ts';
import { extentOf, Token } from './Token.tsx';

/** The cable seen from the host that said no. */
function cableFrom(layout: Layout, { motion }: Failure): Curve | null {
  const curve = cableOf(layout, motion.from, motion.to);
  if (curve === null || motion.reply) return curve;
  const [a, b, c, d] = curve;
  return [d, c, b, a];
}

/** Where the whole reply finds no room: its code and a few words, or little more than the code. */
const BRIEFLY = [146, 88];

/** What stands beside the cross, the fullest first: what was said, or that nothing was. */
function quotes(motion: Motion, layout: Layout): readonly [Motion, ...Motion[]] {
  if (motion.kind === 'dial') {
    const label = stationOf(layout, motion.to) === undefined ? ['nobody at', motion.to] : ['no answer'];
    return [{ ...motion, kind: 'line', reply: true, label }];
  }
  const size = layout.shape === 'wide' ? 12.5 : 11.5;
  const within = (room: number) => ({ ...motion, label: motion.label.map(line => fitEnd(line, room, size, 'mono')) });
  return [motion, ...BRIEFLY.map(within)];
}

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
  const piles = pilesIn(layout, scene);
  const taken = [...piles, ...memoriesIn(layout, scene, piles)].map(({ box }) => box);
  const common = { layout, failure, taken, onInspect };
  return <Quote key={failure.step} {...common} at={focus?.at ?? null} />;
});

interface QuoteProps extends Pick<RefusalProps, 'layout' | 'onInspect'> {
  readonly failure: Failure;
  /** By what else lies about. */
  readonly taken: readonly Box[];
  /** Where the letter lies. */
  readonly at: string | null;
}

function Quote({ layout, failure, taken, at, onInspect }: QuoteProps) {
  const curve = cableFrom(layout, failure);
  if (curve === null) return null;
  const cross = crossOn(curve);
  const lying = at === null ? null : envelopePlace(layout, at);
  const [whole, ...briefly] = quotes(failure.motion, layout);
  const placed = (said: Motion) => {
    const extent = extentOf(said, layout.shape);
    return { said, extent, place: quotePlace(curve, cross, extent, layout, lying, taken) };
  };
  const first = placed(whole);
  const { said, extent, place } = first.place.hides
    ? (briefly.map(placed).find(each => !each.place.hides) ?? first)
    : first;
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
          label={`${whole.label.join(' ')}, said by ${failure.host}`}
          onPress={() => onInspect({ kind: 'motion', step: failure.step })}
        />
      </g>
    </g>
  );
}
