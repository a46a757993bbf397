/** Tells what hosts did on their own, off the wire: composing, storing, remembering an answer, giving up. */
import { captions } from '../explain/captions.ts';
import { causeText } from '../explain/causes.ts';
import { troubleSentence } from '../explain/troubles.ts';
import { called } from '../explain/words/wording.ts';
import { NO_NOTE } from '../story/note.ts';
import type { TraceEvent } from '../trace/event.ts';
import { assertNever, type HostId } from '../world/world.ts';
import { aside, beatAt, lineAt } from './occurrences/aside.ts';
import { all, copied, counted, found, hostChange, lettered, placed } from './occurrences/fold.ts';
import { unseenLetter } from './occurrences/letters.ts';
import type { Occurrence } from './occurrences/occurrence.ts';
import type { Telling } from './occurrences/telling.ts';
import { requeued } from './occurrences/waiting.ts';

type Of<Kind extends TraceEvent['kind']> = Extract<TraceEvent, { kind: Kind }>;

type OffWireEvent = Of<
  | 'mail.composed'
  | 'mail.stored'
  | 'mailbox.found'
  | 'mailbox.locked'
  | 'mailbox.unlocked'
  | 'mailbox.removed'
  | 'client.failed'
  | 'marker'
  | 'room.trouble'
>;

export class OffWire {
  private readonly telling: Telling;

  constructor(telling: Telling) {
    this.telling = telling;
  }

  read(event: OffWireEvent): Occurrence {
    switch (event.kind) {
      case 'mail.composed':
        return this.composed(event);
      case 'mail.stored':
        return this.stored(event);
      case 'mailbox.found': {
        const change = hostChange(this.mailboxHost(event), () => ({ mailbox: event.messages }));
        const text = `${event.messages} in the mailbox ${event.mailbox} from before`;
        return aside(event, this.mailboxHost(event), text, { change });
      }
      case 'mailbox.locked': {
        const change = hostChange(this.mailboxHost(event), () => ({ locked: true }));
        return aside(event, this.mailboxHost(event), `mailbox ${event.mailbox} locked`, { change });
      }
      case 'mailbox.unlocked': {
        const change = hostChange(this.mailboxHost(event), () => ({ locked: false }));
        return aside(event, this.mailboxHost(event), `mailbox ${event.mailbox} unlocked`, { change });
      }
      case 'mailbox.removed': {
        this.telling.letters.removed(event.mailbox, event.file);
        const change = counted(this.mailboxHost(event), 'mailbox', -1);
        return aside(event, this.mailboxHost(event), `removed from ${event.mailbox}`, { change });
      }
      case 'client.failed':
        return this.clientFailed(event);
      case 'marker':
        return aside(event, '', event.label, {});
      case 'room.trouble':
        return aside(event, '', troubleSentence(event), {});
      default:
        return assertNever(event);
    }
  }

  private mailboxHost(event: { readonly mailbox: string; readonly host: HostId }): HostId {
    return this.telling.mailboxHost(event.mailbox, event.host);
  }

  private composed(event: Of<'mail.composed'>): Occurrence {
    const { letters, world } = this.telling;
    // One that lies here still is sent again from the outbox: a Message-ID names exactly one letter (RFC 5322 §3.6.4).
    const id = letters.here(event.host, event.messageId) ?? letters.fresh();
    letters.name(event.messageId, id);
    letters.moved(id, event.host, event, event.messageId);
    const letter = unseenLetter(id, event, event.host, 'written', { code: 'composed' });
    const caption = captions.pressSend(world, event.host, event.recipients);
    return {
      ...beatAt(event, event.host, 'press-send', 'press-send', caption),
      change: placed({ ...letter, subject: event.subject }),
      line: lineAt(event.host, `Send pressed: ${event.subject || 'no subject'}`, id),
      run: event.subject || 'A letter without a subject',
    };
  }

  /** Put into a mailbox without a connection: by a host that had it in its own queue. */
  private stored(event: Of<'mail.stored'>): Occurrence {
    const { letters, queues, world } = this.telling;
    const { mailbox, file, messageId, recipients, reversePath, size } = event;
    const pop = this.mailboxHost(event);
    const errand = queues.bringing(messageId, recipients[0] ?? mailbox);
    const host = errand?.entry.host ?? event.host;
    const known = errand?.letter ?? letters.here(host, messageId) ?? letters.named(messageId);
    // Where it has gone into a mailbox before, this is another copy.
    const another = known !== null && (errand?.gone === true || letters.hasArrived(known));
    const id = another ? letters.copied(known, pop, event, messageId) : (known ?? letters.fresh());
    letters.name(messageId, id);
    letters.stored(mailbox, file, id, messageId);
    letters.moved(id, pop, event, messageId);
    if (errand) queues.served(errand, recipients);
    const waits = errand && { ...errand.entry };
    const first = unseenLetter(id, event, pop, 'mailbox', NO_NOTE);
    const note = { code: 'in-mailbox' } as const;
    const there = {
      at: pop,
      place: 'mailbox',
      note,
      responsible: host,
      deferred: null,
      recipients,
      reversePath,
      size,
    } as const;
    const owner = world.users.find(user => user.address === mailbox)?.name ?? mailbox;
    const carries = { kind: 'letter', protocol: 'store', label: [], reply: false, verdict: null } as const;
    return {
      ...beatAt(event, host, 'deliver.store', 'deliver', captions.deliver(called(world, host), owner)),
      hosts: [host, pop],
      motion: host === pop ? null : { ...carries, from: host, to: pop, letter: id },
      line: lineAt(host, `stored in the mailbox ${mailbox}`, id),
      change: all(
        counted(pop, 'mailbox', 1),
        waits && requeued(waits.host, waits.queueId, { recipients: waits.pending }),
        another ? copied(known, first, there) : found(first, there),
      ),
    };
  }

  private clientFailed(event: Of<'client.failed'>): Occurrence {
    const id = event.id === undefined ? null : this.telling.letters.latestAt(event.host);
    const caption = captions.clientFailed(this.telling.world, event.host, event.cause);
    return {
      ...beatAt(event, event.host, 'client.failed', 'other', caption),
      failed: true,
      // One whose server took it for some recipients is on its way and not the client's any more.
      change: lettered(id, letter =>
        letter.at === event.host
          ? { place: 'refused', note: letter.note.code === 'refused' ? letter.note : { code: 'not-sent' } }
          : {},
      ),
      line: lineAt(event.host, causeText(event.cause), id, 'no'),
    };
  }
}
