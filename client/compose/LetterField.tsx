/** Where the letter is written. A text so long that the browser would stand still laying it out is kept whole, and shown in short. */
import type { ClipboardEvent, ReactNode } from 'react';
import { Button } from '../design/Button.tsx';

/** Characters. Chromium takes seconds to lay out ten million in a field. */
const LONGEST_EDITED = 200_000;
const SHOWN = 2_000;

export function LetterField({
  id,
  first,
  text,
  onChange,
}: {
  readonly id: string;
  /** Whether it has the focus when its dialog opens. */
  readonly first: boolean;
  readonly text: string;
  readonly onChange: (text: string) => void;
}): ReactNode {
  if (text.length > LONGEST_EDITED) {
    return (
      <div className="compose-long">
        <textarea id={id} rows={7} readOnly value={`${text.slice(0, SHOWN)}…`} aria-describedby={`${id}-long`} />
        <p className="compose-note" id={`${id}-long`}>
          {text.length.toLocaleString('en')} characters, too many to edit here. All of them will be sent.{' '}
          <Button look="quiet" onClick={() => onChange('')}>
            Start anew
          </Button>
        </p>
      </div>
    );
  }
  const paste = (event: ClipboardEvent<HTMLTextAreaElement>): void => {
    const pasted = event.clipboardData.getData('text/plain');
    if (text.length + pasted.length <= LONGEST_EDITED) return;
    // Put where the browser would have put it, but not into the field.
    event.preventDefault();
    const { selectionStart, selectionEnd } = event.currentTarget;
    onChange(text.slice(0, selectionStart) + pasted + text.slice(selectionEnd));
  };
  return (
    <textarea
      id={id}
      rows={7}
      value={text}
      data-first={first ? '' : undefined}
      onPaste={paste}
      onChange={event => onChange(event.target.value)}
    />
  );
}
