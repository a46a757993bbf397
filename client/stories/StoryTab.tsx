/** A told story's contents: where in it one is, what one said to its questions, and at its end what one now knows. */
import { type ReactNode, useRef } from 'react';
import type { Part, ToldScript } from '../../shared/story/script.ts';
import type { Beat, Scene, Story } from '../../shared/story/story.ts';
import { words } from '../caption/Caption.tsx';
import { saidText } from '../caption/said.ts';
import { useInSight } from '../design/in-sight.ts';
import { hiddenFrom, saidTo, scriptOf } from '../player/questions.ts';
import { askAgain } from '../session/asking.ts';
import { ask, goTo } from '../session/travel.ts';
import { usePlayer } from '../session/usePlayer.ts';
import './story-tab.css';

interface EntryProps {
  readonly story: Story;
  readonly part: Part;
  /** Null while the part has not been met. */
  readonly beat: Beat | null;
}

/** How much of a part a viewer may know: all of it, the question before it, or that there is one. */
function Entry({ story, part, beat }: EntryProps): ReactNode {
  const asked = usePlayer(state => beat !== null && state.asked?.beat === beat.index);
  const reached = usePlayer(state => beat !== null && beat.index <= state.reached);
  const spoils = usePlayer(state => beat === null || beat.index >= hiddenFrom(state));
  const answers = usePlayer(state => state.answers);
  const marker = part.question === null ? null : <span className="story-asks" title="Begins with a question" />;
  if (asked && part.question !== null)
    return (
      <>
        <b>{words(part.question.words)}</b>
        {marker}
        <small>asked now</small>
      </>
    );
  if (beat === null || !reached)
    return (
      <>
        <span className="story-coming">{spoils ? 'Still to come' : words(part.title)}</span>
        {marker}
        {!spoils && <small>still to come</small>}
      </>
    );
  const said = saidTo(story, answers, beat);
  return (
    <>
      <button type="button" onClick={() => goTo(beat.start, false)}>
        {words(part.title)}
      </button>
      {marker}
      {part.question !== null && (
        <p className="story-said">
          {said === null ? '' : `${saidText(said)} `}
          <button
            type="button"
            className="link"
            aria-label={`Ask me ${said === null ? '' : 'again '}about “${part.title.replaceAll('**', '')}”`}
            onClick={() => (said === null ? ask(beat, false) : askAgain(beat))}
          >
            {said === null ? 'Ask me' : 'Ask me again'}
          </button>
        </p>
      )}
    </>
  );
}

/** By part: the beat that tells it. */
function beatsOf(story: Story, told: ToldScript): readonly (Beat | null)[] {
  const beats: (Beat | null)[] = told.script.parts.map(() => null);
  const index = story.scripts.indexOf(told);
  for (const beat of story.beats) if (beat.told?.script === index) beats[beat.told.part] = beat;
  return beats;
}

export function StoryTab({ story, scene }: { readonly story: Story; readonly scene: Scene }): ReactNode {
  const list = useRef<HTMLElement>(null);
  const asked = usePlayer(state => state.asked);
  const reached = usePlayer(state => state.reached);
  const told = scriptOf(story, scene.run);
  const at = asked?.beat ?? scene.beat?.index ?? -1;
  useInSight(list, '[aria-current]', at);
  if (told === null) return null;
  const { script } = told;
  const beats = beatsOf(story, told);
  // A beat of the product's own belongs to the part before it.
  const current = beats.findLastIndex(beat => beat !== null && beat.index <= at);
  const last = beats.findLast(beat => beat !== null);
  const over = told.ended && asked === null && last != null && reached >= last.index;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
    <section className="panel-scroll story-tab" aria-label="The story" tabIndex={0} ref={list}>
      <h2>{words(script.title)}</h2>
      {script.intro.split(/\n{2,}/).map(paragraph => (
        <p key={paragraph}>{words(paragraph)}</p>
      ))}
      <ol className="story-parts">
        {script.parts.map((part, index) => (
          <li key={part.line} aria-current={index === current ? 'step' : undefined}>
            <Entry story={story} part={part} beat={beats[index] ?? null} />
          </li>
        ))}
      </ol>
      {over && script.known.length > 0 && (
        <>
          <h3>What you now know</h3>
          <dl className="story-known">
            {script.known.map(({ question, answer }) => (
              <div key={question}>
                <dt>{words(question)}</dt>
                <dd>{words(answer)}</dd>
              </div>
            ))}
          </dl>
        </>
      )}
    </section>
  );
}
