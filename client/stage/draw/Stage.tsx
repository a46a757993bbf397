/** The stage: territories, cables, stations, the letter, and the one thing that moves. Draws `scene`; decides nothing. */
import { domAnimation, LazyMotion, type MotionValue } from 'framer-motion';
import { type RefObject, useLayoutEffect, useMemo, useRef } from 'react';
import type { LetterNote } from '../../../shared/story/note.ts';
import type { Scene, Story } from '../../../shared/story/story.ts';
import type { HostId } from '../../../shared/world/world.ts';
import { CableMarks } from '../hosts/CableMarks.tsx';
import { Cables } from '../hosts/Cables.tsx';
import { Pressable } from '../hosts/Hit.tsx';
import { Stations } from '../hosts/Stations.tsx';
import { failureIn } from '../moment/failing.ts';
import { type Fit, type Frame, type Framing, fitOf, frameOf, liftOf, useFrame } from '../moment/frame.ts';
import { useStill } from '../moment/still.ts';
import type { Inspect } from '../plan/inspect.ts';
import { layoutOf } from '../plan/layout.ts';
import { type Layout, stationOf } from '../plan/plan.ts';
import { Asides } from './Asides.tsx';
import { Clock } from './Clock.tsx';
import { usePrecomputedDetours } from './detour-offset.ts';
import { Ground } from './Ground.tsx';
import { Letters } from './Letters.tsx';
import { Moving } from './Moving.tsx';
import { Refusal } from './Refusal.tsx';
import './stage.css';
import '../hosts/station.css';
import './envelope.css';
import './token.css';
import '../hosts/marks.css';
import './stage-page.css';

export interface StageProps {
  readonly story: Story;
  readonly scene: Scene;
  /** What is said under a letter: a figure has the words in its file, and carries none. */
  readonly noteText: (note: LetterNote) => string;
  /** Story time in milliseconds, set every frame. */
  readonly time: MotionValue<number>;
  /** Null where nothing on the stage can be pressed. */
  readonly onInspect: ((target: Inspect) => void) | null;
  /** How it is drawn in the room that it has. */
  readonly framing?: Framing;
  /** Whether things are to be still; left out, the system and the page say so. */
  readonly still?: boolean;
  /** Whether a mail client outside the box may be shown before it took part. */
  readonly visitor: boolean;
}

/** True once the visitor of this world has a part in what is shown. */
export function visitorPlays(scene: Scene): boolean {
  const { world, connections, letters } = scene.state;
  const ids = world.hosts.filter(({ kind }) => kind === 'visitor').map(({ id }) => id);
  return ids.some(
    id =>
      scene.lit.includes(id) ||
      connections.some(({ client, server }) => client === id || server === id) ||
      letters.some(letter => letter.at === id || letter.responsible === id),
  );
}

/** CSS pixels around a card that is scrolled to. */
const MARGIN = 24;

/** Where the stage scrolls, what takes part is scrolled to. */
function useLitInSight(
  root: RefObject<HTMLElement | null>,
  layout: Layout,
  lit: readonly HostId[],
  { tall, unit }: Fit & { readonly tall: boolean },
) {
  useLayoutEffect(() => {
    const element = root.current;
    const cards = layout.stations.filter(({ host }) => lit.includes(host));
    if (!tall || element === null || cards.length === 0) return;
    const top = Math.min(...cards.map(({ y }) => y)) * unit - MARGIN;
    const bottom = Math.max(...cards.map(({ y, h }) => y + h)) * unit + MARGIN;
    const { scrollTop, clientHeight } = element;
    if (top < scrollTop || bottom - top > clientHeight) element.scrollTop = top;
    else if (bottom > scrollTop + clientHeight) element.scrollTop = bottom - clientHeight;
  }, [root, layout, lit, tall, unit]);
}

/** Where nothing scrolls, the sheet is moved: by the scene alone, so that a seek finds it where it was. */
function liftIn(frame: Frame, { height, unit }: Fit, { stations }: Layout, { lit, state }: Scene): number {
  if (height === null) return 0;
  const focus = state.letters.find(({ id }) => id === state.focus)?.at;
  const part = lit.length > 0 ? lit : focus === undefined ? [] : [focus];
  const cards = stations.filter(({ host }) => part.includes(host));
  if (cards.length === 0) return 0;
  const top = Math.min(...cards.map(({ y }) => y)) * unit - MARGIN;
  const bottom = Math.max(...cards.map(({ y, h }) => y + h)) * unit + MARGIN;
  return liftOf(frame, height, top, bottom);
}

const nothing = (): void => undefined;

export function Stage(props: StageProps) {
  const root = useRef<HTMLDivElement>(null);
  const frame = useFrame(root, props.framing ?? frameOf);
  return frame === null ? <div className="stage" ref={root} /> : <Drawing {...props} root={root} frame={frame} />;
}

interface DrawingProps extends Omit<StageProps, 'framing'> {
  readonly root: RefObject<HTMLDivElement | null>;
  readonly frame: Frame;
}

function Drawing({
  root,
  frame,
  story,
  scene,
  noteText,
  time,
  onInspect: inspect,
  still: told,
  visitor,
}: DrawingProps) {
  const wished = useStill();
  const still = told ?? wished;
  const onInspect = inspect ?? nothing;
  const { world } = scene.state;
  const outside = visitor || visitorPlays(scene);
  const layout = useMemo(
    () => layoutOf(world, frame.shape, outside, { w: frame.w, h: frame.h, terse: frame.terse ?? false }),
    [world, frame.shape, frame.w, frame.h, frame.terse, outside],
  );
  const fit = fitOf(frame, layout);
  const lift = frame.contained ? liftIn(frame, fit, layout, scene) : 0;
  useLitInSight(root, layout, scene.lit, fit);
  usePrecomputedDetours(layout, story, scene);
  const beyond = frame.contained && fit.height !== null ? fit.height - lift - frame.room.h : 0;
  const cut = `${lift > 0 ? ' more-above' : ''}${beyond > 1 ? ' more-below' : ''}`;
  const jumps = (scene.step?.jump ?? 0) > 0 && scene.motion === null;
  const failing = failureIn(story, scene);
  const leadsNowhere = failing !== null && stationOf(layout, failing.host) === undefined;
  const drawing = { viewBox: `0 0 ${layout.w} ${layout.h}`, preserveAspectRatio: 'xMidYMid meet' };
  return (
    <LazyMotion features={domAnimation} strict>
      <Pressable value={inspect !== null}>
        <div
          className={`stage ${frame.shape}${fit.tall ? ' tall' : ''}${cut}`}
          ref={root}
          style={
            frame.shape === 'narrow' && fit.height !== null && !frame.contained ? { height: fit.height } : undefined
          }
        >
          <div
            className="stage-sheet"
            style={
              fit.height === null
                ? undefined
                : { height: fit.height, transform: lift === 0 ? undefined : `translateY(${-lift}px)` }
            }
          >
            <svg {...drawing} role={inspect === null ? 'img' : 'group'} aria-label={`The stage: ${world.name}`}>
              <Ground layout={layout} quiet={jumps || leadsNowhere} />
              <Cables layout={layout} story={story} scene={scene} />
              <CableMarks layout={layout} world={world} onInspect={onInspect} />
              <Stations layout={layout} story={story} scene={scene} onInspect={onInspect} />
              <Asides layout={layout} scene={scene} onInspect={onInspect} />
              <Letters layout={layout} story={story} scene={scene} noteText={noteText} onInspect={onInspect} />
              <Refusal layout={layout} story={story} scene={scene} onInspect={onInspect} />
            </svg>
            {/* What moves lies on sheets of its own, so that a frame draws nothing else anew. */}
            <svg {...drawing} className="stage-air" aria-hidden="true">
              <Clock layout={layout} story={story} scene={scene} time={time} still={still} />
            </svg>
            <div className="stage-air" style={{ left: fit.x, top: fit.y }}>
              <Moving
                layout={layout}
                story={story}
                scene={scene}
                time={time}
                still={still}
                unit={fit.unit}
                onInspect={onInspect}
              />
            </div>
          </div>
        </div>
      </Pressable>
    </LazyMotion>
  );
}
