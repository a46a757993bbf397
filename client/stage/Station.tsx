/** A host as a card: picture, name, address, and what it holds now. */
import type { HostState, Protocol } from '../../shared/story/story.ts';
import type { Host } from '../../shared/world/world.ts';
import { ICON_ROOM } from './cards.ts';
import { Glyph } from './glyphs.tsx';
import { Hit } from './Hit.tsx';
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
  /** It has just refused, or could not be reached. */
  readonly failing: boolean;
  /** It must deliver the letter or report failure now (RFC 5321 §6.1). */
  readonly responsible: boolean;
  readonly onInspect: () => void;
}

const counts = (state: HostState | undefined): [string, number][] =>
  state === undefined
    ? []
    : [
        ['queue', state.queue] as [string, number],
        ['mailbox', state.mailbox] as [string, number],
        ['inbox', state.inbox] as [string, number],
      ].filter(([, n]) => n > 0);

/** What is drawn, in the order drawn, so that who speaks to the page can say what they see (WCAG 2.5.3); then what it means. */
function spoken({ card, host, state, failing, responsible }: StationProps): string {
  const drawn = [card.name, ...card.lines.map(line => line.text)];
  const seen = drawn.join(' ');
  if (responsible) drawn.push('responsible');
  for (const [name, n] of counts(state).reverse()) drawn.push(`${name} ${n}`);
  const more = [card.host, host?.addresses[0]].filter(part => part !== undefined && !seen.includes(part));
  if (state?.locked === true) more.push('mailbox locked by a POP3 session');
  if (failing) more.push('refused');
  return [...drawn, ...more].join(', ');
}

export function Station(props: StationProps) {
  const { card, shape, state, lit, dim, failing, responsible, onInspect } = props;
  const { x, y, w, h, size, icon, name, lines } = card;
  const wide = shape === 'wide';
  const look = [
    'station',
    size,
    shape,
    failing ? 'failing' : (lit ?? ''),
    lit !== null || failing ? 'lit' : '',
    dim ? 'dim' : '',
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
        {responsible ? <Responsible wide={wide} brief={size === 'row' && w < 150} /> : null}
        {failing ? <Cross x={wide ? w - 4 : w - 12} /> : null}
        {state?.locked === true && !failing ? <Padlock x={wide ? w - 3 : w - 16} /> : null}
        <Counts state={state} w={w} h={h} brief={size === 'row'} />
      </g>
      <Hit box={{ x: 0, y: 0, w, h }} label={spoken(props)} onPress={onInspect} />
    </g>
  );
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

function Cross({ x }: { readonly x: number }) {
  return (
    <g className="cross" transform={`translate(${x} 1)`}>
      <circle r="12.5" />
      <path d="m-4.4 -4.4 8.8 8.8M4.4 -4.4l-8.8 8.8" />
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
}

function Counts({ state, w, h, brief }: CountsProps) {
  let right = w - (brief ? 6 : 10);
  return counts(state)
    .reverse()
    .map(([name, n]) => {
      const label = brief ? `${n}` : `${name} ${n}`;
      const width = widthOf(label, 12.5, 'bold') + 31;
      right -= width;
      const x = right;
      right -= 4;
      return (
        <g key={name} className="count" transform={`translate(${x} ${h - 7})`}>
          <rect width={width} height="20" rx="10" />
          {n > 1 ? <path className="count-letter" d="M9.5 4.2h11v2" /> : null}
          <path className="count-letter" d="M7.5 6.2h11v8h-11zM7.5 6.6l5.5 4 5.5-4" />
          <text x="23" y="14.4">
            {label}
          </text>
        </g>
      );
    });
}
