/** Makes what was ordered: frame by frame, at whatever pace the machine has, and the same each time. */
import type { Story } from '../../shared/story/story.ts';
import { assertNever } from '../../shared/world/world.ts';
import { type Camera, openCamera } from '../picture/camera.ts';
import { contactSheet } from '../picture/contact-sheet.tsx';
import { pictureOf } from '../picture/picture.ts';
import { PictureFailure, penOf, pngOf } from '../picture/raster.ts';
import { tellingMoment } from '../stage/still/miniature.ts';
import { type Frames, framesOf } from './frames.ts';
import { nameOf, type Order, wrongWith } from './order.ts';
import type { VideoKind } from './video.ts';

export interface Made {
  readonly blob: Blob;
  /** "lunch.gif" */
  readonly name: string;
}

export interface Making {
  /** `what`: "frame" or "picture". */
  readonly onProgress?: (done: number, of: number, what: 'frame' | 'picture') => void;
  readonly signal?: AbortSignal;
}

/** Rejects with PictureFailure where it cannot be made here, and with the signal's reason where it was given up. */
export async function make(story: Story, order: Order, making: Making = {}): Promise<Made> {
  const wrong = wrongWith(story, order);
  if (wrong !== null) throw new PictureFailure(wrong);
  making.signal?.throwIfAborted();
  const named = (blob: Blob, ending: string): Made => ({ blob, name: nameOf(story, order, ending) });
  const { kind } = order;
  switch (kind) {
    case 'svg': {
      const svg = pictureOf(story, order.at, { ...order.format, link: order.link });
      return named(new Blob([svg], { type: 'image/svg+xml' }), 'svg');
    }
    case 'png':
      return named(await stillOf(story, order), 'png');
    case 'sheet': {
      const onProgress = (done: number, of: number): void => making.onProgress?.(done, of, 'picture');
      const { theme } = order.format;
      return named(await contactSheet(story, order.span, { ...making, theme, onProgress, breathe }), 'png');
    }
    case 'gif':
      return named(await filmed(story, order, true, camera => gif(camera, story, order, making)), 'gif');
    case 'mp4':
    case 'webm': {
      return named(await filmed(story, order, false, camera => video(camera, story, order, kind, making)), kind);
    }
    default:
      return assertNever(kind);
  }
}

async function filmed<Film>(
  story: Story,
  { format }: Order,
  readback: boolean,
  film: (camera: Camera) => Promise<Film>,
): Promise<Film> {
  const camera = await openCamera(story, format, readback);
  try {
    return await film(camera);
  } finally {
    camera.close();
  }
}

async function stillOf(story: Story, order: Order): Promise<Blob> {
  return filmed(story, order, false, async camera => {
    await camera.shoot(order.at);
    return pngOf(camera.canvas);
  });
}

const planOf = (story: Story, { span, speed, fps }: Order): Frames => framesOf(story, span, speed, fps);

/** How many pictures its palette is made from, and which of their pixels: every so-manyth. */
const [SAMPLES, STRIDE] = [24, 3];

/** How long a film that goes round stands on its last frame, in seconds. */
const REST = 2;

async function gif(camera: Camera, story: Story, order: Order, making: Making): Promise<Blob> {
  const [{ gifWriter }, { paletteOf }] = await Promise.all([import('./gif.ts'), import('./palette.ts')]);
  const { width, height } = order.format;
  const pen = penOf(camera.canvas, true);
  const frames = planOf(story, order);
  making.onProgress?.(0, frames.count, 'frame');
  const samples: Uint8ClampedArray[] = [];
  for (const t of samplesOf(story, order)) {
    await camera.shoot(t);
    samples.push(thinned(pen.getImageData(0, 0, width, height).data));
    await breathe(making.signal);
  }
  const writer = gifWriter(paletteOf(samples), width, height);
  for (let frame = 0; frame < frames.count; frame += 1) {
    const where = await camera.shoot(frames.at(frame));
    const lasts = 1 / frames.fps + (frame === frames.count - 1 ? REST : 0);
    writer.add(pen, frame === 0 ? null : where, lasts);
    making.onProgress?.(frame + 1, frames.count, 'frame');
    await breathe(making.signal);
  }
  return writer.finish();
}

/** Moments that between them show all the colours: steps spread over the film, each where something moves. */
function samplesOf(story: Story, { span }: Order) {
  const beats = story.beats.slice(span.first, span.last + 1);
  const each = Math.max(1, beats.length / SAMPLES);
  const chosen = Array.from({ length: Math.min(SAMPLES, beats.length) }, (_, index) => beats[Math.floor(index * each)]);
  return chosen.flatMap(beat => (beat === undefined ? [] : [tellingMoment(story, beat.start)]));
}

function thinned(rgba: Uint8ClampedArray): Uint8ClampedArray {
  const kept = new Uint8ClampedArray(Math.floor(rgba.length / 4 / STRIDE) * 4);
  for (let pixel = 0; pixel < kept.length; pixel += 4) {
    const from = pixel * STRIDE;
    for (let part = 0; part < 4; part += 1) kept[pixel + part] = rgba[from + part] ?? 0;
  }
  return kept;
}

async function video(camera: Camera, story: Story, order: Order, kind: VideoKind, making: Making): Promise<Blob> {
  const { videoWriter } = await import('./video.ts');
  const frames = planOf(story, order);
  const writer = await videoWriter(camera.canvas, frames.fps, kind);
  try {
    for (let frame = 0; frame < frames.count; frame += 1) {
      await camera.shoot(frames.at(frame));
      await writer.add(frame);
      making.onProgress?.(frame + 1, frames.count, 'frame');
      await breathe(making.signal);
    }
    return await writer.finish();
  } catch (error) {
    await writer.cancel();
    throw error;
  }
}

/** Longest the page may be kept from answering its viewer, in milliseconds. */
const BREATH = 12;
let breathed = 0;

/**
 * Lets the page do what else it has to do, and throws once the making is given up. By a message and not by a timer: those wait
 * a second in a tab that is not looked at.
 */
async function breathe(signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  if (performance.now() - breathed < BREATH) return;
  await new Promise<void>(resolve => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
  breathed = performance.now();
  signal?.throwIfAborted();
}
