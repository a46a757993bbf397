/** The words under a picture: what happens and why, in fewer lines than the page has, and larger. */
import { Fragment, type ReactNode } from 'react';
import type { Scene, Story } from '../../shared/story/story.ts';
import { words } from '../caption/Caption.tsx';
import { Tag } from '../design/Tag.tsx';

interface BandProps {
  readonly story: Story;
  readonly scene: Scene;
}

export function Band({ story, scene }: BandProps): ReactNode {
  const { caption, beat, stepNumber, stepCount } = scene;
  if (caption === null || beat === null) {
    return (
      <section className="picture-band">
        <h2>{words(story.runs[0]?.title ?? story.header.title)}</h2>
      </section>
    );
  }
  const outcome = beat.name === 'queue.deferred' ? 'waits' : beat.failed ? 'failed' : null;
  return (
    <section className={`picture-band ${outcome ?? ''}`}>
      <div className="picture-head">
        <Tag protocol={caption.protocol} words={beat.name === 'clock.jumped' ? 'TIME' : null} />
        {outcome === null ? null : (
          <span className="picture-outcome">{outcome === 'waits' ? '◷ waits' : '✕ failed'}</span>
        )}
        <span className="picture-step">
          Step {stepNumber} of {stepCount}
        </span>
      </div>
      <h2>{words(caption.title)}</h2>
      <p>
        {caption.body.split(/\n{2,}/).map((paragraph, index) => (
          <Fragment key={paragraph}>
            {index > 0 && <br />}
            {words(paragraph)}
          </Fragment>
        ))}
      </p>
    </section>
  );
}
