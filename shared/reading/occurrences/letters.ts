/** Who is who: recognises one letter by Message-ID, envelope or file, wherever on its way it is seen, and tells its copies apart. */

import type { LetterNote } from '../../story/note.ts';
import type { Letter, LetterPlace } from '../../story/story.ts';
import type { HostId } from '../../world/world.ts';

type Envelope = Pick<Letter, 'reversePath' | 'recipients'>;

interface Known extends Envelope {
  readonly id: string;
  readonly host: HostId;
  readonly messageId: string;
}

/** A letter that is sent on to others than its envelope names: the letters that leave are copies of `letter`. */
interface Expansion {
  readonly host: HostId;
  readonly letter: string;
  readonly messageId: string;
  readonly recipients: ReadonlySet<string>;
}

/** Letters that can still be recognised by their envelope alone. */
const MOST_RECENT = 64;
/** Expansions whose letters may still follow. */
const MOST_EXPANSIONS = 32;
/** Files of a mailbox among which a letter is looked for by its Message-ID. */
const MOST_SEARCHED = 512;

/** A letter as it is first seen at `at`, which is also who answers for it. */
export function unseenLetter(
  id: string,
  facts: Pick<Letter, 'messageId' | 'reversePath' | 'recipients' | 'size'>,
  at: HostId,
  place: LetterPlace,
  note: LetterNote,
): Letter {
  const { messageId, reversePath, recipients, size } = facts;
  const nothingYet = { subject: '', postmarks: [], queueId: null, deferred: null, report: null, copyOf: null };
  return { id, messageId, reversePath, recipients, size, at, place, responsible: at, note, ...nothingYet };
}

const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

export class LetterBook {
  private issued = 0;
  private readonly byMessageId = new Map<string, string>();
  private recent: Known[] = [];
  private expansions: Expansion[] = [];
  /** Mailbox, then file: which letter it is. */
  private readonly files = new Map<string, Map<string, { readonly id: string; readonly messageId: string }>>();
  private readonly arrived = new Set<string>();
  private readonly reports = new Set<string>();

  fresh(): string {
    this.issued += 1;
    return `L${this.issued}`;
  }

  /** The first letter with this Message-ID. One seen without gets no entry: two of them are two letters. */
  named(messageId: string): string | null {
    return (messageId && this.byMessageId.get(messageId)) || null;
  }

  name(messageId: string, id: string): void {
    if (messageId && !this.byMessageId.has(messageId)) this.byMessageId.set(messageId, id);
  }

  /** Notes where a letter is, to be recognised by `at` when its envelope is told there, or by `here` when its Message-ID is. */
  moved(id: string, host: HostId, { reversePath, recipients }: Envelope, messageId?: string): void {
    const known = this.recent.find(each => each.id === id);
    const letter = { id, host, reversePath, recipients, messageId: messageId || (known?.messageId ?? '') };
    this.recent = [...this.recent.filter(each => each !== known), letter].slice(-MOST_RECENT);
  }

  /** A copy of the letter begins at `host`: another id, the same Message-ID. */
  copied(of: string, host: HostId, envelope: Envelope, messageId = ''): string {
    const id = this.fresh();
    this.moved(id, host, envelope, messageId || this.recent.find(each => each.id === of)?.messageId);
    if (this.reports.has(of)) this.reports.add(id);
    return id;
  }

  /** The letter that came to `host` last, of those that are still there. */
  latestAt(host: HostId): string | null {
    return this.recent.findLast(known => known.host === host)?.id ?? null;
  }

  /** The letter at `host` with this sender and, once one is known, this recipient. */
  at(host: HostId, reversePath: string, recipient: string | null): string | null {
    const fits = (known: Known) =>
      known.host === host &&
      same(known.reversePath, reversePath) &&
      (recipient === null || known.recipients.some(each => same(each, recipient)));
    // The oldest first: servers take letters in the order they came.
    return this.recent.find(fits)?.id ?? null;
  }

  /** The letter at `host` with this Message-ID. */
  here(host: HostId, messageId: string): string | null {
    if (messageId === '') return null;
    return this.recent.find(known => known.host === host && known.messageId === messageId)?.id ?? null;
  }

  /** It lies in a mailbox: whoever brings a letter with its Message-ID from now on brings another copy. */
  stored(mailbox: string, file: string, id: string, messageId: string): void {
    const files = this.files.get(mailbox) ?? new Map<string, { id: string; messageId: string }>();
    this.files.set(mailbox, files.set(file, { id, messageId }));
    this.arrived.add(id);
  }

  hasArrived(id: string): boolean {
    return this.arrived.has(id);
  }

  /** Which letter a file of the mailbox is, or null. */
  inMailbox(mailbox: string, file: string): string | null {
    return this.files.get(mailbox)?.get(file)?.id ?? null;
  }

  /** Any letter of the mailbox with this Message-ID, but those. */
  storedAs(mailbox: string, messageId: string, but: readonly string[]): string | null {
    let searched = 0;
    for (const file of this.files.get(mailbox)?.values() ?? []) {
      searched += 1;
      if (searched > MOST_SEARCHED) return null;
      if (file.messageId === messageId && messageId !== '' && !but.includes(file.id)) return file.id;
    }
    return null;
  }

  removed(mailbox: string, file: string): string | null {
    const id = this.inMailbox(mailbox, file);
    this.files.get(mailbox)?.delete(file);
    return id;
  }

  expanded(letter: string, event: { host: HostId; messageId: string; recipients: readonly string[] }): void {
    const { host, messageId } = event;
    const recipients = new Set(event.recipients.map(each => each.toLowerCase()));
    this.expansions = [...this.expansions, { host, letter, messageId, recipients }].slice(-MOST_EXPANSIONS);
  }

  /** The letter of which this one is a copy, because `host` sends it on; null where it was not expanded. */
  expandedAt(host: HostId, messageId: string, recipients: readonly string[]): string | null {
    const fits = (each: Expansion) =>
      each.host === host &&
      (each.messageId === messageId || messageId === '') &&
      recipients.length > 0 &&
      recipients.every(recipient => each.recipients.has(recipient.toLowerCase()));
    return this.expansions.findLast(fits)?.letter ?? null;
  }

  reporting(id: string): void {
    this.reports.add(id);
  }

  isReport(id: string | null): boolean {
    return id !== null && this.reports.has(id);
  }
}
