/** The text of a line, bounded: a recording may be hostile, or just long. */
import { readable } from '../bytes.ts';
import type { Line } from '../story/story.ts';
import { visible } from '../visible.ts';

const MOST_OF_A_LETTER = 6000;

export const truncate = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most)}… (${text.length - most} more characters in the recording)`;

/** The octets of a letter as they crossed, as text; '' where they are not known. */
export function letterText({ bytes, omitted }: Line): string {
  const most = MOST_OF_A_LETTER * 4;
  let end = Math.min(bytes.length, most);
  // A character that is cut in two would make all of them unreadable.
  while (end < bytes.length && end > most - 4 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  const text = truncate(readable(bytes.subarray(0, end)), MOST_OF_A_LETTER);
  return omitted === 0 ? text : `${text}\n… (${omitted} octets of it were not recorded)`;
}

const spaced = (text: string): string => visible(text.replace(/[\s\p{Cc}]+/gu, ' '));

/** In one line of at most `width` characters: its first, and how many more there are. */
export function inOneLine(text: string, width: number): string {
  const lines = text.split('\n');
  const whole = spaced(lines.join(' · '));
  if (whole.length <= width && lines.length < 3) return whole;
  const more = lines.length > 1 ? ` (+${lines.length - 1} lines)` : '';
  const room = Math.max(1, width - more.length);
  const first = spaced(lines[0] ?? '').trim();
  return (first.length > room ? `${first.slice(0, room - 1).replace(/[\ud800-\udbff]$/, '')}…` : first) + more;
}
