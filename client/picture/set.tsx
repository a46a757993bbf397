/** The set on which pictures are taken: the page's own stage and words, beside the page, at a moment that is given and in a size of its own. */

import { motionValue } from 'framer-motion';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import { noteText } from '../../shared/explain/notes.ts';
import { sceneAt } from '../../shared/story/scene.ts';
import type { Scene, Story, StoryTime } from '../../shared/story/story.ts';
import { linesOf } from '../player/navigate.ts';
import { Stage, visitorPlays } from '../stage/draw/Stage.tsx';
import type { Frame } from '../stage/moment/frame.ts';
import { framing } from '../stage/moment/framing.ts';
import { layoutOf } from '../stage/plan/layout.ts';
import type { Layout, Size } from '../stage/plan/plan.ts';
import { Band } from './Band.tsx';
import { type Format, type Sheet, sheetOf } from './format.ts';
import './picture.css';

interface Staged {
  readonly scene: Scene;
  readonly layout: Layout;
  readonly sheet: Sheet;
  readonly root: HTMLElement;
}

export interface PictureSet {
  /** Sets the moment; what is handed back is there until the next one is set. */
  at(story: Story, t: StoryTime): Staged;
  /** Nothing of it is left in the page. */
  strike(): void;
}

/** Whether somebody from outside has a part in the run of this scene. */
function visitorIn(story: Story, { run, state }: Scene): boolean {
  if (run === null) return false;
  const outside = new Set(state.world.hosts.filter(({ kind }) => kind === 'visitor').map(({ id }) => id));
  const { from, to } = linesOf(story, run);
  return outside.size > 0 && story.lines.slice(from, to).some(({ client }) => outside.has(client));
}

interface Drawing {
  readonly layout: Layout;
  readonly frame: Frame;
}

/** Of the figure's own shape. A world that needs more height than there is gets a wider drawing, shown smaller: a picture does not scroll. */
function drawingOf(story: Story, scene: Scene, { w, h }: Size): Drawing {
  const { world } = scene.state;
  const visitor = visitorIn(story, scene) || visitorPlays(scene);
  let frame = framing(w, h);
  for (let round = 0; ; round += 1) {
    const { shape, terse = false } = frame;
    const layout = layoutOf(world, shape, visitor, { w: frame.w, h: frame.h, terse });
    if (shape === 'narrow' || layout.h <= frame.h * 1.02 || round === 3) return { layout, frame };
    frame = { ...frame, w: Math.ceil((layout.h * w) / h), h: Math.ceil(layout.h), scale: h / layout.h };
  }
}

/** The words get smaller until they have room. */
function fitBand(root: HTMLElement, most: number): void {
  const band = root.querySelector<HTMLElement>('.picture-band');
  if (band === null) return;
  band.style.height = `${most}px`;
  for (let fit = 1; fit >= 0.6; fit -= 0.05) {
    band.style.setProperty('--fit', fit.toFixed(2));
    const { top } = band.getBoundingClientRect();
    if ((band.lastElementChild?.getBoundingClientRect().bottom ?? 0) - top <= most - 10) return;
  }
}

/** Beside the page, out of reach of keyboard and screen reader. */
export function besideThePage(theme: Format['theme'], { w, h }: Size): HTMLElement {
  const root = document.createElement('div');
  root.className = 'picture-set themed';
  root.dataset.theme = theme;
  root.inert = true;
  root.setAttribute('aria-hidden', 'true');
  root.style.width = `${w}px`;
  root.style.height = `${h}px`;
  document.body.append(root);
  return root;
}

export function openSet(format: Format): PictureSet {
  const sheet = sheetOf(format);
  const root = besideThePage(format.theme, sheet);
  const react = createRoot(root);
  return {
    at(story, t) {
      const scene = sceneAt(story, t);
      const { layout, frame } = drawingOf(story, scene, sheet.stage);
      const { w, h } = sheet.stage;
      flushSync(() =>
        react.render(
          <>
            <div key={`${layout.shape} ${layout.w} ${layout.h}`} style={{ width: w, height: h }}>
              <Stage
                story={story}
                scene={scene}
                noteText={noteText}
                time={motionValue<number>(t)}
                onInspect={null}
                framing={() => frame}
                still={false}
                visitor={visitorIn(story, scene)}
              />
            </div>
            {format.captions ? <Band story={story} scene={scene} /> : null}
          </>,
        ),
      );
      if (format.captions) fitBand(root, sheet.h - sheet.stage.h);
      return { scene, layout, sheet, root };
    },
    strike() {
      react.unmount();
      root.remove();
    },
  };
}
