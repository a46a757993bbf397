/** What an author wrote for whoever tells the story aloud: closed until it is asked for. */
import type { ReactNode } from 'react';
import type { Words } from '../../shared/story/words.ts';
import { words } from './Caption.tsx';
import './question.css';

const PANEL = 'story-notes';

/** In the caption's head. */
export function NotesButton({ open, onToggle }: { readonly open: boolean; readonly onToggle: () => void }): ReactNode {
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

interface NotesPanelProps {
  /** Paragraphs parted by an empty line. */
  readonly notes: Words;
  /** Said where there are none. */
  readonly none: string;
  /** Below what stands beside the stage, instead of in the caption. */
  readonly beside: boolean;
}

/** Of one height whatever it says, so that what is around it does not move with each part. */
export function NotesPanel({ notes, none, beside }: NotesPanelProps): ReactNode {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
    <section className={beside ? 'notes-panel beside' : 'notes-panel'} id={PANEL} aria-label="Notes" tabIndex={0}>
      {notes === '' ? (
        <p className="none">{none}</p>
      ) : (
        notes.split(/\n{2,}/).map(paragraph => <p key={paragraph}>{words(paragraph)}</p>)
      )}
    </section>
  );
}
