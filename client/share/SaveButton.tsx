/** Saves one file, and says that it is there, or why not. */
import { type ReactNode, useState } from 'react';
import { Button } from '../design/Button.tsx';
import { SaveIcon } from '../design/icons.tsx';
import { type Chosen, type Kind, saveAs } from './files.ts';

interface Props {
  readonly kind: Kind;
  readonly chosen: Chosen;
  /** On the button, and in its name: "HTML", of "Transcript". */
  readonly children: string;
  readonly of: string;
  readonly onSaid: (said: string, bad: boolean) => void;
}

export function SaveButton({ kind, chosen, children, of, onSaid }: Props): ReactNode {
  const [busy, setBusy] = useState(false);
  const press = async (): Promise<void> => {
    setBusy(true);
    const saved = await saveAs(kind, chosen);
    setBusy(false);
    onSaid(saved.ok ? `Saved ${saved.value}` : saved.message, !saved.ok);
  };
  return (
    <Button
      icon={<SaveIcon />}
      aria-label={`Save ${of}${children === 'Save' ? '' : `: ${children}`}`}
      aria-busy={busy}
      onClick={() => void (busy || press())}
    >
      {children}
    </Button>
  );
}
