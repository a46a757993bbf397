/** Writes a video by the browser's own encoder: MP4 with AVC, or WebM with VP9. */
import {
  BufferTarget,
  CanvasSource,
  canEncodeVideo,
  Mp4OutputFormat,
  Output,
  Quality,
  type VideoCodec,
  WebMOutputFormat,
} from 'mediabunny';
import { PictureFailure } from '../picture/raster.ts';

export type VideoKind = 'mp4' | 'webm';

export interface VideoWriter {
  /** What is on the canvas, shown for `1 / fps` seconds. Resolves when there is room for the next. */
  add(frame: number): Promise<void>;
  finish(): Promise<Blob>;
  cancel(): Promise<void>;
}

const CODECS: Readonly<Record<VideoKind, readonly VideoCodec[]>> = { mp4: ['avc'], webm: ['vp9', 'vp8'] };

/** Type and thin lines on flat paper: at less they get a halo while something moves. */
const BITS_PER_PIXEL = 2.4;

const qualityOf = ({ width, height }: { readonly width: number; readonly height: number }): Quality =>
  new Quality({ bitrate: Math.round(width * height * BITS_PER_PIXEL), bitrateMode: 'variable' });

/** The first codec that this browser writes at that size; null where it writes none. */
async function codecFor(kind: VideoKind, width: number, height: number): Promise<VideoCodec | null> {
  if (!('VideoEncoder' in window)) return null;
  for (const codec of CODECS[kind])
    if (await canEncodeVideo(codec, { width, height, quality: qualityOf({ width, height }) })) return codec;
  return null;
}

const OTHER: Readonly<Record<VideoKind, string>> = { mp4: 'WebM or GIF', webm: 'MP4 or GIF' };
const NAME: Readonly<Record<VideoKind, string>> = { mp4: 'MP4', webm: 'WebM' };

/** Throws PictureFailure where such a video cannot be written here. */
export async function videoWriter(canvas: HTMLCanvasElement, fps: number, kind: VideoKind): Promise<VideoWriter> {
  const codec = await codecFor(kind, canvas.width, canvas.height);
  if (codec === null)
    throw new PictureFailure(`This browser cannot write ${NAME[kind]} of that size. Choose ${OTHER[kind]} instead.`);
  const target = new BufferTarget();
  const format = kind === 'mp4' ? new Mp4OutputFormat({ fastStart: 'in-memory' }) : new WebMOutputFormat();
  const output = new Output({ format, target });
  const source = new CanvasSource(canvas, {
    codec,
    quality: qualityOf(canvas),
    keyFrameInterval: 4,
    latencyMode: 'quality',
  });
  output.addVideoTrack(source, { frameRate: fps });
  await output.start();
  return {
    add: frame => source.add(frame / fps, 1 / fps),
    async finish() {
      await output.finalize();
      if (target.buffer === null) throw new Error('a video that is finalised has its bytes');
      return new Blob([target.buffer], { type: kind === 'mp4' ? 'video/mp4' : 'video/webm' });
    },
    cancel: () => output.cancel(),
  };
}
