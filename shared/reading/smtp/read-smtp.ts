/** Tells an SMTP connection: which of its commands and replies make which beat, and what moves. */
import { readable } from '../../bytes.ts';
import { decodeWords } from '../../decode/encoded-words.ts';
import { lineText } from '../../decode/framing.ts';
import { fieldOf, parseHeader } from '../../decode/message.ts';
import { SmtpConversation, type SmtpUnit } from '../../decode/smtp.ts';
import type { Outcome } from '../../story/story.ts';
import type { Side, TraceEvent } from '../../trace/event.ts';
import { assertNever } from '../../world/world.ts';
import type { Connection } from '../occurrences/connection.ts';
import type { Change } from '../occurrences/fold.ts';
import { messageSummary, replyLabel, short } from '../occurrences/label.ts';
import type { BeatOf, LineOf, Occurrence } from '../occurrences/occurrence.ts';
import { groupSegment } from '../occurrences/segment-group.ts';
import { expansionOf } from '../queue/expansion.ts';
import { SmtpBeats } from './smtp-beats.ts';
import { Transaction } from './transaction.ts';

const outcomeOf = (code: number): Outcome => (code >= 500 ? 'no' : code >= 400 ? 'wait' : 'ok');

export class SmtpReader {
  private readonly conversation = new SmtpConversation();
  private readonly connection: Connection;
  private readonly beats: SmtpBeats;
  private readonly transaction: Transaction;
  private quitting = false;
  /** Commands without an answer. */
  private owed = 0;
  /** The server has said that it hangs up. */
  private dismissed = false;
  /** The letter is for a better exchanger than this one. */
  private backup = false;

  constructor(connection: Connection) {
    this.connection = connection;
    this.beats = new SmtpBeats(connection);
    this.transaction = new Transaction(connection);
  }

  hello(): BeatOf {
    return this.beats.hello();
  }

  read(side: Side, bytes: Uint8Array, omitted: number, event: TraceEvent): Occurrence[] {
    return groupSegment(this.conversation.push(side, bytes, omitted).flatMap(unit => this.tell(unit, event)));
  }

  /** The queue has the letter that this connection brought; the 250 is still owed. */
  queued(event: TraceEvent & { readonly kind: 'mail.queued' }): Occurrence {
    const { transaction, beats, connection } = this;
    const change = transaction.queued(event);
    const line = connection.aside(`on disk in the queue as ${event.queueId}`, transaction.custody.latest);
    const told = { settles: false, hosts: connection.hosts, line, change };
    // What an alias or a list sends on is told with it.
    if (transaction.custody.expands) return connection.quietly(event, this.hello(), told);
    this.backup ||= beats.relay;
    return connection.occurs(
      event,
      this.backup ? beats.backup(transaction.nth) : beats.accepted(transaction.nth),
      told,
    );
  }

  /** The mailbox has it; the 250 is still owed. */
  stored(event: TraceEvent & { readonly kind: 'mail.stored' }): Occurrence {
    const { connection, transaction } = this;
    const { letters } = connection.context;
    const exchanger = connection.to.host;
    const pop = connection.context.mailboxHost(event.mailbox, event.host);
    const again = letters.storedAs(event.mailbox, event.messageId, []) !== null;
    const other = transaction.custody.latest !== null;
    const change = transaction.stored(event, pop);
    const letter = transaction.custody.latest;
    const carries = { kind: 'letter', protocol: 'store', label: [], reply: false, verdict: null } as const;
    return connection.occurs(event, this.beats.stored(transaction.nth, event.mailbox, again, other), {
      settles: false,
      hosts: [exchanger, pop],
      motion: pop === exchanger ? null : { ...carries, from: exchanger, to: pop, letter },
      line: connection.aside(`stored in the mailbox ${event.mailbox}`, letter),
      change,
    });
  }

  /** The letter is sent on, or kept for a better exchanger; what that means follows. */
  expanded(event: TraceEvent & { readonly kind: 'mail.expanded' }): Occurrence {
    const { connection, transaction, beats } = this;
    const { caption, text } = expansionOf(connection.context, event);
    const line = connection.aside(text, transaction.letter);
    const told = { settles: false, hosts: connection.hosts, line, change: transaction.expanded(event) };
    if (event.as !== 'backup') return connection.occurs(event, beats.expanded(event.seq, event.as, caption), told);
    this.backup = true;
    return connection.occurs(event, beats.backup(transaction.nth), told);
  }

  /** What is left to say when the connection ends; `broken` when it was reset. */
  end(event: TraceEvent, broken: boolean): Occurrence[] {
    const { connection, transaction, beats } = this;
    const left = this.conversation.end().flatMap(unit => this.tell(unit, event));
    const fault = this.quitting ? null : connection.context.arranged.on(connection.id, 'end');
    const { broke } = transaction;
    const lost = !this.quitting && (broken || broke !== 'before' || this.owed > 0 || fault !== null) && !this.dismissed;
    const letter = transaction.letter;
    const change = transaction.abandoned(beats.relay, lost);
    if (!lost) return change ? [...left, connection.quietly(event, this.hello(), { change })] : left;
    const line = connection.aside('the connection broke off', letter, 'no');
    return [
      ...left,
      connection.occurs(event, beats.lost(broke, fault), { failed: true, change, hosts: connection.hosts, line }),
    ];
  }

  private beatOf(verb: string): BeatOf {
    const { beats, transaction } = this;
    if (verb === 'RCPT' && this.crowded) return beats.refusedAgain(transaction.nth);
    if (verb === 'RCPT' && transaction.refusals > 0) return beats.nextRecipient(transaction.nth, transaction.refusals);
    // Whoever did not wait for the answers hears them all at the end.
    const late = transaction.unfinished && /^(?:MAIL|RCPT|BDAT)$/.test(verb);
    if (late && !transaction.custody.taken) return beats.of('DATA', transaction);
    if (late || verb === '.')
      return this.backup ? beats.acceptedByBackup(transaction.nth) : beats.accepted(transaction.nth);
    return beats.of(verb, transaction);
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
    this.owed += 1;
    if (verb === 'QUIT') this.quitting = true;
    if (verb === 'MAIL') this.backup = false;
    if (verb === 'BDAT') this.transaction.content();
    if (verb === 'MAIL') return this.transaction.mail(argument);
    return verb === 'RCPT' ? this.transaction.rcpt(argument) : null;
  }

  private reply(unit: Extract<SmtpUnit, { kind: 'reply' }>, event: TraceEvent): Occurrence {
    const { connection, transaction } = this;
    const { code, to } = unit;
    const [first = ''] = unit.lines;
    const verdict = outcomeOf(code);
    this.owed = to === '.' ? 0 : Math.max(0, this.owed - 1);
    this.dismissed ||= code === 421;
    const line = this.line(unit, unit.lines.join('\n'), 'server', 'reply', verdict);
    if (to === 'QUIT') return connection.quietly(event, this.hello(), { line });
    const fault = connection.context.arranged.on(connection.id, verdict === 'ok' ? 'yes' : 'no');
    const motion = connection.answers(replyLabel(unit.lines), verdict, transaction.letter);
    const told = { hosts: connection.hosts, line, motion };
    if (verdict !== 'ok') {
      const { crowded } = this;
      const accepted = transaction.accepted.length;
      const change = transaction.refused(to, code, first, this.beats.relay);
      const beat =
        to === 'RCPT' && crowded && fault === null
          ? this.beatOf(to)
          : this.beats.refused(event.seq, { code, reply: first, to, accepted }, fault);
      return connection.occurs(event, beat, { ...told, failed: true, change });
    }
    transaction.agreed(to);
    const beat = fault === null ? this.beatOf(to) : this.beats.struck(event.seq, fault);
    const change = to === '.' ? transaction.acknowledged(event, this.beats.relay) : null;
    return connection.occurs(event, beat, { ...told, change });
  }
}
