/** Follows the letter through one SMTP connection: whose envelope it is, who has it, and what each answer changes. */

import { decodeWords } from '../../decode/encoded-words.ts';
import { fieldOf, type Header, messageIdOf } from '../../decode/message.ts';
import { pathIn } from '../../decode/smtp.ts';
import { NO_NOTE } from '../../story/note.ts';
import type { TraceEvent } from '../../trace/event.ts';
import type { HostId } from '../../world/world.ts';
import type { Connection } from '../occurrences/connection.ts';
import { divided, doubled } from '../occurrences/copies.ts';
import { Custody } from '../occurrences/custody.ts';
import { all, both, type Change, dropped, lettered, placed } from '../occurrences/fold.ts';
import { short } from '../occurrences/label.ts';
import { unseenLetter } from '../occurrences/letters.ts';
import type { Errand } from '../occurrences/queue-book.ts';
import { requeued } from '../occurrences/waiting.ts';

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
  /** Who was told yes at RCPT. */
  accepted: readonly string[] = [];
  /** What became of the letter at the server. */
  custody: Custody;
  private refused5: readonly string[] = [];
  private recipients: readonly string[] = [];
  private answered = 0;
  private phase: 'none' | 'envelope' | 'content' | 'message' = 'none';
  /** Of the client’s queue, where this connection is one. */
  private errand: Errand | null = null;
  /** The letter was made up from an envelope that nobody knew. */
  private own: string | null = null;
  private readonly connection: Connection;
  private readonly client: HostId;
  private readonly server: HostId;

  constructor(connection: Connection) {
    this.connection = connection;
    this.client = connection.from.host;
    this.server = connection.to.host;
    this.custody = new Custody(connection);
  }

  private get letters() {
    return this.connection.telling.letters;
  }

  private get queues() {
    return this.connection.telling.queues;
  }

  /** How many recipients have been named. */
  get named(): number {
    return this.recipients.length;
  }

  /** The next host gets it for some of those only who are on the letter’s envelope. */
  get isShare(): boolean {
    return this.errand !== null && this.errand.letter !== this.errand.entry.letter;
  }

  mail(argument: string): Change | null {
    this.nth += 1;
    this.phase = 'envelope';
    this.reversePath = pathIn(argument) ?? '';
    this.recipients = [];
    this.accepted = [];
    this.refused5 = [];
    this.answered = 0;
    this.refusals = 0;
    this.own = null;
    this.custody = new Custody(this.connection);
    this.carry(null);
    if (this.letter !== null) return null;
    this.own = this.letters.fresh();
    this.letter = this.own;
    const facts = { messageId: '', reversePath: this.reversePath, recipients: [], size: 0 };
    return placed(unseenLetter(this.own, facts, this.client, 'written', { code: 'being-handed-over' }));
  }

  /** Finds whose envelope this is, as well as it is known by now. */
  private carry(recipient: string | null): void {
    const { id } = this.connection;
    this.take(this.queues.carriedBy(this.client, id, this.reversePath, recipient));
    const better = this.errand?.letter ?? this.letters.at(this.client, this.reversePath, recipient);
    if (better !== null || recipient === null) this.letter = better;
  }

  private take(errand: Errand | null): void {
    if (this.errand !== null && this.errand !== errand) this.errand.on = null;
    this.errand = errand;
    if (errand !== null) errand.on = this.connection.id;
  }

  rcpt(argument: string): Change {
    const recipient = pathIn(argument) ?? '';
    if (this.recipients.length === 0 && this.own === null) this.carry(recipient);
    if (this.recipients.length < MOST_RECIPIENTS) this.recipients = [...this.recipients, recipient];
    const { recipients } = this;
    // A letter that was composed here knows its recipients already; a stranger's is told one by one.
    return lettered(this.letter, letter => ({
      recipients: letter.recipients.length > recipients.length ? letter.recipients : recipients,
    }));
  }

  /** The answer to a RCPT, in their order. */
  private answer(code: number): void {
    const recipient = this.recipients[this.answered];
    this.answered += 1;
    if (recipient === undefined) return;
    if (code < 400) this.accepted = [...this.accepted, recipient];
    else if (code >= 500) this.refused5 = [...this.refused5, recipient];
  }

  /** Those who get the letter: who was accepted, and who has no answer yet because nobody waited for it. */
  private get reached(): readonly string[] {
    return [...this.accepted, ...this.recipients.slice(this.answered)];
  }

  /** A yes, or a "go on", to this verb. */
  agreed(to: string): void {
    if (to === 'RCPT') this.answer(250);
    if (to === 'DATA') this.content();
  }

  /** The letter itself begins to cross. */
  content(): void {
    if (this.phase === 'envelope') this.phase = 'content';
  }

  /** The message has crossed; `size` octets, those that were not recorded included. */
  message(header: Header, size: number): Change {
    const messageId = messageIdOf(header);
    const subject = decodeWords(fieldOf(header, 'Subject'));
    const guessed = this.letter;
    const { id, twin } = this.identify(messageId);
    const { split, traveller } = divided(this.connection, this.errand, id, this.reached, this.refused5);
    this.letter = traveller;
    this.phase = 'message';
    this.letters.name(messageId, traveller);
    const recipients = this.reached;
    this.letters.moved(traveller, this.server, { reversePath: this.reversePath, recipients }, messageId);
    const first = unseenLetter(
      traveller,
      { messageId, reversePath: this.reversePath, recipients, size },
      this.server,
      'travelling',
      NO_NOTE,
    );
    const arrive = lettered(traveller, letter => ({
      messageId: messageId || letter.messageId,
      subject: subject || letter.subject,
      size,
      at: this.server,
      place: 'travelling',
      note: { code: 'unacknowledged' },
      copyOf: letter.copyOf ?? twin,
      ...(recipients.length > 0 ? { recipients } : {}),
    }));
    return all(
      // A letter guessed from its envelope gives way to the one its Message-ID names; a guess that was nobody's goes.
      guessed !== null && guessed !== id && guessed === this.own ? dropped(guessed) : null,
      split,
      state => (state.letters.some(letter => letter.id === traveller) || twin === null ? state : placed(first)(state)),
      arrive,
    );
  }

  /** Which letter this is; `twin` where another one with its Message-ID has arrived before. */
  private identify(messageId: string): { readonly id: string; readonly twin: string | null } {
    const [recipient = ''] = this.reached;
    const errand =
      this.errand?.entry.messageId === messageId
        ? this.errand
        : this.queues.carrying(this.client, messageId, recipient);
    if (errand !== null) {
      this.take(errand);
      return { id: errand.letter, twin: null };
    }
    const here = this.letters.here(this.client, messageId);
    if (here !== null) return { id: here, twin: null };
    const known = this.letters.named(messageId);
    if (known === null) return { id: this.letter ?? this.letters.fresh(), twin: null };
    if (!this.letters.hasArrived(known)) return { id: known, twin: null };
    return { id: this.own ?? this.letters.fresh(), twin: known };
  }

  queued(event: Extract<TraceEvent, { kind: 'mail.queued' }>): Change {
    const change = this.custody.queued(event, this.letter);
    this.letter ??= this.custody.own;
    return change;
  }

  /** `pop` is the host that holds the mailbox. */
  stored(event: Extract<TraceEvent, { kind: 'mail.stored' }>, pop: HostId): Change {
    const change = this.custody.stored(event, pop, this.letter);
    this.letter ??= this.custody.own;
    return change;
  }

  expanded(event: Extract<TraceEvent, { kind: 'mail.expanded' }>): Change | null {
    return this.custody.expanded(event, this.letter);
  }

  /** The 250 after DATA: responsibility moves (RFC 5321 §4.2.5). Ends the transaction. */
  acknowledged(event: TraceEvent, relay: boolean): Change {
    const id = this.letter;
    const { errand, custody } = this;
    // Somebody else's server tells nobody when it has stored a letter: its 250 is all there is to see.
    if (!custody.taken && id !== null)
      this.letters.moved(id, this.server, { reversePath: this.reversePath, recipients: this.recipients });
    if (errand !== null) this.queues.served(errand, this.accepted);
    const waits = errand && { ...errand.entry };
    this.take(null);
    this.letter = null;
    this.phase = 'none';
    this.custody = new Custody(this.connection);
    return all(
      waits && requeued(waits.host, waits.queueId, { recipients: waits.pending }),
      custody.acknowledged(event, id, relay),
    );
  }

  /** A refused letter goes back to whoever is still responsible for it; `to` is the verb that was refused. */
  refused(to: string, code: number, reply: string, relay: boolean): Change | null {
    if (to === 'RCPT') {
      this.refusals += 1;
      this.answer(code);
    }
    const id = this.letter;
    const whole = to === 'MAIL' || to === 'DATA' || to === '.' || (to === 'RCPT' && this.recipients.length === 1);
    if (id === null || !whole) return null;
    if (to === '.') {
      const { reversePath, recipients } = this;
      this.letters.moved(id, this.client, { reversePath, recipients });
      this.phase = 'none';
    }
    const place = relay ? 'queued' : code >= 500 ? 'refused' : 'written';
    const note = { code: code >= 500 ? 'refused' : 'not-now', reply: short(reply, 40) } as const;
    return lettered(id, () => ({ at: this.client, place, note }));
  }

  /** True while a message or its acknowledgement is owed. */
  get unfinished(): boolean {
    return this.phase === 'message' || this.custody.taken;
  }

  /** How far the letter had come when the line broke. */
  get broke(): 'before' | 'in-letter' | 'after-letter' {
    return this.unfinished ? 'after-letter' : this.phase === 'content' ? 'in-letter' : 'before';
  }

  /**
   * The connection is gone. A stranger's letter that nobody took is not in the world any more; where the line broke (`lost`), who
   * carried the letter still has it.
   */
  abandoned(relay: boolean, lost: boolean): Change | null {
    const { letter: id, errand, custody, phase } = this;
    this.take(null);
    if (id === null || (phase === 'none' && !custody.taken)) return null;
    if (this.connection.fromVisitor) return custody.taken ? null : dropped(id);
    if (!lost) return null;
    const { reversePath } = this;
    const recipients = errand?.entry.pending ?? this.recipients;
    const place = relay ? 'queued' : 'written';
    const note = { code: phase === 'message' ? 'no-answer-came' : 'line-broke' } as const;
    const back = { at: this.client, place, note } as const;
    if (!custody.taken) {
      this.letters.moved(id, this.client, { reversePath, recipients });
      return lettered(id, () => back);
    }
    // It is in two places now, and both believe that they have to see to it.
    const theirs = lettered(id, () => ({ responsible: this.server }));
    const ours = doubled(
      this.connection,
      errand,
      id,
      { reversePath, recipients },
      { ...back, responsible: this.client },
    );
    return both(theirs, ours);
  }
}
