/** The conversation as far as it has been heard, its last lines lowest. */
import { memo, type ReactNode } from 'react';
import { begunAt } from '../../../shared/story/scene.ts';
import type { Span } from '../../../shared/story/span.ts';
import type { Line, Scene, Story } from '../../../shared/story/story.ts';
import { visible } from '../../../shared/visible.ts';

interface LinesProps {
  readonly story: Story;
  readonly span: Span;
  readonly scene: Scene;
}

/** More than are seen at once, whatever the figure's size. */
const MOST = 40;

const ARROW: Readonly<Record<Line['from'], string>> = { client: '→', server: '←', aside: '·' };

export const Lines = memo(function Lines({ story, span, scene }: LinesProps): ReactNode {
  const first = Math.max(
    begunAt(story.lines, span.first - 1, line => line.beat),
    scene.lineCount - MOST,
  );
  return (
    // Anew with each line: lines that move up would count as a shift of the page's layout.
    <ol className="figure-lines" aria-hidden="true" key={scene.lineCount}>
      {story.lines.slice(first, scene.lineCount).map(line => (
        <li
          key={line.index}
          className={`${line.protocol} ${line.from}${line.verdict === 'no' ? ' no' : ''}${line.index === scene.currentLine ? ' current' : ''}`}
        >
          <i>{ARROW[line.from]}</i>
          <span>{visible(line.text).replaceAll('\n', ' ⏎ ')}</span>
        </li>
      ))}
    </ol>
  );
});
