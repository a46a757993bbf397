/** A host as a card: picture, name, address, and what it holds now. */
import { memo } from 'react';
import type { HostState, Protocol } from '../../shared/story/story.ts';
import type { Fault } from '../../shared/world/fault.ts';
import type { Host } from '../../shared/world/world.ts';
import { ICON_ROOM } from './cards.ts';
import { Glyph } from './glyphs.tsx';
import { Hit } from './Hit.tsx';
import type { Inspect } from './inspect.ts';
import { Mark, markIn } from './Mark.tsx';
import { isOff } from './marks.ts';
import { widthOf } from './measure.ts';
import type { Station as Card, Shape } from './plan.ts';
import { decoration } from './pressed.ts';

export interface StationProps {
  readonly card: Card;
  readonly host: Host | undefined;
  readonly shape: Shape;
  readonly state: HostState | undefined;
  /** The colour of its edge while it takes part; null while it does not. */
  readonly lit: Protocol | null;
  readonly dim: boolean;
  /** It has just said no, or not now, or could not be reached. */
  readonly failing: 'no' | 'wait' | null;
  /** It must deliver the letter or report failure now (RFC 5321 §6.1). */
  readonly responsible: boolean;
  /** The faults that will strike here. */
  readonly faults: readonly [Fault, ...Fault[]] | undefined;
  /** In how long the queue tries its next letter, "4 min"; null where none waits. */
  readonly nextTry: string | null;
  readonly onInspect: (target: Inspect) => void;
}

/** Below this width of a row card the seal stands without its word. */
const BRIEF_BELOW = 150;

const counts = (state: HostState | undefined): [string, number][] =>
  state === undefined
    ? []
    : [
        ['queue', state.queue] as [string, number],
        ['mailbox', state.mailbox] as [string, number],
        ['inbox', state.inbox] as [string, number],
      ].filter(([, n]) => n > 0);

/** What is drawn, in the order drawn, so that who speaks to the page can say what they see (WCAG 2.5.3); then what it means. */
function spoken({ card, host, state, failing, responsible, faults, nextTry }: StationProps): string {
  const drawn = [card.name, ...card.lines.map(line => line.text)];
  const seen = drawn.join(' ');
  if (responsible) drawn.push('responsible');
  for (const [name, n] of counts(state).reverse()) drawn.push(`${name} ${n}`);
  const more = [card.host, host?.addresses[0]].filter(part => part !== undefined && !seen.includes(part));
  if (state?.locked === true) more.push('mailbox locked by a POP3 session');
  if (failing !== null) more.push(failing === 'no' ? 'refused' : 'not now');
  if (isOff(faults)) more.push('switched off');
  if (nextTry !== null) more.push(`next try in ${nextTry}`);
  return [...drawn, ...more].join(', ');
}

export const Station = memo(function Station(props: StationProps) {
  const { card, shape, state, lit, dim, failing, responsible, faults, nextTry, onInspect } = props;
  const { x, y, w, h, size, icon, name, lines } = card;
  const wide = shape === 'wide';
  const look = [
    'station',
    size,
    shape,
    failing === null ? (lit ?? '') : failing === 'no' ? 'failing' : 'waiting',
    lit !== null || failing !== null ? 'lit' : '',
    dim ? 'dim' : '',
    isOff(faults) ? 'off' : '',
  ];
  const beside = size === 'row' || (size === 'full' && !wide);
  const text =
    wide && !beside
      ? { x: w / 2, anchor: 'middle' as const }
      : { x: beside ? (size === 'row' ? ICON_ROOM.row : ICON_ROOM.full) : 10, anchor: 'start' as const };
  const first = wide && !beside ? (size === 'full' ? (h < 90 ? 58 : 65) : h < 50 ? 18 : 23) : h / 2 - 4;
  const step = wide ? 16.5 : 17;
  return (
    <g className={look.filter(Boolean).join(' ')} transform={`translate(${x} ${y})`}>
      <g {...decoration}>
        <rect className="station-focus" x="-5" y="-5" width={w + 10} height={h + 10} rx="20" />
        <rect className="station-card" width={w} height={h} rx={wide && !beside ? 16 : 12} />
        <g className="station-inside">
          {size !== 'quiet' ? (
            <g
              transform={
                beside
                  ? `translate(${size === 'row' ? 19 : 21} ${h / 2}) scale(${size === 'row' ? 0.52 : 0.58})`
                  : `translate(${w / 2} ${h < 90 ? 24 : 29})`
              }
            >
              <Glyph icon={icon} />
            </g>
          ) : null}
          <text className="station-name" x={text.x} y={first} textAnchor={text.anchor}>
            {name}
          </text>
          {lines.map((line, index) => (
            <text
              key={line.text}
              className={line.mono ? 'station-line mono' : 'station-line'}
              x={text.x}
              y={first + step * (index + 1)}
              textAnchor={text.anchor}
            >
              {line.text}
            </text>
          ))}
        </g>
        {responsible ? <Responsible wide={wide} brief={size === 'row' && w < BRIEF_BELOW} /> : null}
        {failing === null ? null : <Verdict x={wide ? w - 4 : w - 12} verdict={failing} />}
        {state?.locked === true && failing === null ? <Padlock x={wide ? w - 3 : w - 16} /> : null}
        <Counts state={state} w={w} h={h} brief={size === 'row'} nextTry={nextTry} />
      </g>
      <Hit
        box={{ x: 0, y: 0, w, h }}
        label={spoken(props)}
        onPress={() => onInspect({ kind: 'host', host: card.host })}
      />
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
  const { w, h, size, name } = card;
  const common = { faults, shape, where: `at ${name}`, onInspect };
  if (size === 'row') {
    const right = w - (failing !== null || state?.locked === true ? 22 : 6);
    const left = !responsible ? 8 : w < BRIEF_BELOW ? 34 : 116;
    return <Mark {...common} x={right} y={-15} end room={right - left} />;
  }
  const y = size === 'quiet' ? h - 5 : h - 8;
  const taken = countsWidth(state, nextTry, false);
  if (taken > COUNTS_EDGE) return <Mark {...common} x={4} y={y} end={false} room={w - 8 - taken} />;
  // Alone on the edge, it may be wider than the card.
  const mark = markIn(faults, w + 32, shape);
  return <Mark {...common} x={Math.min(6, (w - mark.w) / 2)} y={y} end={false} room={mark.w} />;
}

/** A wax seal and one word, on the upper edge: it must deliver the letter or report failure (RFC 5321 §6.1). */
function Responsible({ wide, brief }: { readonly wide: boolean; readonly brief: boolean }) {
  return (
    <g className="responsible" transform={`translate(${brief ? 4 : 10} ${wide ? -12 : -13})`}>
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
function Verdict({ x, verdict }: { readonly x: number; readonly verdict: 'no' | 'wait' }) {
  return (
    <g className={verdict === 'no' ? 'cross' : 'cross wait'} transform={`translate(${x} 1)`}>
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
