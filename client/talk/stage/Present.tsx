/** Present mode: the stage and its words fill a 16:9 area, large enough for the last row; everything around is gone. */

import {
  type CSSProperties,
  type ReactNode,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { noteText } from '../../../shared/explain/notes.ts';
import type { Scene, Story } from '../../../shared/story/story.ts';
import { visitorIn } from '../../player/navigate.ts';
import { questionOf, sceneBefore, scriptOf } from '../../player/questions.ts';
import { LiveRegion } from '../../session/LiveRegion.tsx';
import { time } from '../../session/travel.ts';
import { usePlayer } from '../../session/usePlayer.ts';
import { Stage } from '../../stage/draw/Stage.tsx';
import { type Framing, frameOf } from '../../stage/moment/frame.ts';
import { useHand } from '../present/hand.ts';
import { next } from '../present/moves.ts';
import { usePresentation } from '../present/usePresentation.ts';
import { Bar } from './Bar.tsx';
import { Marks } from './Marks.tsx';
import { Overview } from './Overview.tsx';
import { Ring } from './Ring.tsx';
import { Asked, Happening, Opening } from './Telling.tsx';
import './present.css';
import './present-edge.css';

/** The area is laid out at this size, and shown as large as the window allows: it looks the same on every projector. */
const WIDTH = 1280;
const HEIGHT = 720;

const scaleNow = (): number => Math.min(innerWidth / WIDTH, innerHeight / HEIGHT);

function useScale(): number {
  const [scale, setScale] = useState(scaleNow);
  useEffect(() => {
    const measure = (): void => setScale(scaleNow());
    measure();
    addEventListener('resize', measure);
    return () => removeEventListener('resize', measure);
  }, []);
  return scale;
}

/** Nobody can scroll it: all of it is seen at once. */
const unscrolled: Framing = (width, height) => ({ ...frameOf(width, height), contained: true });

interface DrawingProps {
  readonly story: Story;
  readonly scene: Scene;
  readonly ref: RefObject<HTMLDivElement | null>;
}

/** Nothing of it can be pressed: a click anywhere goes on. */
function Drawing({ story, scene, ref }: DrawingProps): ReactNode {
  const run = scene.run?.index ?? -1;
  const { world } = scene.state;
  const visitor = useMemo(() => visitorIn(story, story.runs[run], world), [story, run, world]);
  return (
    <div className="present-drawing" ref={ref}>
      <div className="present-sheet" inert>
        <Stage
          story={story}
          scene={scene}
          noteText={noteText}
          time={time}
          onInspect={null}
          framing={unscrolled}
          visitor={visitor}
        />
      </div>
      <Ring />
    </div>
  );
}

const NOTHING = 'Nothing has moved yet. The key **c** writes a letter.';

/** Before the first beat nothing has been told, and the title stands. */
function useOpening(story: Story): boolean {
  const first = story.beats[0]?.start ?? 0;
  return usePlayer(state => !state.playing && state.asked === null && state.clock.at <= first);
}

function Shown({ story, scene: now, ref }: DrawingProps): ReactNode {
  const opening = useOpening(story);
  const asked = usePlayer(state => state.asked);
  const live = usePlayer(state => state.source.kind === 'live');
  const first = story.beats[0];
  const scene = opening && first !== undefined ? sceneBefore(story, first) : now;
  const script = scriptOf(story, scene.run)?.script;
  const beat = asked === null ? undefined : story.beats[asked.beat];
  const question = beat === undefined ? null : questionOf(story, beat);
  return (
    <>
      <Drawing story={story} scene={scene} ref={ref} />
      {question !== null ? (
        <Asked question={question} />
      ) : opening ? (
        <Opening
          title={script?.title ?? scene.run?.title ?? story.header.title}
          intro={script?.intro ?? (first === undefined && live ? NOTHING : '')}
        />
      ) : (
        <Happening scene={scene} />
      )}
      <Marks story={story} scene={scene} opening={opening} />
    </>
  );
}

/** `children`: the dialogs that can be opened over it. */
export function Present({ children }: { readonly children?: ReactNode }): ReactNode {
  const story = usePlayer(state => state.story);
  const scene = usePlayer(state => state.scene);
  const notice = usePlayer(state => state.notice);
  const theme = usePresentation(state => state.theme);
  const blank = usePresentation(state => state.blank);
  const typed = usePresentation(state => state.typed);
  const overview = usePresentation(state => state.overview !== null);
  const trouble = usePresentation(state => state.trouble);
  const scale = useScale();
  const stage = useRef<HTMLDivElement>(null);
  const { here, ...hand } = useHand(stage);
  const root = useRef<HTMLElement>(null);
  // Who comes by a button has lost it by now: keys go to the page, and Space to Next.
  useLayoutEffect(() => root.current?.focus({ preventScroll: true }), []);
  const size: CSSProperties & { readonly '--scale': number } = { '--scale': scale };
  const said = trouble ?? notice;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the whole page has keys of its own for it
    <main
      className={here ? 'present hand' : 'present'}
      data-projector={theme}
      style={size}
      ref={root}
      tabIndex={-1}
      aria-label="Presenting"
      {...hand}
      onClick={event => {
        if (!overview && event.target instanceof Element && event.target.closest('button, a, dialog') === null) next();
      }}
    >
      <div className="present-area">
        {story === null || scene === null ? (
          <p className="present-waiting">There is nothing to present yet.</p>
        ) : (
          <Shown story={story} scene={scene} ref={stage} />
        )}
        {story !== null && overview && <Overview story={story} />}
        <p className="present-trouble" role="status">
          {said}
        </p>
        <p className="present-typed" role="status">
          {typed === '' ? null : (
            <>
              <span>Step</span> <b>{typed}</b>
            </>
          )}
        </p>
      </div>
      {blank !== null && <div className={`present-blank ${blank}`} data-blank={blank} />}
      <Bar shown={here} />
      <LiveRegion />
      {children}
    </main>
  );
}
