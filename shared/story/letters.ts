/** Who is who: recognises one letter by Message-ID, queue entry or envelope, wherever on its way it is seen. */
import type { HostId } from '../world/world.ts';
import type { Letter, LetterPlace } from './story.ts';

interface Known {
  readonly id: string;
  readonly host: HostId;
  readonly reversePath: string;
  readonly recipients: readonly string[];
}

/** Letters that can still be recognised by their envelope alone. */
const MOST_RECENT = 64;

/** A letter as it is first seen at `at`, which is also who answers for it. */
export function unseenLetter(
  id: string,
  facts: Pick<Letter, 'messageId' | 'reversePath' | 'recipients' | 'size'>,
  at: HostId,
  place: LetterPlace,
  note: string,
): Letter {
  const { messageId, reversePath, recipients, size } = facts;
  const nothingYet = { subject: '', postmarks: [], queueId: null, deferred: null, report: null, copyOf: null };
  return { id, messageId, reversePath, recipients, size, at, place, responsible: at, note, ...nothingYet };
}

export class LetterBook {
  private issued = 0;
  private readonly byMessageId = new Map<string, string>();
  private readonly byQueue = new Map<string, string>();
  private recent: Known[] = [];

  fresh(): string {
    this.issued += 1;
    return `L${this.issued}`;
  }

  /** A letter seen without a Message-ID gets no entry there: two of them are two letters. */
  named(messageId: string): string | null {
    return (messageId && this.byMessageId.get(messageId)) || null;
  }

  name(messageId: string, id: string): void {
    if (messageId) this.byMessageId.set(messageId, id);
  }

  queued(host: HostId, queueId: string): string | null {
    return this.byQueue.get(`${host} ${queueId}`) ?? null;
  }

  enqueue(host: HostId, queueId: string, id: string): void {
    this.byQueue.set(`${host} ${queueId}`, id);
  }

  dequeue(host: HostId, queueId: string): void {
    this.byQueue.delete(`${host} ${queueId}`);
  }

  /** Notes where a letter is, to be recognised by `at` when its envelope is told there. */
  moved(id: string, host: HostId, reversePath: string, recipients: readonly string[]): void {
    this.recent = [...this.recent.filter(each => each.id !== id), { id, host, reversePath, recipients }].slice(
      -MOST_RECENT,
    );
  }

  /** The letter that came to `host` last, of those that are still there. */
  latestAt(host: HostId): string | null {
    return this.recent.findLast(known => known.host === host)?.id ?? null;
  }

  /** The letter at `host` with this sender and, once one is known, this recipient. */
  at(host: HostId, reversePath: string, recipient: string | null): string | null {
    const same = (known: Known) =>
      known.host === host &&
      known.reversePath.toLowerCase() === reversePath.toLowerCase() &&
      (recipient === null || known.recipients.some(each => each.toLowerCase() === recipient.toLowerCase()));
    // The oldest first: servers take letters in the order they came.
    return this.recent.find(same)?.id ?? null;
  }
}
