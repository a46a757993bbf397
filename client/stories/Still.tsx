/** The picture on a story's card: who takes part, what moves and what failed, told in a second. Decoration: the card says the rest. */
import { type ReactNode, useMemo } from 'react';
import { sceneAt } from '../../shared/story/scene.ts';
import type { Letter, Motion, Scene, Story } from '../../shared/story/story.ts';
import { lyingIn } from '../stage/asides.ts';
import { Cables } from '../stage/Cables.tsx';
import { failureIn } from '../stage/failing.ts';
import { type Box, type Curve, centre, type Point, pathOf, pointAt } from '../stage/geometry.ts';
import { Glyph, VerdictMark } from '../stage/glyphs.tsx';
import { restingPoint } from '../stage/Letters.tsx';
import { cableOf } from '../stage/layout.ts';
import { isOff, marksOf } from '../stage/marks.ts';
import { widthOf } from '../stage/measure.ts';
import { type Layout, type Station, stationOf } from '../stage/plan.ts';
import { shortly } from '../stage/shortly.ts';
import { Token } from '../stage/Token.tsx';
import '../stage/stage.css';
import '../stage/station.css';
import '../stage/envelope.css';
import '../stage/token.css';
import '../stage/marks.css';
import {
  alongOf,
  brief,
  ENVELOPE,
  headingAt,
  SIZES,
  sizeOf,
  smallLayout,
  spotFor,
  TYPE,
  tellingMoment,
  wayOf,
} from './miniature.ts';
import './still.css';

/** A moment of a story that says what it is about. */
export interface Picture {
  readonly story: Story;
  readonly scene: Scene;
}

/** `t`: milliseconds of story time. */
export const pictureOf = (story: Story, t: number): Picture => ({
  story,
  scene: sceneAt(story, tellingMoment(story, t)),
});

/** The paints that all stills share. Drawn once, before the first of them. */
export const StillPaints = (): ReactNode => (
  <svg className="still-paints" width="0" height="0" aria-hidden="true" focusable="false">
    <defs>
      <pattern id="still-dots" width="14" height="14" patternUnits="userSpaceOnUse">
        <circle className="ground-dot" cx="1" cy="1" r="0.8" />
      </pattern>
      <pattern id="still-airmail" width="11" height="11" patternUnits="userSpaceOnUse" patternTransform="rotate(42)">
        <rect className="air-paper" width="11" height="11" />
        <rect className="air-red" width="3.2" height="11" />
        <rect className="air-blue" x="5.5" width="3.2" height="11" />
      </pattern>
    </defs>
  </svg>
);

interface StillProps {
  readonly picture: Picture;
  readonly size: keyof typeof SIZES;
}

export function Still({ picture: { story, scene }, size }: StillProps): ReactNode {
  const { state, lit, litCable, caption, motion, step } = scene;
  const layout = useMemo(() => smallLayout(story, scene, SIZES[size]), [story, scene, size]);
  const failure = failureIn(story, scene);
  const marks = marksOf(state.world);
  const colour =
    failure === null
      ? (litCable?.protocol ?? caption?.protocol ?? 'smtp')
      : failure.verdict === 'no'
        ? 'bad'
        : 'waiting';
  const jump = motion === null ? (step?.jump ?? 0) : 0;
  const lying = lyingIn(scene);
  const rests = lying === null ? null : restingPoint(layout, lying.letter.at);
  const way = motion === null ? null : wayOf(layout, motion);
  const walls = [
    ...layout.stations,
    ...signs(layout),
    ...(rests === null ? [] : [around(rests)]),
    ...(way === null ? [] : alongOf(way)),
  ];
  const { w, h } = layout;
  return (
    <svg className="still" viewBox={`0 0 ${w} ${h}`} aria-hidden="true" focusable="false">
      <rect width={w} height={h} fill="url(#still-dots)" />
      {layout.territories.map(({ domain, tone, sign, ...box }) => (
        <g key={domain} className={`territory ${tone}`}>
          <rect x={box.x} y={box.y} width={box.w} height={box.h} rx="10" />
          <text x={sign?.x ?? box.x} y={sign?.y ?? box.y} textAnchor={sign?.anchor ?? 'start'}>
            {domain}
          </text>
        </g>
      ))}
      <Cables layout={layout} story={story} scene={scene} />
      {marks.cables.map(({ from, to }) => {
        const curve = cableOf(layout, from, to);
        return curve === null ? null : (
          <g key={`${from} ${to}`}>
            <path className="fault-cable" d={pathOf(curve)} />
            <Bolt {...pointAt(curve, 0.5)} />
          </g>
        );
      })}
      {way === null ? null : <Arrow {...headingAt(way, 0.82)} tone={colour} />}
      {layout.stations.map(card => {
        const takesPart = lit.includes(card.host);
        const look = [
          takesPart ? `lit ${colour}` : lit.length > 0 ? 'dim' : '',
          isOff(marks.hosts.get(card.host)) ? 'off' : '',
        ];
        return (
          <Tile
            key={card.host}
            card={card}
            look={look.join(' ')}
            fault={marks.hosts.has(card.host)}
            locked={state.hosts[card.host]?.locked === true}
          />
        );
      })}
      {lying === null || rests === null ? null : (
        <SmallLetter letter={lying.letter} at={rests} count={lying.under + 1} />
      )}
      {failure === null ? null : <Verdict card={stationOf(layout, failure.host)} verdict={failure.verdict} />}
      {jump === 0 ? null : (
        <Jump at={spotFor(layout, { x: w / 2, y: h * 0.6 }, CLOCK, walls)} words={`+ ${shortly(jump)}`} />
      )}
      {motion !== null ? (
        <Moves layout={layout} scene={scene} motion={motion} way={way} walls={walls} />
      ) : failure !== null && jump === 0 ? (
        <Said layout={layout} motion={failure.motion} walls={walls} />
      ) : null}
    </svg>
  );
}

interface SaidProps {
  readonly layout: Layout;
  readonly motion: Motion;
  readonly walls: readonly Box[];
}

/** The letter beside its cable, or what is said there. */
function Moves({ scene, way, ...said }: SaidProps & { readonly scene: Scene; readonly way: Curve | null }) {
  const { layout, motion, walls } = said;
  if (motion.kind !== 'letter') return <Said {...said} />;
  const named = ({ id }: Letter): boolean => id === motion.letter;
  const letter = scene.state.letters.find(named) ?? scene.step?.after.letters.find(named);
  if (letter === undefined || way === null) return null;
  return <SmallLetter letter={letter} at={spotFor(layout, pointAt(way, 0.5), ENVELOPE, walls)} count={1} />;
}

const around = ({ x, y }: Point): Box => ({ x: x - 25, y: y - 17, w: 50, h: 34 });

const signs = ({ territories }: Layout): readonly Box[] =>
  territories.flatMap(({ domain, sign }) =>
    sign === undefined ? [] : [{ x: sign.x, y: sign.y - 10, w: widthOf(domain, TYPE, 'bold'), h: 13 }],
  );

interface TileProps {
  readonly card: Station;
  readonly look: string;
  readonly fault: boolean;
  readonly locked: boolean;
}

function Tile({ card: { x, y, w, h, size, icon, name }, look, fault, locked }: TileProps) {
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
const Bolt = ({ x, y }: Point) => (
  <g className="still-bolt" transform={`translate(${x} ${y})`}>
    <circle className="fault-paper" r="8" />
    <path className="fault-bolt" d="M1.4-5.4-3.4.9h2.8L-1.4 5.4 3.4-.9H.6z" />
  </g>
);

/** Which way it goes. */
const Arrow = ({ x, y, angle, tone }: Point & { readonly angle: number; readonly tone: string }) => (
  <path className={`still-arrow ${tone}`} d="m-5-5 7 5-7 5" transform={`translate(${x} ${y}) rotate(${angle})`} />
);

const { w: EW, h: EH } = ENVELOPE;

function SmallLetter({ letter, at, count }: { readonly letter: Letter; readonly at: Point; readonly count: number }) {
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

const Badge = ({ x, verdict }: { readonly x: number; readonly verdict: 'ok' | 'no' | 'wait' }) => (
  <g className={`still-badge ${verdict}`} transform={`translate(${x} 0)`}>
    <circle r="8.5" />
    <g transform="scale(0.8)">
      <VerdictMark verdict={verdict} />
    </g>
  </g>
);

const Verdict = ({ card, verdict }: { readonly card: Station | undefined; readonly verdict: 'no' | 'wait' }) =>
  card === undefined ? null : (
    <g transform={`translate(${card.x + card.w - 2} ${card.y + 1})`}>
      <Badge x={0} verdict={verdict} />
    </g>
  );

const CLOCK = { w: 64, h: 66 };

const Jump = ({ at, words }: { readonly at: Point; readonly words: string }) => (
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

/** What is said, beside the cable on which it is said. */
function Said({ layout, motion, walls }: SaidProps) {
  const said = brief(motion);
  const curve = wayOf(layout, motion);
  const station = stationOf(layout, motion.to);
  const wanted = curve !== null ? pointAt(curve, 0.5) : station === undefined ? null : centre(station);
  if (wanted === null) return null;
  const { x, y } = said.kind === 'dial' ? wanted : spotFor(layout, wanted, sizeOf(said), walls);
  return (
    <g transform={`translate(${x} ${y})`}>
      <Token motion={said} shape="narrow" />
    </g>
  );
}
