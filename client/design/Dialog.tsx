/**
 * A native <dialog>, opened as modal: the browser keeps the focus inside, closes it on Escape and gives the focus back.
 * What is marked `data-first` gets the focus at the start; where nothing is, the cross has it.
 */
import type { MouseEvent, ReactNode } from 'react';
import { useEffect, useId, useRef } from 'react';
import { CrossIcon } from './icons.tsx';
import './parts.css';

export interface DialogProps {
  readonly open: boolean;
  /** Called on Escape, on the cross and on a click beside it; the caller then sets `open` to false. */
  readonly onClose: () => void;
  readonly title: string;
  readonly children: ReactNode;
  /** The row of buttons at the bottom. */
  readonly actions?: ReactNode;
  readonly wide?: boolean;
}

export function Dialog({ open, onClose, title, children, actions, wide = false }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const dialog = ref.current;
    if (dialog === null) return;
    if (open && !dialog.open) {
      dialog.showModal();
      // React's autoFocus comes too early: what stands in a closed dialog cannot have the focus.
      dialog.querySelector<HTMLElement>('[data-first]')?.focus();
    }
    if (!open && dialog.open) dialog.close();
  }, [open]);
  const beside = (event: MouseEvent) => {
    if (event.target === ref.current) onClose();
  };
  return (
    <dialog
      ref={ref}
      className={wide ? 'dialog wide' : 'dialog'}
      aria-labelledby={heading}
      onClose={() => {
        // The browser tells late: by then another dialog may have been opened, which this must not close.
        if (open) onClose();
      }}
      onMouseDown={beside}
    >
      {open ? (
        <div className="dialog-sheet airmail-edge">
          <div className="dialog-head">
            <h2 id={heading}>{title}</h2>
            <button type="button" className="dialog-close" aria-label="Close" onClick={onClose}>
              <CrossIcon />
            </button>
          </div>
          <div className="dialog-body">{children}</div>
          {actions === undefined ? null : <div className="dialog-actions">{actions}</div>}
        </div>
      ) : null}
    </dialog>
  );
}
