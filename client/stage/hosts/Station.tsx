/** A host as a card: picture, name and address. What hangs on it is drawn over all cards. */
import { memo } from 'react';
import type { Fault } from '../../../shared/faults/fault.ts';
import type { Protocol } from '../../../shared/protocols.ts';
import type { HostState } from '../../../shared/story/story.ts';
import type { Host } from '../../../shared/world/world.ts';
import { isOff } from '../moment/marks.ts';
import { ICON_ROOM, linesOn } from '../plan/cards.ts';
import type { Inspect } from '../plan/inspect.ts';
import type { Station as Card, Shape } from '../plan/plan.ts';
import { counts } from './counts.ts';
import { Glyph } from './glyphs.tsx';
import { Hit } from './Hit.tsx';
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
  if (nextTry !== null) more.push(nextTry === 'now' ? 'next try now' : `next try in ${nextTry}`);
  return [...drawn, ...more].join(', ');
}

export const Station = memo(function Station(props: StationProps) {
  const { card, shape, lit, dim, failing, faults, onInspect } = props;
  const { x, y, w, h, size, icon, nameLines, lines } = card;
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
  const { glyph, baselines } = linesOn(card, shape);
  return (
    <g className={look.filter(Boolean).join(' ')} transform={`translate(${x} ${y})`}>
      <g {...decoration}>
        <rect className="station-focus" x="-5" y="-5" width={w + 10} height={h + 10} rx="20" />
        <rect className="station-card" width={w} height={h} rx={wide && !beside && h > 40 ? 16 : 12} />
        <g className="station-inside">
          {size !== 'quiet' ? (
            <g
              transform={
                beside
                  ? `translate(${size === 'row' ? 19 : 21} ${h / 2}) scale(${size === 'row' ? 0.52 : 0.58})`
                  : `translate(${w / 2} ${glyph})`
              }
            >
              <Glyph icon={icon} />
            </g>
          ) : null}
          {nameLines.map((line, index) => (
            <text key={line} className="station-name" x={text.x} y={baselines[index]} textAnchor={text.anchor}>
              {line}
            </text>
          ))}
          {lines.map((line, index) => (
            <text
              key={line.text}
              className={line.mono ? 'station-line mono' : 'station-line'}
              x={text.x}
              y={baselines[nameLines.length + index]}
              textAnchor={text.anchor}
            >
              {line.text}
            </text>
          ))}
        </g>
      </g>
      <Hit
        box={{ x: 0, y: 0, w, h }}
        label={spoken(props)}
        onPress={() => onInspect({ kind: 'host', host: card.host })}
      />
    </g>
  );
});
