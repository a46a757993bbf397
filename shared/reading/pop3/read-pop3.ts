/** Tells a POP3 connection: how a letter is asked for, fetched and only then removed. */
import { readable } from '../../bytes.ts';
import { decodeWords } from '../../decode/encoded-words.ts';
import { lineText } from '../../decode/framing.ts';
import { fieldOf, messageIdOf, parseHeader } from '../../decode/message.ts';
import { Pop3Conversation, type Pop3Unit } from '../../decode/pop3.ts';
import { captions } from '../../explain/captions.ts';
import { refusalOfPop3 } from '../../explain/refusals.ts';
import { called } from '../../explain/words/wording.ts';
import type { Side, TraceEvent } from '../../trace/event.ts';
import { assertNever } from '../../world/world.ts';
import { arranged, struckCaption } from '../occurrences/arranged.ts';
import type { Connection } from '../occurrences/connection.ts';
import { bothChanges, type Change, placeLetter, updateHost, updateLetter } from '../occurrences/fold.ts';
import { messageSummary, replyLabel, short } from '../occurrences/label.ts';
import type { BeatOf, LineOf, Occurrence } from '../occurrences/occurrence.ts';
import { Pop3Session } from './pop3-session.ts';

export class Pop3Reader {
  private readonly conversation = new Pop3Conversation();
  private readonly connection: Connection;
  private quitting = false;
  private readonly session: Pop3Session;
  /** Letters fetched in this session, newest last: the ones a removal is about. */
  private readonly fetched: string[] = [];

  constructor(connection: Connection) {
    this.connection = connection;
    this.session = new Pop3Session(connection);
  }

  hello(): BeatOf {
    return this.session.hello();
  }

  read(side: Side, bytes: Uint8Array, omitted: number, event: TraceEvent): Occurrence[] {
    return this.conversation.push(side, bytes, omitted).flatMap(unit => this.tell(unit, event));
  }

  locked(event: TraceEvent & { readonly kind: 'mailbox.locked' }): Occurrence {
    this.session.mailbox = event.mailbox;
    const host = this.connection.context.mailboxHost(event.mailbox, event.host);
    return this.connection.occurs(event, this.session.login(), {
      quiet: true,
      settles: false,
      change: updateHost(host, () => ({ locked: true })),
      line: this.connection.aside(`mailbox ${event.mailbox} locked for this session`, null),
    });
  }

  removed(event: TraceEvent & { readonly kind: 'mailbox.removed' }): Occurrence {
    const host = this.connection.context.mailboxHost(event.mailbox, event.host);
    const file = this.connection.context.letters.removed(event.mailbox, event.file);
    const id = file ?? this.fetched.shift() ?? null;
    const client = this.connection.from.host;
    return this.connection.occurs(event, this.session.goodbye(), {
      settles: false,
      hosts: this.connection.hosts,
      line: this.connection.aside('removed from the mailbox', id),
      change: bothChanges(
        this.connection.counts(host, 'mailbox', -1),
        updateLetter(id, () => ({ responsible: client, note: { code: 'let-go' } })),
      ),
    });
  }

  unlocked(event: TraceEvent & { readonly kind: 'mailbox.unlocked' }): Occurrence {
    const host = this.connection.context.mailboxHost(event.mailbox, event.host);
    return this.connection.quietly(event, this.session.goodbye(), {
      settles: !this.quitting,
      change: updateHost(host, () => ({ locked: false })),
    });
  }

  end(event: TraceEvent, broken: boolean): Occurrence[] {
    const left = this.conversation.end().flatMap(unit => this.tell(unit, event));
    const { connection, quitting, session } = this;
    const fault = connection.context.arranged.on(connection.id, 'end');
    if (fault === null && (quitting || !(broken || session.inside))) return left;
    const caption = quitting ? captions.goodbyeLost() : captions.lost('pop3');
    const text = quitting ? 'the connection broke off after QUIT' : 'the connection broke off; nothing is removed';
    return [
      ...left,
      connection.occurs(event, session.beat('lost', arranged(caption, fault, connection.world)), {
        failed: true,
        hosts: connection.hosts,
        line: connection.aside(text, null, 'no'),
      }),
    ];
  }

  private line(
    unit: Pop3Unit,
    text: string,
    from: Side,
    role: LineOf['role'],
    no = false,
    letter: string | null = null,
  ): LineOf {
    return this.connection.line({
      text,
      bytes: unit.bytes,
      from,
      role,
      verdict: role === 'reply' ? (no ? 'no' : 'ok') : null,
      letter,
    });
  }

  private tell(unit: Pop3Unit, event: TraceEvent): Occurrence[] {
    const { connection } = this;
    const { hosts } = connection;
    switch (unit.kind) {
      case 'command': {
        if (unit.verb === 'QUIT') this.quitting = true;
        this.session.command(unit.verb, unit.argument);
        const text = lineText(unit.bytes);
        const line = this.line(unit, text, 'client', 'command');
        return [
          connection.occurs(event, this.session.beatFor(unit.verb), {
            hosts,
            line,
            settles: false,
            motion: connection.says([short(text)], null),
          }),
        ];
      }
      case 'response': {
        const text = lineText(unit.bytes);
        const line = this.line(unit, text, 'client', 'command');
        return [
          connection.occurs(event, this.session.beatFor('AUTH'), {
            hosts,
            line,
            settles: false,
            motion: connection.says([short(text)], null),
          }),
        ];
      }
      case 'reply': {
        const text = [unit.text, ...unit.listing].join('\n');
        const line = this.line(unit, text, 'server', 'reply', !unit.ok);
        const motion = connection.answers(replyLabel(text.split('\n')), unit.ok ? 'ok' : 'no', null);
        const fault = connection.context.arranged.on(connection.id, unit.ok ? 'yes' : 'no');
        if (!unit.ok) {
          const refused = refusalOfPop3(unit.text, called(connection.world, connection.to.host));
          const beat = this.session.beat('refused', arranged(refused, fault, connection.world), event.seq);
          return [connection.occurs(event, beat, { hosts, line, motion, failed: true })];
        }
        if (unit.to === 'UIDL') this.session.listed(unit.listing);
        if (fault !== null) {
          const beat = this.session.beat('other', struckCaption('pop3', fault, connection.world), `struck ${fault.id}`);
          return [connection.occurs(event, { ...beat, name: 'fault.struck' }, { hosts, line, motion })];
        }
        const more = unit.to === 'RETR' || unit.to === 'TOP';
        return [connection.occurs(event, this.session.beatFor(unit.to), { hosts, line, motion, settles: !more })];
      }
      case 'message':
        return [this.message(unit, event)];
      case 'fragment':
        if (unit.bytes.length === 0) return [];
        return [
          connection.quietly(event, this.hello(), {
            line: this.line(
              unit,
              readable(unit.bytes).trimEnd(),
              unit.from,
              unit.from === 'client' ? 'command' : 'content',
            ),
          }),
        ];
      default:
        return assertNever(unit);
    }
  }

  private message(unit: Extract<Pop3Unit, { kind: 'message' }>, event: TraceEvent): Occurrence {
    const { connection } = this;
    const { letters } = connection.context;
    const header = parseHeader(unit.message);
    const messageId = messageIdOf(header);
    const size = unit.message.length + unit.omitted;
    const line = (letter: string | null): LineOf => ({
      ...this.line(unit, messageSummary(header, size), 'server', 'content', false, letter),
      omitted: unit.omitted,
    });
    if (unit.to === 'TOP') {
      return connection.occurs(event, this.session.beatFor('TOP'), {
        hosts: connection.hosts,
        line: line(null),
        motion: connection.answers(['the top of a letter'], null, null),
      });
    }
    const known = this.session.wantedLetter(messageId, this.fetched);
    const id = known ?? letters.fresh();
    letters.name(messageId, id);
    this.fetched.push(id);
    const client = connection.from.host;
    const arrived = { at: client, place: 'inbox', note: { code: 'copy-arrived' } } as const;
    const server = connection.to.host;
    const change: Change = state =>
      state.letters.some(letter => letter.id === id)
        ? updateLetter(id, () => arrived)(state)
        : placeLetter({
            id,
            messageId,
            reversePath: /^[^<]*<([^>]*)>/.exec(fieldOf(header, 'Return-Path'))?.[1] ?? '',
            recipients: [],
            subject: decodeWords(fieldOf(header, 'Subject')),
            size,
            postmarks: [],
            responsible: server,
            queueId: null,
            deferred: null,
            report: null,
            copyOf: null,
            ...arrived,
          })(state);
    return connection.occurs(event, this.session.beatFor('RETR'), {
      hosts: connection.hosts,
      line: line(id),
      motion: { ...connection.answers([], null, id), kind: 'letter' },
      change: bothChanges(change, connection.counts(client, 'inbox', 1)),
      inbox: { host: client, letter: id, raw: unit.message, omitted: unit.omitted },
    });
  }
}
