/** More than the page ever does: a stage of 20 hosts on which 50 letters fly at once, for the bench to measure. */
import '../client/design/base.css';
import '../client/stage/draw/stage.css';
import '../client/stage/draw/envelope.css';
import { domAnimation, LazyMotion, motionValue } from 'framer-motion';
import { createRoot } from 'react-dom/client';
import { Ground } from '../client/stage/draw/Ground.tsx';
import { Moving } from '../client/stage/draw/Moving.tsx';
import { Cables } from '../client/stage/hosts/Cables.tsx';
import { Stations } from '../client/stage/hosts/Stations.tsx';
import { layoutOf } from '../client/stage/plan/layout.ts';
import { createStoryteller } from '../shared/reading/storyteller.ts';
import { sceneAt } from '../shared/story/scene.ts';
import { type Letter, type Scene, type StoryTime, storyTime } from '../shared/story/story.ts';
import { header, journey, Script } from '../test/fixtures/script.ts';
import { bigWorld } from '../test/fixtures/worlds.ts';

const LETTERS = 50;
const FLIGHT = 2000;

const { users, ...rest } = bigWorld(6, 20, [4, 4, 2, 2, 1]);
const world = { ...rest, users: users.map(({ password: _, ...user }) => user) };
const story = createStoryteller({ ...header, world }).append(journey(new Script()).events);
const scene = sceneAt(story, story.end);
const layout = layoutOf(world, 'wide', false, { w: 1088, h: 560 });
const hosts = world.hosts.filter(({ kind, id }) => kind !== 'visitor' && id !== world.dns).map(({ id }) => id);
const [template] = scene.state.letters;
const step = story.steps.at(-1) ?? null;
if (template === undefined || step === null) throw new Error('the journey has a letter and a last step');

const nothing = (): void => undefined;
const time = motionValue(0);
const start: StoryTime = storyTime(0);
const end: StoryTime = storyTime(FLIGHT);

/** The `nth` letter on its way from one host to another. */
function flying(nth: number, letter: Letter): Scene {
  const from = hosts[nth % hosts.length] ?? '';
  const to = hosts[(nth * 7 + 3) % hosts.length] ?? '';
  const motion = { kind: 'letter', protocol: 'smtp', from, to, label: [], reply: false, verdict: null } as const;
  return {
    ...scene,
    step,
    state: { ...scene.state, letters: [letter] },
    motion: { ...motion, letter: letter.id, start, end, progress: 0 },
  };
}

const scenes = Array.from({ length: LETTERS }, (_, nth) => flying(nth, { ...template, id: `S${nth}` }));
const root = document.getElementById('root');
if (root === null) throw new Error('the page has no #root');
createRoot(root).render(
  <LazyMotion features={domAnimation} strict>
    <div className="stage wide" style={{ width: 1020, height: 525 }}>
      <svg viewBox={`0 0 ${layout.w} ${layout.h}`} role="img" aria-label="50 letters in the air">
        <Ground layout={layout} quiet={false} />
        <Cables layout={layout} story={story} scene={scene} />
        <Stations layout={layout} story={story} scene={scene} onInspect={nothing} />
      </svg>
      <div className="stage-air">
        {scenes.map((each, nth) => (
          <Moving
            key={nth}
            layout={layout}
            story={story}
            scene={each}
            time={time}
            still={false}
            unit={1020 / 1088}
            onInspect={nothing}
          />
        ))}
      </div>
    </div>
  </LazyMotion>,
);
const tick = (now: number): void => {
  time.set(now % FLIGHT);
  requestAnimationFrame(tick);
};
requestAnimationFrame(tick);
