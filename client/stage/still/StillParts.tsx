/** What stills are put together from, each thing so large that one sees what it is. */
import type { Letter } from '../../../shared/story/story.ts';
import { Glyph, VerdictMark } from '../hosts/glyphs.tsx';
import type { Point } from '../plan/geometry.ts';
import type { Station } from '../plan/plan.ts';
import { ENVELOPE } from './miniature.ts';

interface TileProps {
  readonly card: Station;
  readonly look: string;
  readonly fault: boolean;
  readonly locked: boolean;
}

export function Tile({ card: { x, y, w, h, size, icon, name }, look, fault, locked }: TileProps) {
  const full = size === 'full';
  return (
    <g className={`station ${look}`} transform={`translate(${x} ${y})`}>
      <rect className="station-card" width={w} height={h} rx={full ? 8 : 6} />
      <g className="station-inside">
        {full ? (
          <g transform={`translate(${w / 2} 14) scale(0.54)`}>
            <Glyph icon={icon} />
          </g>
        ) : null}
        <text className="station-name" x={w / 2} y={full ? 35.5 : 13.5} textAnchor="middle">
          {name}
        </text>
      </g>
      {fault ? <Bolt x={-2} y={h + 1} /> : null}
      {locked ? (
        <g className="padlock" transform={`translate(${w - 2} 1) scale(0.62)`}>
          <circle r="12.5" />
          <path d="M-3.2-1.2v-2.6a3.2 3.2 0 0 1 6.4 0v2.6" />
          <rect x="-5" y="-1.2" width="10" height="7.4" rx="1.6" />
        </g>
      ) : null}
    </g>
  );
}

/** A fault in force. */
export const Bolt = ({ x, y }: Point) => (
  <g className="still-bolt" transform={`translate(${x} ${y})`}>
    <circle className="fault-paper" r="8" />
    <path className="fault-bolt" d="M1.4-5.4-3.4.9h2.8L-1.4 5.4 3.4-.9H.6z" />
  </g>
);

/** Which way it goes. */
export const Arrow = ({ x, y, angle, tone }: Point & { readonly angle: number; readonly tone: string }) => (
  <path className={`still-arrow ${tone}`} d="m-5-5 7 5-7 5" transform={`translate(${x} ${y}) rotate(${angle})`} />
);

const { w: EW, h: EH } = ENVELOPE;

export function SmallLetter({
  letter,
  at,
  count,
}: {
  readonly letter: Letter;
  readonly at: Point;
  readonly count: number;
}) {
  const lost = letter.place === 'refused' || letter.place === 'given-up';
  const verdict = letter.place === 'inbox' ? 'ok' : lost ? 'no' : letter.deferred !== null ? 'wait' : null;
  return (
    <g
      className={letter.report === null ? 'letter' : 'letter report'}
      transform={`translate(${at.x - EW / 2} ${at.y - EH / 2})`}
    >
      {count > 1 ? <rect className="letter-paper" x="4" y="-4" width={EW} height={EH} rx="3.5" /> : null}
      <rect className="letter-paper" width={EW} height={EH} rx="3.5" />
      <rect
        className="letter-air"
        x="1.6"
        y="1.6"
        width={EW - 3.2}
        height={EH - 3.2}
        rx="2.4"
        stroke={letter.report === null ? 'url(#still-airmail)' : '#8b8577'}
      />
      <path className="letter-fold" d={`M5 5 ${EW / 2} ${EH * 0.58} ${EW - 5} 5`} />
      {verdict === null ? null : <Badge x={EW} verdict={verdict} />}
      {count > 1 ? (
        <g className="times" transform={`translate(${EW - 9} ${EH - 9})`}>
          <rect width={12 + 6.6 * String(count).length} height="16" rx="8" />
          <text x={(12 + 6.6 * String(count).length) / 2} y="12" textAnchor="middle">
            ×{count}
          </text>
        </g>
      ) : null}
    </g>
  );
}

export const Badge = ({ x, verdict }: { readonly x: number; readonly verdict: 'ok' | 'no' | 'wait' }) => (
  <g className={`still-badge ${verdict}`} transform={`translate(${x} 0)`}>
    <circle r="8.5" />
    <g transform="scale(0.8)">
      <VerdictMark verdict={verdict} />
    </g>
  </g>
);

export const Verdict = ({ card, verdict }: { readonly card: Station | undefined; readonly verdict: 'no' | 'wait' }) =>
  card === undefined ? null : (
    <g
      transform={`translate(${card.x + card.w + (card.size === 'full' ? -2 : 4)} ${card.y + (card.size === 'full' ? 1 : -2)})`}
    >
      <Badge x={0} verdict={verdict} />
    </g>
  );

/** What a clock and its words take. */
export const CLOCK = { w: 64, h: 66 };

export const Jump = ({ at, words }: { readonly at: Point; readonly words: string }) => (
  <g className="clock" transform={`translate(${at.x} ${at.y - 8})`}>
    <circle className="clock-face" r="23" />
    <path className="clock-hour" d="M0-18v4M0 18v-4M18 0h-4M-18 0h4" />
    <path className="clock-hand" d="M0 2V-10" transform="rotate(70)" />
    <path className="clock-hand thin" d="M0 3V-16" />
    <circle className="clock-pin" r="2" />
    <text y="38" textAnchor="middle">
      {words}
    </text>
  </g>
);
