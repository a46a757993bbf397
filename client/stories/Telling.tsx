/** The words under the stage as a story tells them: its question until that is dealt with, then its caption, its notes and what was said. */
import { type ReactNode, type RefObject, useEffect, useRef } from 'react';
import type { Scene, Story } from '../../shared/story/story.ts';
import { Caption } from '../caption/Caption.tsx';
import { Question } from '../caption/Question.tsx';
import { SaidLine } from '../caption/SaidLine.tsx';
import { questionOf, saidTo, scriptOf, stepsOf } from '../player/questions.ts';
import { choose, showMe } from '../session/asking.ts';
import { usePlayer } from '../session/usePlayer.ts';
import { StoryNotes } from './StoryNotes.tsx';

/** Who acts by keyboard is taken along, from the question to what it asked about and back; whoever has the focus elsewhere keeps it. */
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

export function Telling({ story, scene }: { readonly story: Story; readonly scene: Scene }): ReactNode {
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
