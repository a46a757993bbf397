/** All keys, and the switch for those that are one character. */
import type { ReactNode } from 'react';
import { Dialog } from '../design/Dialog.tsx';
import { keysOn, type Surface } from '../player/keys.ts';
import { usePlayer } from '../session/usePlayer.ts';
import { openDialog, setLetterKeys } from '../session/view.ts';
import './help.css';

export function Help({ on }: { readonly on: Surface }): ReactNode {
  const open = usePlayer(state => state.dialog?.kind === 'help');
  const letters = usePlayer(state => state.letterKeys);
  return (
    <Dialog open={open} onClose={() => openDialog(null)} title="Keys">
      <dl className="help-keys">
        {keysOn(on).map(row => (
          <div key={row.shown}>
            <dt>
              <kbd>{row.shown}</kbd>
            </dt>
            <dd>{row.does}</dd>
          </div>
        ))}
      </dl>
      <label className="help-switch">
        <input type="checkbox" checked={letters} onChange={event => setLetterKeys(event.target.checked)} />
        Keys that are a single character are on
      </label>
    </Dialog>
  );
}
