/** The picture on a story's card: who takes part, what moves and what failed, told in a second. Decoration: the card says the rest. */
import { type ReactNode, useMemo } from 'react';
import { sceneAt } from '../../../shared/story/scene.ts';
import type { Letter, Motion, Scene, Story } from '../../../shared/story/story.ts';
import type { HostId } from '../../../shared/world/world.ts';
import { restingPoint } from '../draw/Letters.tsx';
import { Token } from '../draw/Token.tsx';
import { Cables } from '../hosts/Cables.tsx';
import { lyingIn } from '../moment/asides.ts';
import { failureIn } from '../moment/failing.ts';
import { isOff, marksOf } from '../moment/marks.ts';
import { shortly } from '../moment/shortly.ts';
import { type Box, type Curve, centre, type Point, pathOf, pointAt } from '../plan/geometry.ts';
import { cableOf } from '../plan/layout.ts';
import { widthOf } from '../plan/measure.ts';
import { type Layout, stationOf } from '../plan/plan.ts';
import '../draw/stage.css';
import '../hosts/station.css';
import '../draw/envelope.css';
import '../draw/token.css';
import '../hosts/marks.css';
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
import { Arrow, Badge, Bolt, CLOCK, Jump, SmallLetter, Tile, Verdict } from './StillParts.tsx';
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
  // A line that is lost, and whoever stops in the middle of it, says nothing.
  const cut = scene.beat?.failed === true && failure === null && motion === null ? lit : [];
  const colour =
    failure?.verdict === 'wait'
      ? 'waiting'
      : failure !== null || cut.length > 0
        ? 'bad'
        : (litCable?.protocol ?? caption?.protocol ?? 'smtp');
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
      <Cut layout={layout} hosts={cut} />
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

/** Where it has broken off: on the cable between the two, or at the one who is left. */
function Cut({ layout, hosts: [one, other] }: { readonly layout: Layout; readonly hosts: readonly HostId[] }) {
  const curve = one === undefined || other === undefined ? null : cableOf(layout, one, other);
  if (one === undefined) return null;
  if (curve === null) return <Verdict card={stationOf(layout, one)} verdict="no" />;
  const { x, y } = pointAt(curve, 0.5);
  return (
    <>
      <path className="still-cut" d={pathOf(curve)} />
      <g transform={`translate(${x} ${y})`}>
        <Badge x={0} verdict="no" />
      </g>
    </>
  );
}

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
