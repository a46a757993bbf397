/** All keys, and the switch for those that are one character. */
import type { ReactNode } from 'react';
import { Dialog } from '../design/Dialog.tsx';
import { KEYS, type KeyRow } from './keys.ts';
import { usePlayer } from './usePlayer.ts';
import { openDialog, setLetterKeys } from './view.ts';

export function Help({ rows = KEYS }: { readonly rows?: readonly KeyRow[] }): ReactNode {
  const open = usePlayer(state => state.dialog?.kind === 'help');
  const letters = usePlayer(state => state.letterKeys);
  return (
    <Dialog open={open} onClose={() => openDialog(null)} title="Keys">
      <dl className="help-keys">
        {rows.map(row => (
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
