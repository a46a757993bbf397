/** The whole run in words, one paragraph a step: what the animation shows, for reading and for screen readers. */
import { type ReactNode, useRef } from 'react';
import type { Scene, Story } from '../../shared/story/story.ts';
import { words } from '../caption/Caption.tsx';
import { Tag } from '../design/Tag.tsx';
import { goTo } from '../player/store.ts';
import { useInSight } from './in-sight.ts';

export function Transcript({ story, scene }: { readonly story: Story; readonly scene: Scene }): ReactNode {
  const { run } = scene;
  const list = useRef<HTMLOListElement>(null);
  useInSight(list, '[aria-current]', scene.beat?.index ?? -1);
  if (run === null) return <p className="panel-empty">The journey will be told here in words, step by step.</p>;
  return (
    <ol className="panel-scroll transcript" ref={list}>
      {story.beats.slice(run.firstBeat, run.lastBeat + 1).map(beat => (
        <li key={beat.index} aria-current={beat.index === scene.beat?.index ? 'step' : undefined}>
          <button type="button" onClick={() => goTo(beat.start, false)}>
            <Tag protocol={beat.caption.protocol} />
            {beat.failed && <span className="failed">✕ failed </span>}
            <b>{words(beat.caption.title)}</b>
          </button>
          <p>{words(beat.caption.body)}</p>
        </li>
      ))}
    </ol>
  );
}
