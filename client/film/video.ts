/** Writes a video by the browser's own encoder: MP4 with AVC where it has that, else WebM with VP9. */
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
  readonly kind: VideoKind;
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

/** What this browser can write of that size, the wanted kind first; null where it can write none. */
async function encodable(wanted: VideoKind, width: number, height: number): Promise<[VideoKind, VideoCodec] | null> {
  const kinds: readonly VideoKind[] = wanted === 'mp4' ? ['mp4', 'webm'] : ['webm', 'mp4'];
  for (const kind of kinds) {
    for (const codec of CODECS[kind])
      if (await canEncodeVideo(codec, { width, height, quality: qualityOf({ width, height }) })) return [kind, codec];
  }
  return null;
}

/** Throws PictureFailure where no video can be written here. */
export async function videoWriter(canvas: HTMLCanvasElement, fps: number, wanted: VideoKind): Promise<VideoWriter> {
  const found = 'VideoEncoder' in window ? await encodable(wanted, canvas.width, canvas.height) : null;
  if (found === null) throw new PictureFailure('This browser cannot write videos of that size. Choose GIF instead.');
  const [kind, codec] = found;
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
    kind,
    add: frame => source.add(frame / fps, 1 / fps),
    async finish() {
      await output.finalize();
      if (target.buffer === null) throw new Error('a video that is finalised has its bytes');
      return new Blob([target.buffer], { type: kind === 'mp4' ? 'video/mp4' : 'video/webm' });
    },
    cancel: () => output.cancel(),
  };
}
