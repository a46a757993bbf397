/** Tells what hosts did on their own, off the wire: composing, queueing, storing, giving up. */
import { captions } from '../explain/captions.ts';
import { called } from '../explain/wording.ts';
import type { TraceEvent } from '../trace/event.ts';
import { assertNever, type HostId } from '../world/world.ts';
import type { Telling } from './connection.ts';
import { both, counted, hostChange, lettered, placed } from './fold.ts';
import { unseenLetter } from './letters.ts';
import { type BeatOf, type LineOf, type Occurrence, occurrence } from './occurrence.ts';
import type { Caption, ChapterKind, Outcome } from './story.ts';

type Of<Kind extends TraceEvent['kind']> = Extract<TraceEvent, { kind: Kind }>;

export type OffWireEvent = Of<
  | 'mail.composed'
  | 'mail.queued'
  | 'mail.stored'
  | 'mail.attempted'
  | 'mail.deferred'
  | 'mail.bounced'
  | 'mail.dequeued'
  | 'mailbox.found'
  | 'mailbox.locked'
  | 'mailbox.unlocked'
  | 'mailbox.removed'
  | 'client.failed'
  | 'marker'
>;

export class OffWire {
  private readonly telling: Telling;

  constructor(telling: Telling) {
    this.telling = telling;
  }

  read(event: OffWireEvent): Occurrence {
    const { letters } = this.telling;
    switch (event.kind) {
      case 'mail.composed':
        return this.composed(event);
      case 'mail.queued':
        return this.recovered(event);
      case 'mail.stored': {
        const change = counted(this.mailboxHost(event), 'mailbox', 1);
        return this.aside(event, event.host, `stored in the mailbox ${event.mailbox}`, { change });
      }
      case 'mail.attempted': {
        const change = lettered(letters.queued(event.host, event.queueId), () => ({ deferred: null }));
        return this.aside(event, event.host, `takes up ${event.queueId} for ${event.domain}`, { change });
      }
      case 'mail.deferred':
      case 'mail.bounced':
        return this.failed(event);
      case 'mail.dequeued': {
        letters.dequeue(event.host, event.queueId);
        const change = counted(event.host, 'queue', -1);
        return this.aside(event, event.host, `${event.queueId} is done: removed from the queue`, { change });
      }
      case 'mailbox.found': {
        const change = hostChange(this.mailboxHost(event), () => ({ mailbox: event.messages }));
        const text = `${event.messages} in the mailbox ${event.mailbox} from before`;
        return this.aside(event, this.mailboxHost(event), text, { change });
      }
      case 'mailbox.locked': {
        const change = hostChange(this.mailboxHost(event), () => ({ locked: true }));
        return this.aside(event, this.mailboxHost(event), `mailbox ${event.mailbox} locked`, { change });
      }
      case 'mailbox.unlocked': {
        const change = hostChange(this.mailboxHost(event), () => ({ locked: false }));
        return this.aside(event, this.mailboxHost(event), `mailbox ${event.mailbox} unlocked`, { change });
      }
      case 'mailbox.removed': {
        const change = counted(this.mailboxHost(event), 'mailbox', -1);
        return this.aside(event, this.mailboxHost(event), `removed from ${event.mailbox}`, { change });
      }
      case 'client.failed':
        return this.clientFailed(event);
      case 'marker':
        return this.aside(event, '', event.label, {});
      default:
        return assertNever(event);
    }
  }

  /** Told in passing, in the beat that is on. */
  aside(event: TraceEvent, host: HostId, text: string, given: Partial<Occurrence> = {}): Occurrence {
    const thread = `host ${host}`;
    const beat: BeatOf = { key: thread, name: 'aside', chapter: 'other', caption: captions.other('store', text) };
    const line = this.line(host, text, null, null);
    return occurrence({ thread, beat, wireAt: event.at, seq: event.seq }, { quiet: true, line, ...given });
  }

  private line(host: HostId, text: string, letter: string | null, verdict: Outcome): LineOf {
    return {
      text,
      bytes: new Uint8Array(0),
      omitted: 0,
      framing: 0,
      connection: '',
      protocol: 'store',
      from: 'aside',
      role: 'aside',
      client: host,
      server: host,
      port: 0,
      verdict,
      letter,
    };
  }

  private mailboxHost(event: { readonly mailbox: string; readonly host: HostId }): HostId {
    return this.telling.mailboxHost(event.mailbox, event.host);
  }

  /** A beat of its own for what `host` did. */
  private beat(event: TraceEvent, host: HostId, name: string, chapter: ChapterKind, caption: Caption): Occurrence {
    const beat: BeatOf = { key: `${name} ${event.seq}`, name, chapter, caption };
    return occurrence({ thread: `host ${host}`, beat, wireAt: event.at, seq: event.seq }, { hosts: [host] });
  }

  private composed(event: Of<'mail.composed'>): Occurrence {
    const { letters, world } = this.telling;
    const id = letters.fresh();
    letters.name(event.messageId, id);
    letters.moved(id, event.host, event.reversePath, event.recipients);
    const letter = unseenLetter(id, event, event.host, 'written', 'written, about to leave');
    const caption = captions.pressSend(world, event.host, event.recipients);
    return {
      ...this.beat(event, event.host, 'press-send', 'press-send', caption),
      change: placed({ ...letter, subject: event.subject }),
      line: this.line(event.host, `Send pressed: ${event.subject || 'no subject'}`, id, null),
      run: event.subject || 'A letter without a subject',
    };
  }

  /** A queue entry found on the disk at start: what accepted it is in an older trace, or was cut off. */
  private recovered(event: Of<'mail.queued'>): Occurrence {
    const { letters, world } = this.telling;
    const known = letters.queued(event.host, event.queueId);
    const id = known ?? letters.named(event.messageId) ?? letters.fresh();
    letters.name(event.messageId, id);
    letters.enqueue(event.host, event.queueId, id);
    letters.moved(id, event.host, event.reversePath, event.recipients);
    const note = 'found in the queue';
    const fresh = { ...unseenLetter(id, event, event.host, 'queued', note), queueId: event.queueId };
    // Where this very trace saw it queued, the count has it already.
    const change = known
      ? lettered(id, () => ({ at: event.host, place: 'queued', note }))
      : both(placed(fresh), counted(event.host, 'queue', 1));
    const caption = captions.recovered(called(world, event.host));
    return {
      ...this.beat(event, event.host, 'queue.recovered', 'other', caption),
      change,
      line: this.line(event.host, `${event.queueId} found in the queue`, id, null),
    };
  }

  private failed(event: Of<'mail.deferred' | 'mail.bounced'>): Occurrence {
    const id = this.telling.letters.queued(event.host, event.queueId);
    const host = called(this.telling.world, event.host);
    const { reason, status } = event;
    if (event.kind === 'mail.deferred') {
      const { retryAt } = event;
      const note = `waits for another try (${status})`;
      return {
        ...this.beat(event, event.host, 'queue.deferred', 'other', captions.deferred(host, reason)),
        failed: true,
        change: lettered(id, () => ({ at: event.host, place: 'queued', note, deferred: { reason, retryAt } })),
        line: this.line(event.host, `deferred: ${reason}`, id, 'wait'),
      };
    }
    const { recipients } = event;
    const change = lettered(id, letter => {
      // Where others have been served, the letter as such is not lost.
      const lost = letter.at === event.host && recipients.length >= letter.recipients.length;
      const some = `${letter.note}; undeliverable for ${recipients.length} of ${letter.recipients.length}`;
      return lost ? { place: 'given-up', note: `undeliverable (${status})`, deferred: null } : { note: some };
    });
    const beat = this.beat(event, event.host, 'queue.gave-up', 'other', captions.gaveUp(host, reason));
    return {
      ...beat,
      // Recipient after recipient of one letter is one beat.
      beat: { ...beat.beat, key: `${event.queueId} gave up` },
      failed: true,
      change,
      line: this.line(event.host, `given up: ${reason}`, id, 'no'),
    };
  }

  private clientFailed(event: Of<'client.failed'>): Occurrence {
    const id = event.id === undefined ? null : this.telling.letters.latestAt(event.host);
    const caption = captions.clientFailed(this.telling.world, event.host, event.reason);
    return {
      ...this.beat(event, event.host, 'client.failed', 'other', caption),
      failed: true,
      // One whose server took it for some recipients is on its way and not the client's any more.
      change: lettered(id, letter =>
        letter.at === event.host
          ? { place: 'refused', note: letter.note.startsWith('refused') ? letter.note : 'not sent' }
          : {},
      ),
      line: this.line(event.host, event.reason, id, 'no'),
    };
  }
}
