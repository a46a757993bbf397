/** Undo and redo, as buttons; the keys for them are in the table of keys. */
import type { ReactNode } from 'react';
import { Button } from '../design/Button.tsx';
import { RedoIcon, UndoIcon } from '../design/icons.tsx';
import { redo, undo } from '../session/keeper.ts';
import { useKeeper } from '../session/useKeeper.ts';

export function Undo(): ReactNode {
  const canUndo = useKeeper(state => state.facts?.canUndo ?? false);
  const canRedo = useKeeper(state => state.facts?.canRedo ?? false);
  const busy = useKeeper(state => state.busy);
  return (
    <>
      <Button icon={<UndoIcon />} title="Undo  Ctrl Z" disabled={!canUndo || busy} onClick={() => void undo()}>
        Undo
      </Button>
      <Button icon={<RedoIcon />} title="Redo  Ctrl Shift Z" disabled={!canRedo || busy} onClick={() => void redo()}>
        Redo
      </Button>
    </>
  );
}
