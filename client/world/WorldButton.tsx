/** The way to the editor of the world, in the head of the page. */
import type { ReactNode } from 'react';
import { Button } from '../design/Button.tsx';
import { WorldIcon } from '../design/icons.tsx';
import { newestWorld } from '../player/navigate.ts';
import { useKeeper } from '../session/useKeeper.ts';
import { usePlayer } from '../session/usePlayer.ts';
import { openDialog } from '../session/view.ts';

const RECORDED = 'A recording is shown: its world can be looked at, not changed.';

/** `entry`: as one of the menu, where the head has no room. */
export function WorldButton({
  className,
  entry = false,
  onOpen,
}: {
  readonly className: string;
  readonly entry?: boolean;
  readonly onOpen?: () => void;
}): ReactNode {
  const name = usePlayer(state => (state.story === null ? null : newestWorld(state.story).name));
  const recorded = usePlayer(state => state.source.kind === 'recorded');
  const editable = useKeeper(state => state.facts !== null);
  if (name === null) return null;
  const reason = recorded ? RECORDED : 'No server is connected whose world could be changed.';
  return (
    <Button
      className={className}
      {...(entry && { icon: <WorldIcon /> })}
      disabled={!editable}
      title={editable ? 'Change the world  w' : reason}
      onClick={() => {
        onOpen?.();
        openDialog({ kind: 'world' });
      }}
    >
      {entry ? (
        'The world'
      ) : (
        <>
          <span>World: </span>
          <b>{name}</b>
        </>
      )}
    </Button>
  );
}
