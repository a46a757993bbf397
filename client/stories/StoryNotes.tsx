/** A told story's notes: under its caption, or, in a window too low for that, below what stands beside the stage. */
import { type ReactNode, useSyncExternalStore } from 'react';
import type { Scene, Story } from '../../shared/story/story.ts';
import { NotesButton, NotesPanel } from '../caption/Notes.tsx';
import { from, LAPTOP, LOW, upTo } from '../design/breakpoints.ts';
import { partOf, scriptOf } from '../player/questions.ts';
import { player } from '../session/store.ts';
import { usePlayer } from '../session/usePlayer.ts';
import { setNotes } from '../session/view.ts';

/** As in app.css: here the drawing has no room to give, the details have. */
const DETAILS_GIVE = `${from(LAPTOP)} and ${upTo(LOW)}`;
const low = (): boolean => matchMedia(DETAILS_GIVE).matches;
function onLow(tell: () => void): () => void {
  const query = matchMedia(DETAILS_GIVE);
  query.addEventListener('change', tell);
  return () => query.removeEventListener('change', tell);
}

const toggle = (): void => setNotes(!player.getState().notes);

interface StoryNotesProps {
  readonly story: Story;
  readonly scene: Scene;
  readonly as: 'button' | 'under' | 'beside';
}

export function StoryNotes({ story, scene, as }: StoryNotesProps): ReactNode {
  const open = usePlayer(state => state.notes);
  const asked = usePlayer(state => state.asked !== null);
  const beside = useSyncExternalStore(onLow, low);
  const told = scriptOf(story, scene.run)?.script.parts.some(part => part.notes !== '') ?? false;
  if (!told) return null;
  // What is said of a part before its question would answer it.
  const notes = asked ? '' : (partOf(story, scene.beat)?.notes ?? '');
  if (as === 'button') return notes === '' && !open ? null : <NotesButton open={open} onToggle={toggle} />;
  if (!open || beside !== (as === 'beside')) return null;
  const none = asked ? 'The notes come with what is asked about.' : 'No notes here.';
  return <NotesPanel notes={notes} none={none} beside={beside} />;
}
