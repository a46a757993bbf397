/** Tells an SMTP connection: which of its commands and replies make which beat, and where the letter is. */

import { readable } from '../bytes.ts';
import { decodeWords, fieldOf, messageIdOf, parseHeader } from '../decode/message.ts';
import { lineText, pathIn, SmtpConversation, type SmtpUnit } from '../decode/smtp.ts';
import { called, captions } from '../explain/captions.ts';
import { meaningOf } from '../explain/smtp.ts';
import type { Side, TraceEvent } from '../trace/event.ts';
import { assertNever } from '../world/world.ts';
import type { Connection } from './connection.ts';
import { both, type Change, dropped, lettered, noteFor, placed, stamped } from './fold.ts';
import { messageSummary, replyLabel, short } from './label.ts';
import type { BeatOf, LineOf, Occurrence } from './occurrence.ts';
import type { ChapterKind, Outcome } from './story.ts';

const isRefusal = (code: number): boolean => code >= 400;
const outcomeOf = (code: number): Outcome => (code >= 500 ? 'no' : code >= 400 ? 'wait' : 'ok');

/** One SMTP connection and the transaction it is in. */
export class SmtpReader {
  private readonly conversation = new SmtpConversation();
  private readonly connection: Connection;
  private readonly relay: boolean;
  private letter: string | null = null;
  private reversePath = '';
  private recipients: string[] = [];
  private lastRecipient = '';
  /** Counts transactions, so that two letters on one connection are two sets of beats. */
  private transaction = 0;
  private phase: 'hello' | 'envelope' | 'message' | 'taken' = 'hello';
  private quitting = false;

  constructor(connection: Connection) {
    this.connection = connection;
    this.relay = connection.to.port === 25;
  }

  hello(): BeatOf {
    const { world, from, to, id } = this.connection;
    return {
      key: `${id} hello`,
      name: this.relay ? 'hand-over.hello' : 'submission.hello',
      chapter: this.chapter(),
      caption: this.relay ? captions.helloRelay(world, from.host, to.host) : captions.hello(from.host, to.host),
    };
  }

  read(side: Side, bytes: Uint8Array, omitted: number, event: TraceEvent): Occurrence[] {
    return this.conversation.push(side, bytes, omitted).flatMap(unit => this.tell(unit, event));
  }

  /** The queue or the mailbox has the letter that this connection brought; the 250 is still owed. */
  took(event: Extract<TraceEvent, { kind: 'mail.queued' | 'mail.stored' }>): Occurrence {
    const { connection } = this;
    const { world, letters } = connection.telling;
    const id = this.letter ?? letters.fresh();
    this.letter = id;
    letters.name(event.messageId, id);
    this.phase = 'taken';
    const mark = { host: connection.to.host, wireAt: event.at };
    if (event.kind === 'mail.queued') {
      letters.enqueue(event.host, event.queueId, id);
      letters.moved(id, event.host, event.reversePath, event.recipients);
      return connection.occurs(event, this.taken(), {
        settles: false,
        line: connection.aside(`on disk in the queue as ${event.queueId}`, id),
        change: both(
          connection.counts(event.host, 'queue', 1),
          lettered(id, letter => {
            const marks = stamped(letter, mark);
            return {
              ...marks,
              at: event.host,
              place: 'queued',
              size: event.size,
              recipients: event.recipients,
              queueId: event.queueId,
              note: noteFor(marks.postmarks.length, 'in the queue'),
            };
          }),
        ),
      });
    }
    const pop = connection.telling.mailboxHost(event.mailbox, event.host);
    letters.moved(id, pop, event.reversePath, event.recipients);
    const mailbox = world.users.find(user => user.address === event.mailbox)?.name ?? event.mailbox;
    return connection.occurs(
      event,
      {
        key: `${connection.id} deliver ${this.transaction}`,
        name: 'deliver.store',
        chapter: 'deliver',
        caption: captions.deliver(called(world, connection.to.host), mailbox),
      },
      {
        settles: false,
        hosts: [connection.to.host, pop],
        motion:
          pop === connection.to.host
            ? null
            : {
                kind: 'letter',
                protocol: 'store',
                from: connection.to.host,
                to: pop,
                label: [],
                reply: false,
                verdict: null,
                letter: id,
              },
        line: connection.aside(`stored in the mailbox ${event.mailbox}`, id),
        change: both(
          connection.counts(pop, 'mailbox', 1),
          lettered(id, letter => {
            const marks = stamped(letter, mark);
            return {
              ...marks,
              at: pop,
              place: 'mailbox',
              size: event.size,
              note: noteFor(marks.postmarks.length, 'in the mailbox'),
            };
          }),
        ),
      },
    );
  }

  /** What is left to say when the connection ends; `broken` when it was reset. */
  end(event: TraceEvent, broken: boolean): Occurrence[] {
    const { connection } = this;
    const left = this.conversation.end().flatMap(unit => this.tell(unit, event));
    const unfinished = broken && !this.quitting;
    const abandoned = this.letter !== null && (this.phase === 'envelope' || this.phase === 'message');
    const change = abandoned && connection.fromVisitor ? dropped(this.letter ?? '') : null;
    if (!unfinished) return change ? [...left, connection.quietly(event, this.hello(), { change })] : left;
    return [
      ...left,
      connection.occurs(
        event,
        {
          key: `${connection.id} lost`,
          name: 'connection.lost',
          chapter: this.chapter(),
          caption: captions.lost('smtp'),
        },
        {
          failed: true,
          change,
          hosts: connection.hosts,
          line: connection.aside('the connection broke off', this.letter, 'no'),
        },
      ),
    ];
  }

  private chapter(): ChapterKind {
    return this.relay ? 'hand-over' : 'press-send';
  }

  private beat(part: string, caption: BeatOf['caption'], chapter = this.chapter()): BeatOf {
    return {
      key: `${this.connection.id} ${part} ${this.transaction}`,
      name: `${this.relay ? 'hand-over' : 'submission'}.${part}`,
      chapter,
      caption,
    };
  }

  private taken(): BeatOf {
    const { world } = this.connection.telling;
    const server = called(world, this.connection.to.host);
    return this.relay
      ? {
          ...this.beat('accepted', captions.taken(server, called(world, this.connection.from.host)), 'deliver'),
          name: 'deliver.accepted',
        }
      : this.beat('accepted', captions.queued(server));
  }

  private beatFor(verb: string): BeatOf {
    const { world, from, to } = this.connection;
    switch (verb) {
      case 'EHLO':
      case 'HELO':
      case '':
        return this.hello();
      case 'AUTH':
        return this.beat('auth', captions.auth(world, from.host));
      case 'MAIL':
      case 'RCPT':
        return this.beat('envelope', captions.envelope(this.reversePath, this.relay, called(world, to.host)));
      case 'DATA':
      case 'BDAT':
        return this.beat('letter', captions.letter(this.relay));
      case '.':
        return this.taken();
      default:
        return this.beat(`other ${verb}`, captions.other('smtp', short(verb)));
    }
  }

  private line(unit: SmtpUnit, text: string, from: Side, role: LineOf['role'], verdict: Outcome = null): LineOf {
    return this.connection.line({ text, bytes: unit.bytes, from, role, verdict, letter: this.letter });
  }

  private tell(unit: SmtpUnit, event: TraceEvent): Occurrence[] {
    const { connection } = this;
    const hosts = connection.hosts;
    switch (unit.kind) {
      case 'command': {
        const text = lineText(unit.bytes);
        const change = this.command(unit.verb, unit.argument);
        const line = this.line(unit, text, 'client', 'command');
        if (unit.verb === 'QUIT') return [connection.quietly(event, this.hello(), { line, change })];
        return [
          connection.occurs(event, this.beatFor(unit.verb), {
            hosts,
            line,
            change,
            settles: false,
            motion: connection.says([short(text)], this.letter),
          }),
        ];
      }
      case 'response': {
        const text = lineText(unit.bytes);
        return [
          connection.occurs(event, this.beatFor('AUTH'), {
            hosts,
            settles: false,
            line: this.line(unit, text, 'client', 'command'),
            motion: connection.says([short(text)], null),
          }),
        ];
      }
      case 'message':
        return [this.message(unit, event)];
      case 'reply':
        return this.reply(unit, event);
      case 'fragment':
        if (unit.bytes.length === 0) return [];
        return [
          connection.quietly(event, this.hello(), {
            line: this.line(
              unit,
              readable(unit.bytes).trimEnd(),
              unit.from,
              unit.from === 'client' ? 'command' : 'reply',
            ),
          }),
        ];
      default:
        return assertNever(unit);
    }
  }

  /** What a command means for the letter, before it is answered. */
  private command(verb: string, argument: string): Change | null {
    const { letters } = this.connection.telling;
    const client = this.connection.from.host;
    if (verb === 'QUIT') this.quitting = true;
    if (verb === 'MAIL') {
      this.transaction += 1;
      this.phase = 'envelope';
      this.reversePath = pathIn(argument) ?? '';
      this.recipients = [];
      this.letter = letters.at(client, this.reversePath, null);
      if (this.letter !== null) return null;
      const id = letters.fresh();
      this.letter = id;
      return placed({
        id,
        messageId: '',
        reversePath: this.reversePath,
        recipients: [],
        subject: '',
        size: 0,
        at: client,
        place: 'written',
        postmarks: [],
        responsible: client,
        note: 'being handed over',
        queueId: null,
        deferred: null,
      });
    }
    if (verb === 'RCPT') {
      this.lastRecipient = pathIn(argument) ?? '';
      const better = letters.at(client, this.reversePath, this.lastRecipient);
      if (better !== null && this.recipients.length === 0) this.letter = better;
      this.recipients.push(this.lastRecipient);
      const recipients = [...this.recipients];
      // A letter that was composed here knows its recipients already; a stranger's is told one by one.
      return lettered(this.letter, letter => ({
        recipients: letter.recipients.length > recipients.length ? letter.recipients : recipients,
      }));
    }
    return null;
  }

  private message(unit: Extract<SmtpUnit, { kind: 'message' }>, event: TraceEvent): Occurrence {
    const { connection } = this;
    const { letters } = connection.telling;
    const header = parseHeader(unit.message);
    const messageId = messageIdOf(header);
    const subject = decodeWords(fieldOf(header, 'Subject'));
    const size = unit.message.length + unit.omitted;
    const before = this.letter;
    const id = letters.named(messageId) ?? before ?? letters.fresh();
    this.letter = id;
    this.phase = 'message';
    letters.name(messageId, id);
    connection.telling.keep(id, unit.message);
    const { reversePath, recipients } = this;
    const arrive = lettered(id, letter => ({
      messageId: messageId || letter.messageId,
      subject: subject || letter.subject,
      size,
      at: connection.to.host,
      place: 'travelling',
      note: 'handed over, not yet acknowledged',
    }));
    // A letter guessed from its envelope gives way to the one its Message-ID names; a guess that was nobody's goes.
    const change = before !== null && before !== id && connection.fromVisitor ? both(dropped(before), arrive) : arrive;
    letters.moved(id, connection.to.host, reversePath, recipients);
    return connection.occurs(event, this.beatFor('DATA'), {
      hosts: connection.hosts,
      settles: false,
      change,
      line: this.line(unit, messageSummary(header, size), 'client', 'content'),
      motion: { ...connection.says([], id), kind: 'letter' },
    });
  }

  private reply(unit: Extract<SmtpUnit, { kind: 'reply' }>, event: TraceEvent): Occurrence[] {
    const { connection } = this;
    const [first = ''] = unit.lines;
    const verdict = outcomeOf(unit.code);
    const line = this.line(unit, unit.lines.join('\n'), 'server', 'reply', verdict);
    if (unit.to === 'QUIT') return [connection.quietly(event, this.hello(), { line })];
    const told = {
      hosts: connection.hosts,
      line,
      motion: connection.answers(replyLabel(unit.lines), verdict, this.letter),
    };
    if (isRefusal(unit.code)) {
      const who = called(connection.world, connection.to.host);
      const beat = this.beat(
        `refused ${event.seq}`,
        captions.refused('smtp', first, who, unit.code >= 500, meaningOf(unit.code, first)),
      );
      return [
        connection.occurs(
          event,
          { ...beat, name: `${this.relay ? 'hand-over' : 'submission'}.refused` },
          { ...told, failed: true, change: this.refusal(unit.to, unit.code, first) },
        ),
      ];
    }
    if (unit.to !== '.') return [connection.occurs(event, this.beatFor(unit.to), told)];
    const id = this.letter;
    const { letters } = connection.telling;
    // Somebody else's server tells nobody when it has stored a letter: its 250 is all there is to see.
    const unseen = this.phase !== 'taken';
    if (unseen && id !== null) letters.moved(id, connection.to.host, this.reversePath, this.recipients);
    const change = lettered(id, letter => ({
      responsible: connection.to.host,
      deferred: null,
      ...(unseen
        ? {
            ...stamped(letter, { host: connection.to.host, wireAt: event.at }),
            place: this.relay ? 'mailbox' : 'queued',
            note: 'acknowledged',
          }
        : {}),
    }));
    const beat = this.taken();
    this.letter = null;
    this.phase = 'hello';
    return [connection.occurs(event, beat, { ...told, change })];
  }

  /** A refused letter goes back to whoever is still responsible for it. */
  private refusal(to: string, code: number, reply: string): Change | null {
    const client = this.connection.from.host;
    const id = this.letter;
    const final = to === 'MAIL' || to === 'DATA' || to === '.' || (to === 'RCPT' && this.recipients.length === 1);
    if (id === null || !final) return null;
    if (to === '.') {
      this.connection.telling.letters.moved(id, client, this.reversePath, this.recipients);
      this.phase = 'hello';
    }
    return lettered(id, letter => ({
      at: client,
      place: code >= 500 && !this.relay ? 'refused' : this.relay ? 'queued' : 'written',
      note: code >= 500 ? `refused: ${short(reply, 40)}` : `not now: ${short(reply, 40)}`,
      responsible: letter.responsible,
    }));
  }
}
