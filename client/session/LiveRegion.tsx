/** Speaks once a step to whoever listens instead of looks: rewritten per beat, never per frame. */
import type { ReactNode } from 'react';
import type { Scene } from '../../shared/story/story.ts';
import { saidText } from '../caption/said.ts';
import { questionOf, saidTo, scriptOf } from '../player/questions.ts';
import { useTrail } from '../player/useTrail.ts';
import type { Player } from './store.ts';
import { usePlayer } from './usePlayer.ts';

/** What is said of a moment: the question while one is asked, and nothing that would answer it. */
function spoken({ story, asked, answers }: Player, scene: Scene | null): string {
  if (story === null || scene === null) return '';
  const beat = asked === null ? null : (story.beats[asked.beat] ?? null);
  const question = beat === null ? null : questionOf(story, beat);
  if (question !== null) {
    const choices = question.choices.map((choice, index) => `${index + 1}: ${choice.words}`);
    return `What will happen? ${question.words} ${choices.join('; ')}.`;
  }
  if (scene.caption === null) return '';
  // A letter's first step is said with its number: the words alone would be those of the letter before, and stay unsaid.
  const first = scene.run !== null && scene.stepNumber === 1 ? scene.run : null;
  const script = scriptOf(story, first);
  const begins =
    first === null ? '' : script === null ? `Letter ${first.index + 1}. ` : `The story: ${script.script.title}. `;
  const said = scene.beat === null ? null : saidTo(story, answers, scene.beat);
  const failed = scene.beat?.failed ? 'Failed. ' : '';
  return `${said === null ? '' : `${saidText(said)} `}${begins}${failed}${scene.caption.title}. ${scene.caption.body}`;
}

export function LiveRegion(): ReactNode {
  const scene = useTrail(state => state.beside);
  const said = usePlayer(state => spoken(state, scene).replaceAll('**', ''));
  return (
    <p className="sr-only" role="status" aria-live="polite" aria-atomic="true">
      {said}
    </p>
  );
}
