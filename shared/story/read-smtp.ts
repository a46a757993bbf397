/** Tells an SMTP connection: which of its commands and replies make which beat, and what moves. */
import { readable } from '../bytes.ts';
import { decodeWords, fieldOf, parseHeader } from '../decode/message.ts';
import { lineText, SmtpConversation, type SmtpUnit } from '../decode/smtp.ts';
import type { Side, TraceEvent } from '../trace/event.ts';
import { assertNever } from '../world/world.ts';
import type { Connection } from './connection.ts';
import type { Change } from './fold.ts';
import { messageSummary, replyLabel, short } from './label.ts';
import type { BeatOf, LineOf, Occurrence } from './occurrence.ts';
import { SmtpBeats } from './smtp-beats.ts';
import type { Outcome } from './story.ts';
import { Transaction } from './transaction.ts';

const outcomeOf = (code: number): Outcome => (code >= 500 ? 'no' : code >= 400 ? 'wait' : 'ok');

export class SmtpReader {
  private readonly conversation = new SmtpConversation();
  private readonly connection: Connection;
  private readonly beats: SmtpBeats;
  private readonly transaction: Transaction;
  private quitting = false;

  constructor(connection: Connection) {
    this.connection = connection;
    this.beats = new SmtpBeats(connection);
    this.transaction = new Transaction(connection);
  }

  hello(): BeatOf {
    return this.beats.hello();
  }

  read(side: Side, bytes: Uint8Array, omitted: number, event: TraceEvent): Occurrence[] {
    return this.conversation.push(side, bytes, omitted).flatMap(unit => this.tell(unit, event));
  }

  /** The queue has the letter that this connection brought; the 250 is still owed. */
  queued(event: TraceEvent & { readonly kind: 'mail.queued' }): Occurrence {
    const change = this.transaction.queued(event);
    const line = this.connection.aside(`on disk in the queue as ${event.queueId}`, this.transaction.letter);
    const beat = this.beats.accepted(this.transaction.nth);
    return this.connection.occurs(event, beat, { settles: false, hosts: this.connection.hosts, line, change });
  }

  /** The mailbox has it; the 250 is still owed. */
  stored(event: TraceEvent & { readonly kind: 'mail.stored' }): Occurrence {
    const { connection, transaction } = this;
    const exchanger = connection.to.host;
    const pop = connection.telling.mailboxHost(event.mailbox, event.host);
    const change = transaction.stored(event, pop);
    const letter = transaction.letter;
    const carries = { kind: 'letter', protocol: 'store', label: [], reply: false, verdict: null } as const;
    return connection.occurs(event, this.beats.stored(transaction.nth, event.mailbox), {
      settles: false,
      hosts: [exchanger, pop],
      motion: pop === exchanger ? null : { ...carries, from: exchanger, to: pop, letter },
      line: connection.aside(`stored in the mailbox ${event.mailbox}`, letter),
      change,
    });
  }

  /** What is left to say when the connection ends; `broken` when it was reset. */
  end(event: TraceEvent, broken: boolean): Occurrence[] {
    const { connection, transaction } = this;
    const left = this.conversation.end().flatMap(unit => this.tell(unit, event));
    const change = transaction.abandoned();
    if (this.quitting || !(broken || transaction.unfinished)) {
      return change ? [...left, connection.quietly(event, this.hello(), { change })] : left;
    }
    const line = connection.aside('the connection broke off', transaction.letter, 'no');
    return [
      ...left,
      connection.occurs(event, this.beats.lost(), { failed: true, change, hosts: connection.hosts, line }),
    ];
  }

  private beatOf(verb: string): BeatOf {
    if (verb === 'RCPT' && this.crowded) return this.beats.refusedAgain(this.transaction.nth);
    return this.beats.of(verb, this.transaction.nth, this.transaction.reversePath);
  }

  /** Two refusals are lessons, the third is a crowd. */
  private get crowded(): boolean {
    return this.transaction.refusals >= 2;
  }

  private line(unit: SmtpUnit, text: string, from: Side, role: LineOf['role'], verdict: Outcome = null): LineOf {
    return this.connection.line({ text, bytes: unit.bytes, from, role, verdict, letter: this.transaction.letter });
  }

  private tell(unit: SmtpUnit, event: TraceEvent): Occurrence[] {
    const { connection } = this;
    const { hosts } = connection;
    switch (unit.kind) {
      case 'command': {
        const text = lineText(unit.bytes);
        const change = this.command(unit.verb, unit.argument);
        const line = this.line(unit, text, 'client', 'command');
        if (unit.verb === 'QUIT') return [connection.quietly(event, this.hello(), { line })];
        const motion = connection.says([short(text)], this.transaction.letter);
        return [connection.occurs(event, this.beatOf(unit.verb), { hosts, line, change, settles: false, motion })];
      }
      case 'response': {
        const text = lineText(unit.bytes);
        const line = this.line(unit, text, 'client', 'command');
        const motion = connection.says([short(text)], null);
        return [connection.occurs(event, this.beatOf('AUTH'), { hosts, settles: false, line, motion })];
      }
      case 'message': {
        const header = parseHeader(unit.message);
        const size = unit.message.length + unit.omitted;
        const change = this.transaction.message(header, size);
        const line = { ...this.line(unit, messageSummary(header, size), 'client', 'content'), omitted: unit.omitted };
        const motion = { ...connection.says([], this.transaction.letter), kind: 'letter' as const };
        const subject = decodeWords(fieldOf(header, 'Subject'));
        const titles = connection.fromVisitor && subject ? subject : null;
        return [connection.occurs(event, this.beatOf('DATA'), { hosts, settles: false, change, line, motion, titles })];
      }
      case 'reply':
        return [this.reply(unit, event)];
      case 'fragment': {
        if (unit.bytes.length === 0) return [];
        const role = unit.from === 'client' ? 'command' : 'reply';
        const line = this.line(unit, readable(unit.bytes).trimEnd(), unit.from, role);
        return [connection.quietly(event, this.hello(), { line })];
      }
      default:
        return assertNever(unit);
    }
  }

  /** What a command means for the letter, before it is answered. */
  private command(verb: string, argument: string): Change | null {
    if (verb === 'QUIT') this.quitting = true;
    if (verb === 'MAIL') return this.transaction.mail(argument);
    return verb === 'RCPT' ? this.transaction.rcpt(argument) : null;
  }

  private reply(unit: Extract<SmtpUnit, { kind: 'reply' }>, event: TraceEvent): Occurrence {
    const { connection, transaction } = this;
    const { code, to } = unit;
    const [first = ''] = unit.lines;
    const verdict = outcomeOf(code);
    const line = this.line(unit, unit.lines.join('\n'), 'server', 'reply', verdict);
    if (to === 'QUIT') return connection.quietly(event, this.hello(), { line });
    const motion = connection.answers(replyLabel(unit.lines), verdict, transaction.letter);
    const told = { hosts: connection.hosts, line, motion };
    if (verdict !== 'ok') {
      const { crowded } = this;
      const change = transaction.refused(to, code, first, this.beats.relay);
      const beat = to === 'RCPT' && crowded ? this.beatOf(to) : this.beats.refused(event.seq, code, first);
      return connection.occurs(event, beat, { ...told, failed: true, change });
    }
    const beat = this.beatOf(to);
    const change = to === '.' ? transaction.acknowledged(event, this.beats.relay) : null;
    return connection.occurs(event, beat, { ...told, change });
  }
}
