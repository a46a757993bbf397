/** What an author wrote for whoever tells the story aloud: closed until it is asked for. */
import type { ReactNode } from 'react';
import type { Words } from '../../shared/story/words.ts';
import { words } from './Caption.tsx';
import './question.css';

export interface NotesProps {
  /** Paragraphs parted by an empty line; '' where this part has none. */
  readonly notes: Words;
  readonly open: boolean;
  readonly onToggle: () => void;
}

const PANEL = 'story-notes';

/** In the caption's head. Where they are open it stays, also with a part that has none. */
export function NotesButton({ notes, open, onToggle }: NotesProps): ReactNode {
  if (notes === '' && !open) return null;
  return (
    <button
      type="button"
      className="caption-quiet notes-button"
      aria-expanded={open}
      aria-controls={open ? PANEL : undefined}
      title="Notes for whoever tells this  m"
      onClick={onToggle}
    >
      Notes
    </button>
  );
}

/** Under the caption: of one height whatever they say, so that the stage above does not move with each part. */
export function NotesPanel({ notes, open }: NotesProps): ReactNode {
  if (!open) return null;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
    <section className="notes-panel" id={PANEL} aria-label="Notes" tabIndex={0}>
      {notes === '' ? (
        <p className="none">No notes here.</p>
      ) : (
        notes.split(/\n{2,}/).map(paragraph => <p key={paragraph}>{words(paragraph)}</p>)
      )}
    </section>
  );
}
