/** The words under the stage: what happens, why, where it is written, and both clocks. */
import { Fragment, type ReactNode, type Ref } from 'react';
import { clocks } from '../../shared/story/clocks.ts';
import type { Beat, Run, Scene, Story } from '../../shared/story/story.ts';
import type { Words } from '../../shared/story/words.ts';
import { visible } from '../../shared/visible.ts';
import { Tag } from '../design/Tag.tsx';
import './caption.css';

/** Characters from which a title is set smaller, so that a quoted reply stays on its line. */
const LONG = 68;
/** And words, where the window is low or narrow. */
const MANY = 240;

/** Renders the one piece of markup that `Words` has: **bold**. */
export function words(text: Words): ReactNode[] {
  return text
    .split('**')
    .map((piece, index) => (index % 2 === 1 ? <b key={index}>{visible(piece)}</b> : visible(piece)));
}

/** Paragraphs are parted by an empty line. In a caption each begins a line of its own, and none takes more room than that. */
const paragraphs = (text: Words): ReactNode =>
  text.split(/\n{2,}/).map((paragraph, index) => (
    <Fragment key={paragraph}>
      {index > 0 && <br />}
      {words(paragraph)}
    </Fragment>
  ));

const inRun = (story: Story, run: Run): readonly Beat[] => story.beats.slice(run.firstBeat, run.lastBeat + 1);

interface CaptionProps {
  readonly scene: Scene;
  readonly story: Story;
  /** How many steps there are, where more are known of than have been told. */
  readonly steps?: number;
  /** Questions stand between its steps: it keeps their room, so that the stage above does not move. */
  readonly asks?: boolean;
  /** At the end of its head. */
  readonly more?: ReactNode;
  /** Under the words. */
  readonly children?: ReactNode;
  readonly ref?: Ref<HTMLElement>;
}

export function Caption({ scene, story, steps = 0, asks = false, more, children, ref }: CaptionProps) {
  const { caption, beat, run } = scene;
  if (caption === null || beat === null) {
    return (
      <section className="caption empty" aria-label="What happens">
        <h2>Nothing has moved yet.</h2>
        <p>
          Write a letter and press <b>Send</b>. It will travel through real servers in this machine, and every line they
          say to each other will be shown here, slowed down until you can read it.
        </p>
      </section>
    );
  }
  const beats = run === null ? [beat] : inRun(story, run);
  const origin = beats[0]?.wireStart ?? 0;
  const own = clocks([beat], origin);
  const whole = beats.length > 1 ? clocks(beats, origin) : null;
  const outcome = beat.name === 'queue.deferred' ? 'waits' : beat.failed ? 'failed' : null;
  return (
    <section
      className={`caption ${outcome ?? ''} ${asks ? 'asks' : ''}`}
      aria-label="What happens"
      tabIndex={-1}
      ref={ref}
    >
      <div className="caption-head">
        <Tag protocol={caption.protocol} words={beat.name === 'clock.jumped' ? 'TIME' : null} />
        {outcome === null ? null : (
          <span className="caption-outcome">{outcome === 'waits' ? '◷ waits' : '✕ failed'}</span>
        )}
        <span className="caption-step">
          Step {scene.stepNumber} of {Math.max(steps, scene.stepCount)}
        </span>
        <span className="caption-clock">
          {own?.both}
          {own?.ratio ? <span className="caption-ratio"> ({own.ratio})</span> : null}
        </span>
        {whole === null ? null : (
          <span className="caption-whole" title="The whole journey so far, on both clocks">
            whole journey {whole.both}
          </span>
        )}
        {more}
      </div>
      <h2 className={caption.title.length > LONG ? 'long' : undefined}>{words(caption.title)}</h2>
      <p className={caption.body.length > MANY ? 'many' : undefined}>
        {paragraphs(caption.body)}
        {caption.references.map(reference => (
          <span key={reference.url}>
            {' '}
            <a href={reference.url} target="_blank" rel="noreferrer">
              {reference.label}
            </a>
          </span>
        ))}
      </p>
      {children}
    </section>
  );
}
