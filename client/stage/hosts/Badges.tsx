/** What hangs on a card's edges: who is responsible, what went wrong, what it holds, which faults will strike. Over all cards, as it may reach into the next. */
import { memo } from 'react';
import type { Fault } from '../../../shared/faults/fault.ts';
import type { HostState } from '../../../shared/story/story.ts';
import { hangsAt } from '../plan/cards.ts';
import type { Point } from '../plan/geometry.ts';
import { widthOf } from '../plan/measure.ts';
import { counts } from './counts.ts';
import { Mark, markIn } from './Mark.tsx';
import { decoration } from './pressed.ts';
import type { StationProps } from './Station.tsx';

/** Below this width of a row card the seal stands without its word. */
const BRIEF_BELOW = 150;

/** How far from the upper edge of the drawing a verdict sits, at least: all of it is seen. */
const ON_DRAWING = 14;

/** How far the seal stands out above its card: on a low one the name stands high. */
const overEdge = ({ size, h }: StationProps['card'], wide: boolean): number =>
  !wide ? 13 : size === 'row' ? 18 : size === 'quiet' && h < 50 ? 15 : 12;

/** What is counted goes unnamed where the next card is near. */
const isBrief = ({ size }: StationProps['card'], nextTry: string | null): boolean =>
  size === 'row' || (size === 'quiet' && nextTry !== null);

export const Badges = memo(function Badges(props: StationProps) {
  const { card, shape, state, failing, responsible, faults, nextTry } = props;
  const { x, y, w, h, size } = card;
  const wide = shape === 'wide';
  return (
    <g className="badges" transform={`translate(${x} ${y})`}>
      <g {...decoration}>
        {responsible ? (
          <Responsible wide={wide} over={overEdge(card, wide)} brief={size === 'row' && w < BRIEF_BELOW} />
        ) : null}
        {failing === null ? null : (
          <Verdict x={wide ? w - 4 : w - 12} y={Math.max(1, ON_DRAWING - y)} verdict={failing} />
        )}
        {state?.locked === true && failing === null ? <Padlock x={wide ? w - 3 : w - 16} /> : null}
        <Counts state={state} w={w} h={h} brief={isBrief(card, nextTry)} nextTry={nextTry} />
      </g>
      {faults === undefined ? null : <OnCard {...props} faults={faults} />}
    </g>
  );
});

/** On the lower left corner; of a card with the next one close below it, on the upper right one, clear of the badges. */
function OnCard({
  card,
  shape,
  state,
  responsible,
  failing,
  nextTry,
  faults,
  onInspect,
}: StationProps & { readonly faults: readonly [Fault, ...Fault[]] }) {
  const { w, size, name } = card;
  const common = { faults, shape, where: `at ${name}`, onInspect };
  if (size === 'row') {
    const right = w - (failing !== null || state?.locked === true ? 22 : 6);
    const left = !responsible ? 8 : w < BRIEF_BELOW ? 34 : 116;
    return <Mark {...common} x={right} y={-15} end room={right - left} />;
  }
  const y = hangsAt(card, shape);
  const taken = countsWidth(state, nextTry, isBrief(card, nextTry));
  if (taken > COUNTS_EDGE) {
    // Beside them, where there is no room on the card half of it outside.
    const room = w - 8 - taken;
    const beside = w - taken - 4 - markIn(faults, room, shape).w;
    return <Mark {...common} x={Math.min(4, beside)} y={y} end={false} room={room} />;
  }
  // Alone on the edge, it may be wider than the card.
  const mark = markIn(faults, w + 32, shape);
  return <Mark {...common} x={Math.min(6, (w - mark.w) / 2)} y={y} end={false} room={mark.w} />;
}

/** A wax seal and one word, on the upper edge: it must deliver the letter or report failure (RFC 5321 §6.1). */
function Responsible({
  wide,
  over,
  brief,
}: {
  readonly wide: boolean;
  readonly over: number;
  readonly brief: boolean;
}) {
  return (
    <g className="responsible" transform={`translate(${brief ? 4 : 10} ${-over})`}>
      <rect width={brief ? 26 : 102} height={wide ? 23 : 20} rx="11.5" />
      <g transform={`translate(13 ${wide ? 11.5 : 10})`}>
        <path
          className="seal"
          d="M0-8.2 2.2-6.6 4.9-6.7 5.9-4.1 8-2.4 7.3.2 8.1 2.8 5.8 4.4 4.8 6.9 2.1 6.9 0 8.4-2.1 6.9-4.8 6.9-5.8 4.4-8.1 2.8-7.3.2-8-2.4-5.9-4.1-4.9-6.7-2.2-6.6z"
        />
        <path className="seal-mark" d="m-3 .2 2.2 2.2 3.8-4.4" />
      </g>
      {brief ? null : (
        <text x="25" y={wide ? 16 : 14.4}>
          responsible
        </text>
      )}
    </g>
  );
}

/** A cross for good, a clock for not now. */
function Verdict({ x, y, verdict }: Point & { readonly verdict: 'no' | 'wait' }) {
  return (
    <g className={verdict === 'no' ? 'cross' : 'cross wait'} transform={`translate(${x} ${y})`}>
      <circle r="12.5" />
      {verdict === 'no' ? (
        <path d="m-4.4 -4.4 8.8 8.8M4.4 -4.4l-8.8 8.8" />
      ) : (
        <path d="M0-6.2a6.2 6.2 0 1 0 .01 0zM0-3.2V.3l2.4 1.5" />
      )}
    </g>
  );
}

/** One POP3 session at a time (RFC 1939 §4). */
function Padlock({ x }: { readonly x: number }) {
  return (
    <g className="padlock" transform={`translate(${x} 0)`}>
      <circle r="12.5" />
      <path d="M-3.2-1.2v-2.6a3.2 3.2 0 0 1 6.4 0v2.6" />
      <rect x="-5" y="-1.2" width="10" height="7.4" rx="1.6" />
    </g>
  );
}

interface CountsProps {
  readonly state: HostState | undefined;
  readonly w: number;
  readonly h: number;
  /** Without the name of what is counted, where the next card is near. */
  readonly brief: boolean;
  readonly nextTry: string | null;
}

interface Count {
  readonly name: string;
  readonly n: number;
  readonly label: string;
  /** "4 min": when the next of it will be tried. */
  readonly until: string;
  readonly w: number;
}

function countChips(state: HostState | undefined, nextTry: string | null, brief: boolean): readonly Count[] {
  return counts(state).map(([name, n]) => {
    const label = brief ? `${n}` : `${name} ${n}`;
    const until = name === 'queue' ? (nextTry ?? '') : '';
    const w = widthOf(label, 12.5, 'bold') + 31 + (until === '' ? 0 : widthOf(until, 12.5, 'sans') + 22);
    return { name, n, label, until, w };
  });
}

const COUNTS_EDGE = 6;
/** What they take from the lower edge of a card, from its right. */
const countsWidth = (state: HostState | undefined, nextTry: string | null, brief: boolean): number =>
  countChips(state, nextTry, brief).reduce((sum, { w }) => sum + w + 4, COUNTS_EDGE);

function Counts({ state, w, h, brief, nextTry }: CountsProps) {
  let right = w - (brief ? 6 : 10);
  return countChips(state, nextTry, brief)
    .toReversed()
    .map(({ name, n, label, until, w: width }) => {
      right -= width;
      const x = right;
      right -= 4;
      const after = 23 + widthOf(label, 12.5, 'bold');
      return (
        <g key={name} className="count" transform={`translate(${x} ${h - 7})`}>
          <rect width={width} height="20" rx="10" />
          {n > 1 ? <path className="count-letter" d="M9.5 4.2h11v2" /> : null}
          <path className="count-letter" d="M7.5 6.2h11v8h-11zM7.5 6.6l5.5 4 5.5-4" />
          <text x="23" y="14.4">
            {label}
          </text>
          {until === '' ? null : (
            <>
              <path className="count-clock" d={`M${after + 13} 5.4a4.8 4.8 0 1 0 .01 0zm0 2.3v2.6l1.8 1.1`} />
              <text className="count-until" x={after + 21} y="14.4">
                {until}
              </text>
            </>
          )}
        </g>
      );
    });
}
