/** Everything that a figure tells, to be read; each step leads to its picture. Below it, the keys. */
import type { ReactNode } from 'react';
import type { Span } from '../../../shared/story/span.ts';
import type { Scene, Story } from '../../../shared/story/story.ts';
import { words } from '../../caption/Caption.tsx';
import { FIGURE_KEYS } from '../../player/keys.ts';

interface TextPanelProps {
  readonly story: Story;
  readonly span: Span;
  readonly scene: Scene;
  /** Whether keys act at all. */
  readonly keys: boolean;
  readonly goTo: (t: number) => void;
}

export function TextPanel({ story, span, scene, keys, goTo }: TextPanelProps): ReactNode {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
    <section className="figure-panel" aria-label="All steps as text" tabIndex={0}>
      <ol>
        {story.beats.slice(span.first, span.last + 1).map(beat => (
          <li key={beat.index} className={beat.failed ? 'failed' : undefined}>
            <button
              type="button"
              aria-current={beat === scene.beat ? 'step' : undefined}
              onClick={() => goTo(beat.start)}
            >
              {words(beat.caption.title)}
            </button>
            <p>{words(beat.caption.body)}</p>
          </li>
        ))}
      </ol>
      {keys ? (
        <dl>
          {FIGURE_KEYS.map(({ shown, does }) => (
            <div key={shown}>
              <dt>{shown}</dt>
              <dd>{does}</dd>
            </div>
          ))}
        </dl>
      ) : null}
    </section>
  );
}
