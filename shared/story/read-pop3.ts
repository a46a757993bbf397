/** Tells a POP3 connection: how a letter is asked for, fetched and only then removed. */
import { readable } from '../bytes.ts';
import { decodeWords, fieldOf, messageIdOf, parseHeader } from '../decode/message.ts';
import { Pop3Conversation, type Pop3Unit } from '../decode/pop3.ts';
import { lineText } from '../decode/smtp.ts';
import { captions } from '../explain/captions.ts';
import { called } from '../explain/wording.ts';
import type { Side, TraceEvent } from '../trace/event.ts';
import { assertNever } from '../world/world.ts';
import type { Connection } from './connection.ts';
import { both, type Change, hostChange, lettered, placed } from './fold.ts';
import { messageSummary, replyLabel, short } from './label.ts';
import type { BeatOf, LineOf, Occurrence } from './occurrence.ts';

export class Pop3Reader {
  private readonly conversation = new Pop3Conversation();
  private readonly connection: Connection;
  private quitting = false;
  private deleted = false;
  /** True from the login on: leaving now without QUIT removes nothing. */
  private inside = false;
  /** Letters fetched in this session, newest last: the ones a removal is about. */
  private readonly fetched: string[] = [];
  /** Counts fetched letters, so that each is a beat of its own. */
  private retrieved = 0;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  hello(): BeatOf {
    return this.beat('check-mail', captions.checkMail(this.connection.world, this.connection.from.host));
  }

  read(side: Side, bytes: Uint8Array, omitted: number, event: TraceEvent): Occurrence[] {
    return this.conversation.push(side, bytes, omitted).flatMap(unit => this.tell(unit, event));
  }

  locked(event: TraceEvent & { readonly kind: 'mailbox.locked' }): Occurrence {
    this.inside = true;
    const host = this.connection.telling.mailboxHost(event.mailbox, event.host);
    return this.connection.occurs(event, this.beat('login', captions.login()), {
      quiet: true,
      settles: false,
      change: hostChange(host, () => ({ locked: true })),
      line: this.connection.aside(`mailbox ${event.mailbox} locked for this session`, null),
    });
  }

  removed(event: TraceEvent & { readonly kind: 'mailbox.removed' }): Occurrence {
    const host = this.connection.telling.mailboxHost(event.mailbox, event.host);
    const id = this.fetched.shift() ?? null;
    const client = this.connection.from.host;
    return this.connection.occurs(event, this.goodbye(), {
      settles: false,
      hosts: this.connection.hosts,
      line: this.connection.aside('removed from the mailbox', id),
      change: both(
        this.connection.counts(host, 'mailbox', -1),
        lettered(id, () => ({ responsible: client, note: 'arrived; the mailbox has let it go' })),
      ),
    });
  }

  unlocked(event: TraceEvent & { readonly kind: 'mailbox.unlocked' }): Occurrence {
    const host = this.connection.telling.mailboxHost(event.mailbox, event.host);
    return this.connection.quietly(event, this.goodbye(), {
      settles: !this.quitting,
      change: hostChange(host, () => ({ locked: false })),
    });
  }

  end(event: TraceEvent, broken: boolean): Occurrence[] {
    const left = this.conversation.end().flatMap(unit => this.tell(unit, event));
    if (this.quitting || !(broken || this.inside)) return left;
    return [
      ...left,
      this.connection.occurs(event, this.beat('lost', captions.lost('pop3')), {
        failed: true,
        hosts: this.connection.hosts,
        line: this.connection.aside('the connection broke off; nothing is removed', null, 'no'),
      }),
    ];
  }

  private beat(part: string, caption: BeatOf['caption']): BeatOf {
    return { key: `${this.connection.id} ${part}`, name: `collect.${part}`, chapter: 'collect', caption };
  }

  private goodbye(): BeatOf {
    return this.beat('goodbye', captions.tidy(this.deleted));
  }

  private beatFor(verb: string): BeatOf {
    switch (verb) {
      case '':
        return this.hello();
      case 'USER':
      case 'PASS':
      case 'AUTH':
        return this.beat('login', captions.login());
      case 'STAT':
      case 'LIST':
      case 'UIDL':
      case 'TOP':
        return this.beat('what-is-there', captions.whatIsThere());
      case 'RETR':
        return { ...this.beat(`retrieve ${this.retrieved}`, captions.retrieve()), name: 'collect.retrieve' };
      case 'DELE':
      case 'QUIT':
        return this.goodbye();
      default:
        return this.beat(`other ${verb}`, captions.other('pop3', short(verb)));
    }
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
        if (unit.verb === 'DELE') this.deleted = true;
        if (unit.verb === 'RETR') this.retrieved += 1;
        const text = lineText(unit.bytes);
        const line = this.line(unit, text, 'client', 'command');
        return [
          connection.occurs(event, this.beatFor(unit.verb), {
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
          connection.occurs(event, this.beatFor('AUTH'), {
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
        if (!unit.ok) {
          const caption = captions.refused('pop3', unit.text, called(connection.world, connection.to.host), true, '');
          return [
            connection.occurs(
              event,
              { ...this.beat(`refused ${event.seq}`, caption), name: 'collect.refused' },
              { hosts, line, motion, failed: true },
            ),
          ];
        }
        const more = unit.to === 'RETR' || unit.to === 'TOP';
        return [connection.occurs(event, this.beatFor(unit.to), { hosts, line, motion, settles: !more })];
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
    const { letters } = connection.telling;
    const header = parseHeader(unit.message);
    const messageId = messageIdOf(header);
    const size = unit.message.length + unit.omitted;
    const line = (letter: string | null): LineOf => ({
      ...this.line(unit, messageSummary(header, size), 'server', 'content', false, letter),
      omitted: unit.omitted,
    });
    if (unit.to === 'TOP') {
      return connection.occurs(event, this.beatFor('TOP'), {
        hosts: connection.hosts,
        line: line(null),
        motion: connection.answers(['the top of a letter'], null, null),
      });
    }
    const known = letters.named(messageId);
    const id = known ?? letters.fresh();
    letters.name(messageId, id);
    this.fetched.push(id);
    const client = connection.from.host;
    const arrived = { at: client, place: 'inbox', note: 'a copy has arrived' } as const;
    const server = connection.to.host;
    const change: Change = state =>
      state.letters.some(letter => letter.id === id)
        ? lettered(id, () => arrived)(state)
        : placed({
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
    return connection.occurs(event, this.beatFor('RETR'), {
      hosts: connection.hosts,
      line: line(id),
      motion: { ...connection.answers([], null, id), kind: 'letter' },
      change: both(change, connection.counts(client, 'inbox', 1)),
      inbox: { host: client, letter: id, raw: unit.message, omitted: unit.omitted },
    });
  }
}
