/** What travels besides the letter: a DNS postcard, a line of a dialogue, the pulse of a connection. Drawn around (0, 0). */
import type { Motion } from '../../../shared/story/story.ts';
import { VerdictMark } from '../hosts/glyphs.tsx';
import { decoration } from '../hosts/pressed.ts';
import type { Extent } from '../moment/detour.ts';
import { fitEnd, fitMiddle, widthOf } from '../plan/measure.ts';
import type { Shape } from '../plan/plan.ts';

interface TokenProps {
  readonly motion: Motion;
  readonly shape: Shape;
}

const type = (shape: Shape) => (shape === 'wide' ? 12.5 : 11.5);
const most = (shape: Shape) => (shape === 'wide' ? 260 : 210);

/** A masked password tells nothing by its length. */
const tidy = (line: string): string => line.replace(/\*{7,}…?/, '******');

const linesOf = (motion: Motion, shape: Shape): string[] =>
  motion.label
    .slice(0, 2)
    .map(tidy)
    .map((line, index) => (index === 0 ? fitEnd : fitMiddle)(line, most(shape), type(shape), 'mono'));

/** Half its width and half its height, so that whoever moves it can keep it on the drawing. */
export function extentOf(motion: Motion, shape: Shape): Extent {
  if (motion.kind === 'dial') return { w: 18, h: 18 };
  const lines = linesOf(motion, shape);
  const text = Math.max(24, ...lines.map(line => widthOf(line, type(shape), 'mono')));
  const mark = motion.verdict === null ? 0 : 18;
  return { w: (text + 24 + mark) / 2, h: (lines.length > 1 ? 42 : 28) / 2 };
}

export function Token({ motion, shape }: TokenProps) {
  const { w, h } = extentOf(motion, shape);
  const failed = motion.verdict === 'no';
  const tone = failed ? 'bad' : motion.verdict === 'wait' ? 'waiting' : motion.protocol;
  const look = `token ${tone} ${motion.reply ? 'reply' : 'request'}`;
  if (motion.kind === 'dial') {
    return (
      <g {...decoration} className={`${look} dial`}>
        <circle className="dial-halo" r="15" />
        <circle className="dial-core" r="7" />
        {failed ? <VerdictMark verdict="no" /> : null}
      </g>
    );
  }
  const lines = linesOf(motion, shape);
  const postcard = motion.kind === 'postcard';
  const mark = motion.verdict === null ? 0 : 18;
  return (
    <g
      {...decoration}
      className={`${look} ${postcard ? 'postcard' : 'chip'}`}
      transform={postcard ? `rotate(${motion.reply ? 4 : -5})` : undefined}
    >
      <rect className="token-paper" x={-w} y={-h} width={2 * w} height={2 * h} rx={postcard ? 6 : 9} />
      {motion.verdict === null ? null : (
        <g transform={`translate(${-w + 16} 0)`}>
          <VerdictMark verdict={motion.verdict} />
        </g>
      )}
      {lines.map((line, index) => (
        <text
          key={line}
          className={index === 0 && lines.length > 1 ? 'token-head' : undefined}
          x={-w + 12 + mark}
          y={lines.length > 1 ? -4.5 + index * 17 : 4.5}
        >
          {line}
        </text>
      ))}
    </g>
  );
}
