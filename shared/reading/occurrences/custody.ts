/** What the server does with the letter of one transaction: keep it in a queue, put it into mailboxes, send copies on; until its 250 says so. */

import { NO_NOTE } from '../../story/note.ts';
import type { Letter } from '../../story/story.ts';
import type { TraceEvent } from '../../trace/event.ts';
import type { HostId } from '../../world/world.ts';
import type { Connection } from './connection.ts';
import { all, type Change, copied, counted, dropped, lettered, stamped } from './fold.ts';
import { unseenLetter } from './letters.ts';
import { arrivedEntry, enqueued } from './waiting.ts';

type Of<Kind extends TraceEvent['kind']> = Extract<TraceEvent, { kind: Kind }>;

export class Custody {
  /** The letter itself, once it is in a queue or a mailbox here. */
  own: string | null = null;
  /** It was told that the letter is sent on. */
  expands = false;
  /** Each member of the list gets a letter of its own, also one whose mailbox is here. */
  private listed = false;
  /** The letter that was put somewhere last. */
  latest: string | null = null;
  private readonly copies: string[] = [];
  private readonly connection: Connection;
  private readonly server: HostId;

  constructor(connection: Connection) {
    this.connection = connection;
    this.server = connection.to.host;
  }

  private get telling() {
    return this.connection.telling;
  }

  /** The server has it on disk, or has sent it on. */
  get taken(): boolean {
    return this.own !== null || this.expands;
  }

  /** The first place where a letter is put is its own, unless it is sent on there as a copy; every other one gets a copy. */
  private put(event: Of<'mail.queued' | 'mail.stored'>, at: HostId, letter: string | null): string {
    const { letters } = this.telling;
    const { host, messageId, recipients } = event;
    const original = event.kind === 'mail.queued' ? letters.expandedAt(host, messageId, recipients) : null;
    const source = original ?? letter;
    const copy = source !== null && (original !== null || this.own !== null || this.listed);
    const id = copy ? letters.copied(source, at, event, messageId) : (letter ?? letters.fresh());
    if (copy) this.copies.push(id);
    else this.own = id;
    this.latest = id;
    letters.name(messageId, id);
    letters.moved(id, at, event, messageId);
    return id;
  }

  /** Settles letter `id` at its place; a copy begins as the letter `of` is. */
  private settled(
    id: string,
    of: string | null,
    event: Of<'mail.queued' | 'mail.stored'>,
    at: Letter['at'],
    given: Partial<Letter>,
  ): Change {
    const postmark = { host: this.server, wireAt: this.telling.worldTime(event.at) };
    const where = event.kind === 'mail.queued' ? 'queue' : 'mailbox';
    const settle = lettered(id, letter => {
      const { postmarks } = stamped(letter, postmark);
      const recipients = event.recipients.length > 0 ? event.recipients : letter.recipients;
      const { size, reversePath } = event;
      const note = { code: 'stamped', times: postmarks.length, where } as const;
      return { postmarks, at, size, reversePath, recipients, note, ...given };
    });
    if (of === null || of === id) return settle;
    const first = unseenLetter(id, event, at, 'travelling', NO_NOTE);
    return all(copied(of, first, { reversePath: event.reversePath, deferred: null }), settle);
  }

  queued(event: Of<'mail.queued'>, letter: string | null): Change {
    const { queues } = this.telling;
    const { host, queueId, reversePath, recipients } = event;
    const id = this.put(event, host, letter);
    queues.put({ ...event, letter: id, pending: recipients });
    const entry = arrivedEntry(
      { host, queueId, letter: id, reversePath, recipients },
      this.telling.worldTime(event.at),
    );
    return all(
      counted(host, 'queue', 1),
      enqueued(entry),
      this.settled(id, letter, event, host, { place: 'queued', queueId }),
    );
  }

  stored(event: Of<'mail.stored'>, pop: HostId, letter: string | null): Change {
    const id = this.put(event, pop, letter);
    this.telling.letters.stored(event.mailbox, event.file, id, event.messageId);
    return all(counted(pop, 'mailbox', 1), this.settled(id, letter, event, pop, { place: 'mailbox' }));
  }

  expanded(event: Of<'mail.expanded'>, letter: string | null): Change | null {
    if (letter === null || event.as === 'backup') return null;
    this.expands = true;
    this.listed ||= event.as === 'list';
    this.telling.letters.expanded(letter, event);
    return lettered(letter, () => ({ note: { code: 'sent-on-for', address: event.address } }));
  }

  /** Who brought it may forget it. A letter of which only copies went on has come to its end. */
  acknowledged(event: TraceEvent, id: string | null, relay: boolean): Change {
    const { server } = this;
    const postmark = { host: server, wireAt: this.telling.worldTime(event.at) };
    const yours: Partial<Letter> = { responsible: server, deferred: null };
    const sentOn = this.own === null && this.expands;
    const unseen = !this.taken;
    const mine = lettered(id, letter => ({
      ...yours,
      ...(unseen
        ? { ...stamped(letter, postmark), place: relay ? 'mailbox' : 'queued', note: { code: 'acknowledged' } }
        : {}),
    }));
    return all(
      sentOn && id !== null ? dropped(id) : null,
      ...this.copies.map(copy => lettered(copy, () => yours)),
      sentOn ? null : mine,
    );
  }
}
