/** Tells a POP3 connection: how a letter is asked for, fetched and only then removed. */
import { readable } from '../bytes.ts';
import { decodeWords, fieldOf, messageIdOf, parseHeader } from '../decode/message.ts';
import { Pop3Conversation, type Pop3Unit } from '../decode/pop3.ts';
import { lineText } from '../decode/smtp.ts';
import { captions } from '../explain/captions.ts';
import { refusalOfPop3 } from '../explain/refusals.ts';
import { called } from '../explain/wording.ts';
import type { Side, TraceEvent } from '../trace/event.ts';
import type { Fault } from '../world/fault.ts';
import { assertNever } from '../world/world.ts';
import { arranged, struckCaption } from './arranged.ts';
import type { Connection } from './connection.ts';
import { both, type Change, hostChange, lettered, placed } from './fold.ts';
import { messageSummary, replyLabel, short } from './label.ts';
import type { BeatOf, LineOf, Occurrence } from './occurrence.ts';

/** "2 f81" is the unique id f81 of letter 2. A listing on one line is that of one letter, as RFC 1939 §7 has it. */
function uidOf(line: string): readonly [string, string] {
  const [number = '', uid = ''] = line.trim().split(/\s+/);
  return [number, uid];
}

export class Pop3Reader {
  private readonly conversation = new Pop3Conversation();
  private readonly connection: Connection;
  private quitting = false;
  private deleted = false;
  /** The mailbox that this session has locked, or ''. */
  private mailbox = '';
  /** Unique id of each letter by its number, as UIDL gave them; null before it was asked. */
  private uids: Map<string, string> | null = null;
  /** The number of the letter that RETR asked for last. */
  private wanted = '';
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
    this.mailbox = event.mailbox;
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
    const file = this.connection.telling.letters.removed(event.mailbox, event.file);
    const id = file ?? this.fetched.shift() ?? null;
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
    const fault = this.quitting && !broken ? null : this.struck();
    const late = this.quitting && !(broken && fault);
    if (late || !(broken || this.inside || fault)) return left;
    const caption = arranged(captions.lost('pop3'), fault, this.connection.world);
    return [
      ...left,
      this.connection.occurs(event, this.beat('lost', caption), {
        failed: true,
        hosts: this.connection.hosts,
        line: this.connection.aside('the connection broke off; nothing is removed', null, 'no'),
      }),
    ];
  }

  private beat(part: string, caption: BeatOf['caption']): BeatOf {
    return { key: `${this.connection.id} ${part}`, name: `collect.${part}`, chapter: 'collect', caption };
  }

  private struck(): Fault | null {
    return this.connection.telling.arranged.on(this.connection.id);
  }

  private goodbye(): BeatOf {
    const listed = this.uids?.size ?? null;
    const caption = this.deleted
      ? captions.tidy(true)
      : this.retrieved > 0
        ? captions.leftThere()
        : this.inside && listed !== null
          ? captions.nothingNew(listed)
          : captions.tidy(false);
    return this.beat('goodbye', caption);
  }

  private retrieving(): BeatOf {
    const { letters } = this.connection.telling;
    const uid = this.uids?.get(this.wanted);
    const id = uid === undefined ? null : letters.inMailbox(this.mailbox, uid);
    const listed = this.uids?.size ?? 0;
    const caption = letters.isReport(id)
      ? captions.retrieveReport()
      : this.skips && listed > 1
        ? captions.retrieveNew(listed)
        : captions.retrieve();
    return { ...this.beat(`retrieve ${this.retrieved}`, caption), name: 'collect.retrieve' };
  }

  /** It did not begin with the first letter: it knows that one. */
  private get skips(): boolean {
    return this.retrieved === 1 && this.wanted !== '1' && !this.deleted;
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
        return this.retrieving();
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
        if (unit.verb === 'RETR') {
          this.retrieved += 1;
          this.wanted = unit.argument.trim();
        }
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
        const fault = this.struck();
        if (!unit.ok) {
          const refused = refusalOfPop3(unit.text, called(connection.world, connection.to.host));
          const beat = this.beat(`refused ${event.seq}`, arranged(refused, fault, connection.world));
          return [
            connection.occurs(event, { ...beat, name: 'collect.refused' }, { hosts, line, motion, failed: true }),
          ];
        }
        if (unit.to === 'UIDL') this.uids = new Map(unit.listing.map(uidOf));
        if (fault !== null) {
          const beat = this.beat(`struck ${fault.id}`, struckCaption('pop3', fault, connection.world));
          return [connection.occurs(event, { ...beat, name: 'fault.struck' }, { hosts, line, motion })];
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
    const uid = this.uids?.get(this.wanted);
    const known =
      (uid === undefined ? null : letters.inMailbox(this.mailbox, uid)) ??
      letters.storedAs(this.mailbox, messageId, this.fetched) ??
      letters.named(messageId);
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
