/** The way to the gallery, in the head of the page: which story is on, or that there are some. */
import type { ReactNode } from 'react';
import { Button } from '../design/Button.tsx';
import { BookIcon } from '../design/icons.tsx';
import { scriptOf } from '../player/questions.ts';
import { usePlayer } from '../session/usePlayer.ts';
import { showGallery } from '../session/view.ts';

/** The title of the story that is on; null while the viewer looks at anything else. */
const useStoryTitle = (): string | null => {
  return usePlayer(state =>
    state.story === null
      ? null
      : (scriptOf(state.story, state.scene?.run ?? null)?.script.title.replaceAll('**', '') ?? null),
  );
};

/** `entry`: as one of the menu, where the head has no room. */
export function StoryButton({
  className,
  titled = className,
  entry = false,
  onOpen,
}: {
  readonly className: string;
  /** The class where it names the story that is on. */
  readonly titled?: string;
  readonly entry?: boolean;
  readonly onOpen?: () => void;
}): ReactNode {
  const title = useStoryTitle();
  const open = (): void => {
    onOpen?.();
    showGallery(true);
  };
  if (entry || title === null) {
    return (
      <Button className={className} data-door="stories" icon={<BookIcon />} title="All stories  g" onClick={open}>
        {!entry ? 'Stories' : title === null ? 'All stories' : <span>Story: {title}</span>}
      </Button>
    );
  }
  return (
    <Button className={titled} data-door="stories" title="All stories  g" onClick={open}>
      <span>Story: </span>
      <b>{title}</b>
      <span className="top-story-more" aria-hidden="true">
        ▾
      </span>
    </Button>
  );
}
