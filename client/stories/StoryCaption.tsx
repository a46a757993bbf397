/** The words under the stage: the story's question until it is answered, then its caption, its notes and the SMTP lines. */
import { type ReactNode, type RefObject, useEffect, useRef } from 'react';
import type { Scene, Story } from '../../shared/story/story.ts';
import { Caption } from '../caption/Caption.tsx';
import { Question } from '../caption/Question.tsx';
import { SaidLine } from '../caption/SaidLine.tsx';
import { questionOf, saidTo, scriptOf, stepsOf } from '../player/questions.ts';
import { choose, showMe } from '../session/asking.ts';
import { usePlayer } from '../session/usePlayer.ts';
import { StoryNotes } from './StoryNotes.tsx';

/** Moves the keyboard focus from the question to the caption and back, unless it is elsewhere. */
function useFocusAlong(asked: number | null): RefObject<HTMLElement | null> {
  const section = useRef<HTMLElement | null>(null);
  const before = useRef<number | null>(null);
  useEffect(() => {
    if (before.current === asked) return;
    before.current = asked;
    if (document.activeElement === document.body) section.current?.focus({ preventScroll: true });
  }, [asked]);
  return section;
}

export function StoryCaption({ story, scene }: { readonly story: Story; readonly scene: Scene }): ReactNode {
  const asked = usePlayer(state => state.asked);
  const answers = usePlayer(state => state.answers);
  const section = useFocusAlong(asked?.beat ?? null);
  const script = scriptOf(story, scene.run);
  const steps = scene.run === null ? 0 : stepsOf(script, scene.run);
  const beat = asked === null ? undefined : story.beats[asked.beat];
  const question = beat === undefined ? null : questionOf(story, beat);
  const button = <StoryNotes story={story} scene={scene} as="button" />;
  const notes = <StoryNotes story={story} scene={scene} as="under" />;
  if (beat !== undefined && question !== null && scene.run !== null) {
    const number = beat.index - scene.run.firstBeat + 1;
    return (
      <Question
        question={question}
        place={`Before step ${number} of ${steps}`}
        onChoose={choose}
        onShow={showMe}
        more={button}
        ref={section}
      >
        {notes}
      </Question>
    );
  }
  const said = scene.beat === null ? null : saidTo(story, answers, scene.beat);
  const asks = script?.script.parts.some(part => part.question !== null) ?? false;
  return (
    <Caption scene={scene} story={story} steps={steps} asks={asks} more={button} ref={section}>
      {said !== null && <SaidLine said={said} />}
      {notes}
    </Caption>
  );
}
