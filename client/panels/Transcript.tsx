/** The whole run in words, one paragraph a step: what the animation shows, for reading and for screen readers. */
import { type ReactNode, useRef, useState } from 'react';
import type { Scene, Story } from '../../shared/story/story.ts';
import { words } from '../caption/Caption.tsx';
import { useInSight } from '../design/in-sight.ts';
import { Tag } from '../design/Tag.tsx';
import { hiddenFrom, questionOf } from '../player/questions.ts';
import { partAround } from '../player/shown-part.ts';
import { ask, goTo } from '../session/travel.ts';
import { usePlayer } from '../session/usePlayer.ts';

/** Steps that are drawn on either side of the one that is on, in a run that is too long to be drawn whole. */
const REACH = 80;

export function Transcript({ story, scene }: { readonly story: Story; readonly scene: Scene }): ReactNode {
  const { run } = scene;
  const list = useRef<HTMLOListElement>(null);
  const [more, setMore] = useState({ earlier: 0, later: 0 });
  const hidden = usePlayer(hiddenFrom);
  const asked = usePlayer(state => state.asked !== null);
  useInSight(list, '[aria-current]', asked ? hidden : (scene.beat?.index ?? -1));
  if (run === null) return <p className="panel-empty">The journey will be told here in words, step by step.</p>;
  const first = run.firstBeat;
  const told = Math.max(first, Math.min(hidden, run.lastBeat + 1));
  const { from, to } = partAround(told - first, (scene.beat?.index ?? first) - first, REACH, more.earlier, more.later);
  const unseen = hidden <= run.lastBeat ? story.beats[hidden] : undefined;
  const question = unseen === undefined ? null : questionOf(story, unseen);
  return (
    <ol className="panel-scroll transcript" ref={list}>
      {from > 0 && (
        <li>
          <button type="button" className="link" onClick={() => setMore({ ...more, earlier: more.earlier + REACH })}>
            {`… ${from.toLocaleString('en')} earlier steps, show more`}
          </button>
        </li>
      )}
      {story.beats.slice(first + from, first + to).map(beat => (
        <li key={beat.index} aria-current={!asked && beat.index === scene.beat?.index ? 'step' : undefined}>
          <button type="button" onClick={() => goTo(beat.start, false)}>
            <Tag protocol={beat.caption.protocol} />
            {beat.failed && <span className="failed">✕ failed </span>}
            <b>{words(beat.caption.title)}</b>
          </button>
          <p>{words(beat.caption.body)}</p>
        </li>
      ))}
      {first + to < told && (
        <li>
          <button type="button" className="link" onClick={() => setMore({ ...more, later: more.later + REACH })}>
            {`… ${(told - first - to).toLocaleString('en')} later steps, show more`}
          </button>
        </li>
      )}
      {unseen !== undefined && question !== null && (
        <li aria-current={asked ? 'step' : undefined}>
          <button type="button" onClick={() => ask(unseen, false)}>
            <span className="tag asks">PREDICT</span>
            <b>{words(question.words)}</b>
          </button>
          <p>What comes is told once this has been asked.</p>
        </li>
      )}
    </ol>
  );
}
