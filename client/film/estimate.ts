/** How long a film will be and how large its file: measured on the stories that come with mailscope. Pure. */
import type { Story } from '../../shared/story/story.ts';
import { sheetPlanOf } from '../picture/sheet-plan.ts';
import { framesOf } from './frames.ts';
import { isFilm, type Order } from './order.ts';

/** Octets a frame and pixel: most of what is seen does not move. */
const OCTETS = { gif: 0.0036, mp4: 0.0023, webm: 0.0016 } as const;

const size = (octets: number): string =>
  octets < 1_000_000
    ? `${Math.max(10, Math.round(octets / 10_000) * 10)} kB`
    : `${(octets / 1_000_000).toFixed(octets < 10_000_000 ? 1 : 0)} MB`;

const clock = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;

/** "1:32, 917 frames, about 1.2 MB" */
export function estimateOf(story: Story, { kind, format, span, speed, fps }: Order): string {
  if (kind === 'sheet') {
    const { width, height } = sheetPlanOf(span.last - span.first + 1);
    return `${span.last - span.first + 1} stills, ${width} × ${height}`;
  }
  if (!isFilm(kind)) return `${format.width} × ${format.height}`;
  const { count, seconds } = framesOf(story, span, speed, fps);
  const each = kind === 'gif' || kind === 'mp4' || kind === 'webm' ? OCTETS[kind] : 0;
  const octets = count * format.width * format.height * each;
  return `${clock(seconds)}, ${count.toLocaleString('en')} frames, about ${size(octets)}`;
}
