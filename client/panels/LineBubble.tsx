/** One line of the conversation: a command at the left, a reply at the right, what a server did off the wire in the middle. */
import { memo, type ReactNode } from 'react';
import type { Line } from '../../shared/story/story.ts';
import { visible } from '../../shared/visible.ts';
import { ClockIcon, CrossIcon } from '../design/icons.tsx';

const MARK_WORDS = { ok: '', no: 'refused: ', wait: 'not now: ' } as const;

/** What the wire carried it in. An exchange's name tells UDP from TCP. */
export const overUdp = (line: Line): boolean => line.protocol === 'dns' && line.connection.startsWith('u');

function sizeText(line: Line): string {
  const octets = (line.bytes.length + line.omitted).toLocaleString('en');
  if (overUdp(line)) return `${octets} bytes in one UDP packet. Click to see every byte.`;
  if (line.omitted > 0) return `${octets} bytes on the wire, too many to keep all. Click to see the kept ones.`;
  return `${octets} bytes on the wire. Click to see every byte.`;
}

const LONGEST = 600;
const short = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)} …` : text);

interface Props {
  readonly line: Line;
  readonly now: boolean;
  readonly ghost: boolean;
  readonly open: boolean;
  readonly onOpen: (line: Line) => void;
}

export const LineBubble = memo(function LineBubble({ line, now, ghost, open, onOpen }: Props): ReactNode {
  const mark =
    line.verdict === 'no' ? <CrossIcon size={13} /> : line.verdict === 'wait' ? <ClockIcon size={13} /> : null;
  const look = [
    'line',
    line.from,
    `of-${line.protocol}`,
    now ? 'now' : '',
    ghost ? 'ghost' : '',
    open ? 'open' : '',
    line.verdict === 'no' ? 'failed' : '',
  ].join(' ');
  return (
    <button
      type="button"
      className={look}
      data-line={line.index}
      aria-current={now ? 'step' : undefined}
      aria-expanded={open}
      disabled={ghost}
      onClick={() => onOpen(line)}
    >
      <span className="sr-only">
        {line.from === 'client' ? 'client: ' : line.from === 'server' ? 'server: ' : ''}
        {line.verdict === null ? '' : MARK_WORDS[line.verdict]}
      </span>
      {mark !== null && (
        <span className="line-mark" aria-hidden="true">
          {mark}
        </span>
      )}
      {visible(short(line.text))}
      {now && line.bytes.length > 0 && <small>{sizeText(line)}</small>}
    </button>
  );
});
