/** Follows the letter through one SMTP connection: whose envelope it is, who has it, and what each answer changes. */
import { decodeWords, fieldOf, type Header, messageIdOf } from '../decode/message.ts';
import { pathIn } from '../decode/smtp.ts';
import type { TraceEvent } from '../trace/event.ts';
import type { HostId } from '../world/world.ts';
import type { Connection } from './connection.ts';
import { both, type Change, counted, dropped, lettered, noteFor, placed, stamped } from './fold.ts';
import { short } from './label.ts';
import { unseenLetter } from './letters.ts';

/** Recipients that an envelope is told to have while it is still being named: each is a picture of its own. */
const MOST_RECIPIENTS = 256;

export class Transaction {
  /** The letter this connection carries now, or null between transactions. */
  letter: string | null = null;
  reversePath = '';
  /** Counts the transactions of this connection from 1. */
  nth = 0;
  /** Recipients refused in this transaction so far. */
  refusals = 0;
  private recipients: string[] = [];
  private phase: 'none' | 'envelope' | 'message' | 'taken' = 'none';
  private readonly connection: Connection;
  private readonly client: HostId;
  private readonly server: HostId;

  constructor(connection: Connection) {
    this.connection = connection;
    this.client = connection.from.host;
    this.server = connection.to.host;
  }

  private get letters() {
    return this.connection.telling.letters;
  }

  mail(argument: string): Change | null {
    this.nth += 1;
    this.phase = 'envelope';
    this.reversePath = pathIn(argument) ?? '';
    this.recipients = [];
    this.refusals = 0;
    this.letter = this.letters.at(this.client, this.reversePath, null);
    if (this.letter !== null) return null;
    this.letter = this.letters.fresh();
    const facts = { messageId: '', reversePath: this.reversePath, recipients: [], size: 0 };
    return placed(unseenLetter(this.letter, facts, this.client, 'written', 'being handed over'));
  }

  rcpt(argument: string): Change {
    const recipient = pathIn(argument) ?? '';
    const better = this.letters.at(this.client, this.reversePath, recipient);
    if (better !== null && this.recipients.length === 0) this.letter = better;
    if (this.recipients.length < MOST_RECIPIENTS) this.recipients = [...this.recipients, recipient];
    const { recipients } = this;
    // A letter that was composed here knows its recipients already; a stranger's is told one by one.
    return lettered(this.letter, letter => ({
      recipients: letter.recipients.length > recipients.length ? letter.recipients : recipients,
    }));
  }

  /** The message has crossed; `size` octets, those that were not recorded included. */
  message(header: Header, size: number): Change {
    const messageId = messageIdOf(header);
    const subject = decodeWords(fieldOf(header, 'Subject'));
    const guessed = this.letter;
    const id = this.letters.named(messageId) ?? guessed ?? this.letters.fresh();
    this.letter = id;
    this.phase = 'message';
    this.letters.name(messageId, id);
    this.letters.moved(id, this.server, this.reversePath, this.recipients);
    const arrive = lettered(id, letter => ({
      messageId: messageId || letter.messageId,
      subject: subject || letter.subject,
      size,
      at: this.server,
      place: 'travelling',
      note: 'handed over, not yet acknowledged',
    }));
    // A letter guessed from its envelope gives way to the one its Message-ID names; a guess that was nobody's goes.
    return guessed !== null && guessed !== id && this.connection.fromVisitor ? both(dropped(guessed), arrive) : arrive;
  }

  private took(event: Extract<TraceEvent, { kind: 'mail.queued' | 'mail.stored' }>, at: HostId): string {
    const id = this.letter ?? this.letters.fresh();
    this.letter = id;
    this.phase = 'taken';
    this.letters.name(event.messageId, id);
    this.letters.moved(id, at, event.reversePath, event.recipients);
    return id;
  }

  queued(event: Extract<TraceEvent, { kind: 'mail.queued' }>): Change {
    const id = this.took(event, event.host);
    this.letters.enqueue(event.host, event.queueId, id);
    const postmark = { host: this.server, wireAt: event.at };
    const settle = lettered(id, letter => {
      const { postmarks } = stamped(letter, postmark);
      const { host, size, recipients, queueId } = event;
      const note = noteFor(postmarks.length, 'in the queue');
      return { postmarks, at: host, place: 'queued', size, recipients, queueId, note };
    });
    return both(counted(event.host, 'queue', 1), settle);
  }

  /** `pop` is the host that holds the mailbox. */
  stored(event: Extract<TraceEvent, { kind: 'mail.stored' }>, pop: HostId): Change {
    const id = this.took(event, pop);
    const postmark = { host: this.server, wireAt: event.at };
    const settle = lettered(id, letter => {
      const { postmarks } = stamped(letter, postmark);
      const note = noteFor(postmarks.length, 'in the mailbox');
      return { postmarks, at: pop, place: 'mailbox', size: event.size, note };
    });
    return both(counted(pop, 'mailbox', 1), settle);
  }

  /** The 250 after DATA: responsibility moves (RFC 5321 §4.2.5). Ends the transaction. */
  acknowledged(event: TraceEvent, relay: boolean): Change {
    const id = this.letter;
    // Somebody else's server tells nobody when it has stored a letter: its 250 is all there is to see.
    const unseen = this.phase !== 'taken';
    if (unseen && id !== null) this.letters.moved(id, this.server, this.reversePath, this.recipients);
    this.letter = null;
    this.phase = 'none';
    const postmark = { host: this.server, wireAt: event.at };
    return lettered(id, letter => ({
      responsible: this.server,
      deferred: null,
      ...(unseen ? { ...stamped(letter, postmark), place: relay ? 'mailbox' : 'queued', note: 'acknowledged' } : {}),
    }));
  }

  /** A refused letter goes back to whoever is still responsible for it; `to` is the verb that was refused. */
  refused(to: string, code: number, reply: string, relay: boolean): Change | null {
    if (to === 'RCPT') this.refusals += 1;
    const id = this.letter;
    const whole = to === 'MAIL' || to === 'DATA' || to === '.' || (to === 'RCPT' && this.recipients.length === 1);
    if (id === null || !whole) return null;
    if (to === '.') {
      this.letters.moved(id, this.client, this.reversePath, this.recipients);
      this.phase = 'none';
    }
    const place = relay ? 'queued' : code >= 500 ? 'refused' : 'written';
    const note = `${code >= 500 ? 'refused' : 'not now'}: ${short(reply, 40)}`;
    return lettered(id, () => ({ at: this.client, place, note }));
  }

  /** True while a message or its acknowledgement is owed. */
  get unfinished(): boolean {
    return this.phase === 'message' || this.phase === 'taken';
  }

  /** The connection is gone: a stranger's letter that nobody took is not in the world any more. */
  abandoned(): Change | null {
    const open = this.phase === 'envelope' || this.phase === 'message';
    return open && this.letter !== null && this.connection.fromVisitor ? dropped(this.letter) : null;
  }
}
