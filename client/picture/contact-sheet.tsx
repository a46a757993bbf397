/** All steps of a story on one sheet: of each the moment that tells most, its number and its title. */
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import { sceneAt } from '../../shared/story/scene.ts';
import type { Span } from '../../shared/story/span.ts';
import type { Beat, Story } from '../../shared/story/story.ts';
import { words } from '../caption/Caption.tsx';
import { Tag } from '../design/Tag.tsx';
import { SIZES, tellingMoment } from '../stage/still/miniature.ts';
import { Still, StillPaints } from '../stage/still/Still.tsx';
import { facesFor, facesReady } from './faces.ts';
import type { Theme } from './format.ts';
import type { Shared } from './freeze.ts';
import { freezeWords } from './freeze-words.ts';
import { attributes, paintOf } from './paint.ts';
import { canvasOf, imageOf, penOf, pngOf } from './raster.ts';
import { besideThePage } from './set.tsx';
import { CELL, EDGE, GAP, HEAD, sheetPlanOf } from './sheet-plan.ts';
import './contact-sheet.css';

interface Printing {
  readonly theme: Theme;
  readonly signal?: AbortSignal;
  readonly onProgress: (done: number, of: number) => void;
  readonly breathe: (signal: AbortSignal | undefined) => Promise<void>;
}

/** A PNG; rejects with PictureFailure where this browser cannot draw it. */
export async function contactSheet(story: Story, span: Span, printing: Printing): Promise<Blob> {
  const { theme, signal, onProgress, breathe } = printing;
  const beats = story.beats.slice(span.first, span.last + 1);
  const { columns, width, height, ratio } = sheetPlanOf(beats.length);
  await facesReady();
  const root = besideThePage(theme, { w: width / ratio, h: HEAD + CELL.h });
  const react = createRoot(root);
  const canvas = canvasOf(width, height);
  const pen = penOf(canvas);
  pen.scale(ratio, ratio);

  /** Draws what is set on the sheet, `w` by `h` from its corner. */
  const print = async (w: number, h: number, x: number, y: number): Promise<void> => {
    const shared: Shared = new Map();
    const drawn = freezeWords(root, root, shared, false);
    const head = { xmlns: 'http://www.w3.org/2000/svg', width: w * ratio, height: h * ratio, viewBox: `0 0 ${w} ${h}` };
    const defs = `<defs>${[...shared.values()].join('')}</defs>`;
    const svg = `<svg${attributes(head)}>${await facesFor(drawn)}${defs}${drawn}</svg>`;
    pen.drawImage(await imageOf(svg), x, y, w, h);
  };

  try {
    pen.fillStyle = paintOf(getComputedStyle(root).backgroundColor)?.hex ?? '#ffffff';
    pen.fillRect(0, 0, width, height);
    flushSync(() => react.render(<SheetHead story={story} span={span} />));
    await print(width / ratio - 2 * EDGE, HEAD, EDGE, EDGE);
    for (const [index, beat] of beats.entries()) {
      flushSync(() => react.render(<Cell key={beat.index} story={story} beat={beat} />));
      const [column, row] = [index % columns, Math.floor(index / columns)];
      await print(CELL.w, CELL.h, EDGE + column * (CELL.w + GAP), EDGE + HEAD + row * (CELL.h + GAP));
      onProgress(index + 1, beats.length);
      await breathe(signal);
    }
    return await pngOf(canvas);
  } finally {
    react.unmount();
    root.remove();
  }
}

const numberOf = (story: Story, { index, run }: Beat): number => index - (story.runs[run]?.firstBeat ?? 0) + 1;

function SheetHead({ story, span }: { readonly story: Story; readonly span: Span }) {
  const first = story.beats[span.first];
  const title = (first === undefined ? undefined : story.runs[first.run]?.title) ?? story.header.title;
  const count = span.last - span.first + 1;
  return (
    <div className="sheet-head">
      <h2>{words(title)}</h2>
      <p>
        {count} {count === 1 ? 'step' : 'steps'} · mailscope
      </p>
    </div>
  );
}

function Cell({ story, beat }: { readonly story: Story; readonly beat: Beat }) {
  const scene = sceneAt(story, tellingMoment(story, beat.start));
  return (
    <div className={beat.failed ? 'sheet-cell failed' : 'sheet-cell'} style={{ width: CELL.w, height: CELL.h }}>
      <StillPaints />
      <div className="sheet-still" style={{ height: SIZES.card.h }}>
        <Still picture={{ story, scene }} size="card" />
        <div className="sheet-edge" />
      </div>
      <div className="sheet-words">
        <b>{numberOf(story, beat)}</b>
        <span>{words(beat.caption.title)}</span>
        <Tag protocol={beat.caption.protocol} words={beat.name === 'clock.jumped' ? 'TIME' : null} />
      </div>
    </div>
  );
}
