/** The few words a moving chip can carry. */

import { decodeWords } from '../../decode/encoded-words.ts';
import { fieldOf, type Header } from '../../decode/message.ts';
import { visible } from '../../visible.ts';

const WIDEST = 30;

/** Cut to what a chip holds, with an ellipsis. */
export const short = (text: string, width = WIDEST): string => {
  const shown = visible(text.length > width * 2 ? text.slice(0, width * 2) : text);
  return shown.length > width ? `${shown.slice(0, width - 1)}…` : shown;
};

/** A reply's first line, and how many more there are. */
export const replyLabel = (lines: readonly string[]): readonly string[] => {
  const [first = ''] = lines;
  return lines.length > 1
    ? [short(first), `and ${lines.length - 1} more ${lines.length === 2 ? 'line' : 'lines'}`]
    : [short(first)];
};

const octets = (count: number): string => `${count.toLocaleString('en')} bytes`;

/** "✉ 612 bytes · Subject: Lunch?" */
export function messageSummary(header: Header, size: number): string {
  const subject = decodeWords(fieldOf(header, 'Subject'));
  return `✉ ${octets(size)}${subject ? ` · Subject: ${short(subject, 60)}` : ' · no subject'}`;
}
