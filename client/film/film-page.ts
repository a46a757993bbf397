/** The page that makes films for the command line: it is asked by a message in its own window, and has nothing to see. */
import '../design/base.css';
import { createStoryteller } from '../../shared/reading/storyteller.ts';
import { spanOf } from '../../shared/story/span.ts';
import { decodeTrace } from '../../shared/trace/codec.ts';
import { PictureFailure } from '../picture/raster.ts';
import { tellingMoment } from '../stage/still/miniature.ts';
import { type FilmReport, type FilmRequest, isFilmRequest } from './messages.ts';
import { FPS, type Kind } from './order.ts';
import { make } from './shoot.ts';

const report = (said: FilmReport): void =>
  window.postMessage({ namespace: 'mailscope', v: 1, ...said }, { targetOrigin: window.origin });

const fpsOf = (kind: Kind): number => (kind === 'gif' || kind === 'mp4' || kind === 'webm' ? FPS[kind] : 1);

async function film({ trace, kind, from, until, speed, fps, ...format }: FilmRequest['args']): Promise<Blob> {
  const decoded = decodeTrace(trace);
  if (!decoded.ok) throw new PictureFailure(`line ${decoded.line}: ${decoded.message}.`);
  const teller = createStoryteller(decoded.header);
  teller.append(decoded.events);
  const story = teller.finish();
  const part = spanOf(story, from, until);
  if (!part.ok) throw new PictureFailure(part.message);
  const { span } = part;
  const at = tellingMoment(story, story.beats[span.first]?.start ?? span.start);
  const order = { kind, format, span, at, speed, fps: fps ?? fpsOf(kind), link: null };
  const { blob } = await make(story, order, {
    onProgress: (done, of, what) => report({ event: 'progress', done, of, what }),
  });
  return blob;
}

window.addEventListener('message', ({ data, source }: MessageEvent<unknown>) => {
  if (source !== window || !isFilmRequest(data)) return;
  film(data.args).then(
    blob => report({ event: 'made', blob }),
    (error: unknown) => {
      report({ event: 'failed', message: error instanceof Error ? error.message : String(error) });
      if (!(error instanceof PictureFailure)) throw error;
    },
  );
});
