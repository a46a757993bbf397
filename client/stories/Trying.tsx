/** What a story leaves to try, kept in sight while it is tried: what one does goes on behind the story's end. */
import { type ReactNode, useState } from 'react';
import { words } from '../caption/Caption.tsx';
import { CrossIcon } from '../design/icons.tsx';
import { scriptOf } from '../player/questions.ts';
import { usePlayer } from '../session/usePlayer.ts';

export function Trying(): ReactNode {
  const [putAway, setPutAway] = useState<string | null>(null);
  const sentence = usePlayer(({ source, story, scene }) => {
    if (story === null || scene === null || source.kind !== 'live' || source.story === null) return null;
    const script = story.scripts.at(-1);
    return script?.ended === true && scriptOf(story, scene.run) === null ? script.script.tryThis : null;
  });
  if (sentence === null || sentence === '' || sentence === putAway) return null;
  return (
    <p className="notice trying">
      <span>
        <b>Try this:</b> {words(sentence)}
      </span>
      <button type="button" aria-label="Put away what to try" onClick={() => setPutAway(sentence)}>
        <CrossIcon />
      </button>
    </p>
  );
}
