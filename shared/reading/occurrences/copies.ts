/** How one letter becomes two on a connection: somebody at home still waits for it, or its 250 got lost. */

import { NO_NOTE } from '../../story/note.ts';
import type { Letter } from '../../story/story.ts';
import type { Connection } from './connection.ts';
import { all, both, type Change, copied, lettered } from './fold.ts';
import { unseenLetter } from './letters.ts';
import { type Errand, without } from './queue-book.ts';

/** Where somebody still waits for the letter `id` in the queue, what travels to `reached` is a copy. `never`: they were refused for good. */
export function divided(
  { telling, from }: Connection,
  errand: Errand | null,
  id: string,
  reached: readonly string[],
  never: readonly string[],
): { readonly traveller: string; readonly split: Change | null } {
  if (errand === null || errand.letter !== errand.entry.letter) return { traveller: id, split: null };
  const { entry } = errand;
  const stay = without(without(entry.pending, reached), never);
  if (stay.length === 0) return { traveller: id, split: null };
  const envelope = { reversePath: entry.reversePath, recipients: reached };
  const copy = telling.letters.copied(id, from.host, envelope, entry.messageId);
  errand.letter = copy;
  const first = unseenLetter(copy, { ...envelope, messageId: entry.messageId, size: 0 }, from.host, 'queued', NO_NOTE);
  const keeps = lettered(id, () => ({ recipients: stay }));
  return { traveller: copy, split: both(keeps, copied(id, first, { recipients: reached })) };
}

/** The server has the letter `id`, and whoever brought it does not know: what it keeps, as `kept` says, is a copy from now on. */
export function doubled(
  { telling, from, to }: Connection,
  errand: Errand | null,
  id: string,
  envelope: Pick<Letter, 'reversePath' | 'recipients'>,
  kept: Pick<Letter, 'at' | 'place' | 'note' | 'responsible'>,
): Change {
  const { recipients } = envelope;
  // What travelled was a copy already: the letter itself has never left.
  if (errand !== null && errand.letter !== errand.entry.letter) {
    errand.letter = errand.entry.letter;
    return lettered(errand.letter, () => ({ recipients, note: kept.note }));
  }
  const twin = telling.letters.copied(id, from.host, envelope);
  const queueId = errand?.entry.queueId ?? null;
  if (errand !== null) {
    errand.letter = twin;
    errand.entry.letter = twin;
  }
  const first = unseenLetter(twin, { ...envelope, messageId: '', size: 0 }, from.host, kept.place, kept.note);
  const unstamped = lettered(twin, letter => ({ postmarks: letter.postmarks.filter(({ host }) => host !== to.host) }));
  return all(copied(id, first, { ...kept, deferred: null, queueId, recipients }), unstamped);
}
