/** The letter in its envelope: MAIL FROM and RCPT TO on the outside, a postmark for each server that took it. Drawn around (0, 0). */
import type { Letter as LetterState, Postmark } from '../../../shared/story/story.ts';
import { wallClock } from '../../../shared/trace/header.ts';
import { decoration } from '../hosts/pressed.ts';
import { fitEnd, fitMiddle, fitTwo, widthOf } from '../plan/measure.ts';
import type { Shape, Size } from '../plan/plan.ts';

export interface LetterProps {
  readonly letter: Pick<
    LetterState,
    'reversePath' | 'recipients' | 'subject' | 'place' | 'postmarks' | 'report' | 'copyOf'
  >;
  readonly shape: Shape;
  readonly size: Size;
  /** ISO 8601: the wall-clock moment of wire time 0, from which a postmark's time follows. */
  readonly createdAt: string;
  /** What stands under it; '' for nothing. */
  readonly note: string;
  /** In how long the queue it lies in tries again, "4 min"; null where it does not wait. */
  readonly nextTry: string | null;
  /** Whether there is room above it for its sheet, once it has been opened. */
  readonly sheet: boolean;
}

const RADIUS: Readonly<Record<Shape, number>> = { wide: 24, narrow: 20 };

/** Of a reply only its codes: the caption quotes it whole. */
const brief = (note: string): string => note.replace(/(\b[245]\d\d(?: [245]\.\d+\.\d+)?) .*$/, '$1');

/** What is said last tells most: it stays where not everything finds room. */
const fitNote = (note: string, room: number, size: number): string =>
  widthOf(note, size, 'sans') <= room ? note : fitEnd(note.split(' · ').at(-1) ?? note, room, size, 'sans');

/** The note in at most two lines, broken where it has its dots or at a word. */
function noteLines(note: string, room: number, size: number): string[] {
  if (widthOf(note, size, 'sans') <= room) return [note];
  const two = note.includes(' · ') ? null : fitTwo(note, room, size, 'sans');
  if (two !== null) return [...two];
  const dots = note.split(' · ');
  const words = dots.length > 1 ? dots : note.split(' ');
  const glue = dots.length > 1 ? ' · ' : ' ';
  let taken = 1;
  while (taken < words.length && widthOf(words.slice(0, taken + 1).join(glue), size, 'sans') <= room) taken++;
  const lines = [words.slice(0, taken).join(glue), words.slice(taken).join(glue)];
  return lines.filter(line => line !== '').map(line => fitEnd(line, room, size, 'sans'));
}

/** Where a refusal is stamped: clear of the tab that says what it is, of the postmarks, and of the count that hangs above it. */
function stampAt(wide: boolean, w: number, tabbed: boolean, postmarked: boolean): string {
  if (!wide) return tabbed ? `${w - 52} 16` : '60 22';
  return tabbed && !postmarked ? `${w - 50} 21` : `${w - 98} 9`;
}

export function Letter({ letter, shape, size: { w, h }, createdAt, note: words, nextTry, sheet }: LetterProps) {
  const wide = shape === 'wide';
  const [left, top] = [-w / 2, -h / 2];
  const size = wide ? 12.5 : 11.5;
  const room = wide ? w - 16 - 2 * RADIUS.wide - 16 : w - 24;
  const [first = '', ...more] = letter.recipients;
  const also = more.length === 0 ? '' : ` +${more.length}`;
  const from = letter.reversePath === '' ? '<> (no sender)' : letter.reversePath;
  const fit = (address: string, less: number) => fitMiddle(address, room - less, size, 'mono');
  const told = brief(words);
  const waits =
    nextTry === null ? told : `${told.split(' · ')[0] ?? ''} · next try ${nextTry === 'now' ? 'now' : `in ${nextTry}`}`;
  const note = waits === '' ? [] : wide ? [fitNote(waits, w + 12, size)] : noteLines(waits, w + 4, size);
  const stamp = letter.place === 'refused' ? 'REFUSED' : letter.place === 'given-up' ? 'GAVE UP' : null;
  const kind = letter.report !== null ? `report: ${letter.report.action}` : letter.copyOf !== null ? 'copy' : null;
  const opened = sheet && letter.place === 'inbox';
  return (
    <g
      {...decoration}
      className={`letter ${shape}${letter.report === null ? '' : ' report'}`}
      transform={`translate(${left} ${top})`}
    >
      {opened ? (
        <g className="letter-open">
          <path className="letter-flap" d={`M4 6 ${w / 2 - 10} -${wide ? 34 : 26}q10 -6 20 0L${w - 4} 6z`} />
          <rect className="letter-sheet" x="16" y={wide ? -24 : -20} width={w - 32} height="60" rx="3" />
          <text className="letter-subject" x="26" y={wide ? -7 : -5}>
            {fitEnd(letter.subject === '' ? '(no subject)' : letter.subject, w - 52, size, 'bold')}
          </text>
        </g>
      ) : null}
      <rect className="letter-paper" width={w} height={h} rx="8" />
      <rect
        className="letter-air"
        x="3.5"
        y="3.5"
        width={w - 7}
        height={h - 7}
        rx="5.5"
        stroke={`url(#stage-airmail${letter.report === null ? '' : '-report'})`}
      />
      {opened ? null : <path className="letter-fold" d={`M8 8 ${w / 2} ${h * 0.56} ${w - 8} 8`} />}
      {wide ? (
        <>
          <text className="letter-key" x="16" y="27">
            MAIL FROM
          </text>
          <text className="letter-from" x="16" y="44">
            {fit(from, 0)}
          </text>
          <text className="letter-key" x="16" y="69">
            RCPT TO
          </text>
          <text className="letter-to" x="16" y="86">
            {fit(first, widthOf(also, size, 'mono')) + also}
          </text>
        </>
      ) : (
        <>
          {(kind === null && stamp === null) || opened ? (
            <text className="letter-key" x="13" y="24">
              FROM→TO
            </text>
          ) : null}
          <text className="letter-from" x="13" y="56">
            {fit(from, 0)}
          </text>
          <text className="letter-to" x="13" y="80">
            {fit(first, widthOf(also, size, 'mono')) + also}
          </text>
        </>
      )}
      {letter.postmarks.slice(-2).map((postmark, index) => (
        <PostmarkRing
          key={`${postmark.host} ${postmark.wireAt}`}
          postmark={postmark}
          index={index}
          shape={shape}
          w={w}
          createdAt={createdAt}
        />
      ))}
      {kind === null || opened ? null : (
        <Kind words={kind} returns={letter.report !== null} size={size} y={wide ? -6 : 9} />
      )}
      {stamp === null ? null : (
        <g
          className="letter-stamp"
          transform={`translate(${stampAt(wide, w, kind !== null, letter.postmarks.length > 0)}) rotate(4)`}
        >
          <rect x="-45" y="-14" width="90" height="28" rx="5" />
          <text y="5.5" textAnchor="middle">
            {stamp}
          </text>
        </g>
      )}
      {note.map((line, index) => (
        <text key={line} className="letter-note" x={w / 2} y={h + 17 + index * 15} textAnchor="middle">
          {line}
        </text>
      ))}
    </g>
  );
}

/** A tab on the upper edge: what kind of letter it is. A report has an arrow that turns back. */
function Kind({ words, returns, size, y }: KindProps) {
  const w = widthOf(words, size, 'bold') + 34;
  return (
    <g className="letter-kind" transform={`translate(12 ${y})`}>
      <rect width={w} height="20" rx="10" />
      {returns ? (
        <path d="M20 13.6v-2a3 3 0 0 0-3-3H9.4m3-3.2-3.2 3.2 3.2 3.2" />
      ) : (
        <path d="M11.5 8.2V6h8v6h-2M9 8.2h8v6H9z" />
      )}
      <text x="25" y="14.4">
        {words}
      </text>
    </g>
  );
}

interface KindProps {
  readonly words: string;
  readonly returns: boolean;
  readonly size: number;
  readonly y: number;
}

interface RingProps {
  readonly postmark: Postmark;
  readonly index: number;
  readonly shape: Shape;
  /** The width of the envelope. */
  readonly w: number;
  readonly createdAt: string;
}

function PostmarkRing({ postmark, index, shape, w, createdAt }: RingProps) {
  const wide = shape === 'wide';
  const time = wallClock(createdAt, postmark.wireAt).slice(0, 5);
  const r = RADIUS[shape];
  const place = wide
    ? ([w - 35 - index * 5, index === 0 ? 29.5 : 75] as const)
    : ([w - 28 - index * (2 * r - 2), 26 + index * 2] as const);
  const first = postmark.host.split('.')[0] ?? postmark.host;
  return (
    <g className="postmark" transform={`translate(${place[0]} ${place[1]}) rotate(${index === 0 ? -13 : 9})`}>
      <circle r={r} />
      <circle className="postmark-inner" r={r - 3} />
      <text textAnchor="middle">
        <tspan className="postmark-host" x="0" y={wide ? -2.5 : -2}>
          {fitEnd(first, 2 * r - 8, wide ? 12.5 : 11, 'bold')}
        </tspan>
        <tspan x="0" y={wide ? 12 : 10}>
          {time}
        </tspan>
      </text>
    </g>
  );
}
