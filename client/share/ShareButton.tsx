/** The way to links, figures and files of what is shown, in the head of the page. */
import type { ReactNode } from 'react';
import { Button } from '../design/Button.tsx';
import { ShareIcon } from '../design/icons.tsx';
import { usePlayer } from '../session/usePlayer.ts';
import { openDialog } from '../session/view.ts';

/** `entry`: as one of the menu, where the head has no room. `then`: what else is to be done. */
export function ShareButton({
  className,
  entry = false,
  then,
}: {
  readonly className: string;
  readonly entry?: boolean;
  readonly then?: (act: () => void) => () => void;
}): ReactNode {
  const ready = usePlayer(state => state.story !== null);
  const open = (): void => openDialog({ kind: 'share' });
  return (
    <Button
      className={className}
      icon={<ShareIcon />}
      disabled={!ready}
      title="Share it, embed it, save it  e"
      onClick={then === undefined ? open : then(open)}
    >
      {entry ? 'Share & embed' : 'Share'}
    </Button>
  );
}
