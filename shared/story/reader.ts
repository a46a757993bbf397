/** Reads a trace event by event and says what each one means: the one place that knows every kind. */
import { called, captions } from '../explain/captions.ts';
import type { ConnectionId, Endpoint, Side, TraceEvent } from '../trace/event.ts';
import type { PublicWorld } from '../world/world.ts';
import { assertNever, type HostId } from '../world/world.ts';
import { Connection, mailboxHostIn, type Telling } from './connection.ts';
import { both, closed, counted, hostChange, lettered, opened, placed } from './fold.ts';
import { LetterBook } from './letters.ts';
import { type BeatOf, type Occurrence, occurrence } from './occurrence.ts';
import { DnsReader, tellDns } from './read-dns.ts';
import { Pop3Reader } from './read-pop3.ts';
import { SmtpReader } from './read-smtp.ts';
import type { Letter, LetterPlace, Protocol } from './story.ts';

const protocolAt = (port: number): Protocol => (port === 53 ? 'dns' : port === 110 || port === 995 ? 'pop3' : 'smtp');

interface Open {
  readonly connection: Connection;
  readonly reader: SmtpReader | Pop3Reader | DnsReader;
}

export class Reader {
  private readonly world: PublicWorld;
  private readonly telling: Telling;
  private readonly open = new Map<ConnectionId, Open>();
  private readonly letters = new LetterBook();

  constructor(world: PublicWorld, keep: Telling['keep']) {
    this.world = world;
    this.telling = { world, letters: this.letters, keep, mailboxHost: mailboxHostIn(world) };
  }

  read(event: TraceEvent): readonly Occurrence[] {
    switch (event.kind) {
      case 'tcp.opened':
        return [this.opened(event, event.connection, event.from, event.to)];
      case 'tcp.refused': {
        const server = called(this.world, event.to.host);
        const from = called(this.world, event.from.host);
        const connection = new Connection(
          event.connection,
          protocolAt(event.to.port),
          event.from,
          event.to,
          this.telling,
        );
        const motion = { ...connection.says([], null), kind: 'dial' as const, verdict: 'no' as const };
        const beat: BeatOf = {
          key: `${event.connection} refused`,
          name: 'connection.refused',
          chapter: 'hand-over',
          caption: captions.refusedConnection(from, server),
        };
        return [
          connection.occurs(event, beat, {
            hosts: connection.hosts,
            motion,
            failed: true,
            line: connection.aside(`no connection to ${event.to.host}:${event.to.port}: ${event.reason}`, null, 'no'),
          }),
        ];
      }
      case 'tcp.closed':
        return this.closed(event, event.connection, event.reason !== 'fin');
      case 'tls.started':
        return [];
      case 'wire.bytes':
        return this.bytes(event, event.connection, event.from, event.bytes, event.omitted ?? 0);
      case 'udp.datagram':
        return tellDns(this.telling, event.exchange, event.from, event.to, event.bytes, event);
      case 'mail.composed':
        return [this.composed(event)];
      case 'mail.queued': {
        const reader = this.smtp(event.connection);
        return reader ? [reader.took(event)] : [this.recovered(event)];
      }
      case 'mail.stored': {
        const reader = this.smtp(event.connection);
        return reader
          ? [reader.took(event)]
          : [
              this.aside(event, event.host, `stored in the mailbox ${event.mailbox}`, {
                change: counted(this.telling.mailboxHost(event.mailbox, event.host), 'mailbox', 1),
              }),
            ];
      }
      case 'mail.attempted': {
        const id = this.letters.queued(event.host, event.queueId);
        const change = lettered(id, () => ({ deferred: null }));
        return [this.aside(event, event.host, `takes up ${event.queueId} for ${event.domain}`, { change })];
      }
      case 'mail.deferred':
      case 'mail.bounced':
        return [this.failed(event)];
      case 'mail.dequeued': {
        this.letters.dequeue(event.host, event.queueId);
        return [
          this.aside(event, event.host, `${event.queueId} is done: removed from the queue`, {
            change: counted(event.host, 'queue', -1),
          }),
        ];
      }
      case 'mailbox.found': {
        const host = this.telling.mailboxHost(event.mailbox, event.host);
        return [
          this.aside(event, host, `${event.messages} in the mailbox ${event.mailbox} from before`, {
            change: hostChange(host, () => ({ mailbox: event.messages })),
          }),
        ];
      }
      case 'mailbox.locked': {
        const reader = this.pop3(event.connection);
        return reader ? [reader.locked(event)] : [];
      }
      case 'mailbox.unlocked': {
        const reader = this.pop3(event.connection);
        const host = this.telling.mailboxHost(event.mailbox, event.host);
        return [
          reader
            ? reader.unlocked(event)
            : this.aside(event, host, `mailbox ${event.mailbox} unlocked`, {
                change: hostChange(host, () => ({ locked: false })),
              }),
        ];
      }
      case 'mailbox.removed': {
        const reader = this.pop3(event.connection);
        const host = this.telling.mailboxHost(event.mailbox, event.host);
        return [
          reader
            ? reader.removed(event)
            : this.aside(event, host, `removed from ${event.mailbox}`, { change: counted(host, 'mailbox', -1) }),
        ];
      }
      case 'client.failed': {
        const beat: BeatOf = {
          key: `${event.host} failed ${event.seq}`,
          name: 'client.failed',
          chapter: 'other',
          caption: captions.clientFailed(this.world, event.host, event.reason),
        };
        const told = this.aside(event, event.host, event.reason, {}, beat);
        return [
          {
            ...told,
            quiet: false,
            failed: true,
            hosts: [event.host],
            line: told.line && { ...told.line, verdict: 'no' },
          },
        ];
      }
      case 'wire.held':
      case 'wire.released': {
        const host = this.open.get(event.connection)?.connection.from.host ?? '';
        return [
          {
            ...this.aside(
              event,
              host,
              event.kind === 'wire.held' ? `wire held: ${event.size} bytes wait` : 'wire released',
              {},
            ),
            settles: event.kind !== 'wire.held',
          },
        ];
      }
      case 'marker':
        return [this.aside(event, '', event.label, {})];
      case 'unknown':
        return [];
      default:
        return assertNever(event);
    }
  }

  private smtp(id: ConnectionId | undefined): SmtpReader | null {
    const reader = id === undefined ? undefined : this.open.get(id)?.reader;
    return reader instanceof SmtpReader ? reader : null;
  }

  private pop3(id: ConnectionId): Pop3Reader | null {
    const reader = this.open.get(id)?.reader;
    return reader instanceof Pop3Reader ? reader : null;
  }

  private opened(event: TraceEvent, id: ConnectionId, from: Endpoint, to: Endpoint): Occurrence {
    const protocol = protocolAt(to.port);
    const connection = new Connection(id, protocol, from, to, this.telling);
    const reader =
      protocol === 'dns'
        ? new DnsReader(connection)
        : protocol === 'pop3'
          ? new Pop3Reader(connection)
          : new SmtpReader(connection);
    // A stranger's call begins a journey of its own, unless one is on already.
    const begins = connection.fromVisitor && protocol === 'smtp' && this.open.size === 0;
    this.open.set(id, { connection, reader });
    return connection.occurs(event, reader.hello(), {
      hosts: connection.hosts,
      settles: protocol === 'dns',
      motion: { ...connection.says([], null), kind: 'dial' },
      change: opened({ id, protocol, client: from.host, server: to.host, port: to.port }),
      run: begins ? 'A call from your mail client' : null,
    });
  }

  private closed(event: TraceEvent, id: ConnectionId, broken: boolean): readonly Occurrence[] {
    const open = this.open.get(id);
    if (!open) return [];
    this.open.delete(id);
    const { connection, reader } = open;
    const last = reader instanceof DnsReader ? [] : reader.end(event, broken);
    return [...last, connection.quietly(event, reader.hello(), { change: closed(id) })];
  }

  private bytes(
    event: TraceEvent,
    id: ConnectionId,
    side: Side,
    bytes: Uint8Array,
    omitted: number,
  ): readonly Occurrence[] {
    const reader = this.open.get(id)?.reader;
    if (!reader) return [];
    return reader instanceof DnsReader ? reader.read(side, bytes, event) : reader.read(side, bytes, omitted, event);
  }

  private composed(event: Extract<TraceEvent, { kind: 'mail.composed' }>): Occurrence {
    const id = this.letters.fresh();
    this.letters.name(event.messageId, id);
    this.letters.moved(id, event.host, event.reversePath, event.recipients);
    const letter = this.letter(id, event, event.host, 'written', 'written, about to leave');
    const beat: BeatOf = {
      key: `${id} composed`,
      name: 'press-send',
      chapter: 'press-send',
      caption: captions.pressSend(this.world, event.host, event.recipients),
    };
    const told = this.aside(
      event,
      event.host,
      `Send pressed: ${event.subject || 'no subject'}`,
      { change: placed({ ...letter, subject: event.subject }) },
      beat,
    );
    return { ...told, quiet: false, hosts: [event.host], run: event.subject || 'A letter without a subject' };
  }

  private letter(
    id: string,
    facts: {
      readonly messageId: string;
      readonly reversePath: string;
      readonly recipients: readonly string[];
      readonly size: number;
    },
    at: HostId,
    place: LetterPlace,
    note: string,
  ): Letter {
    const { messageId, reversePath, recipients, size } = facts;
    return {
      id,
      messageId,
      reversePath,
      recipients,
      size,
      subject: '',
      at,
      place,
      postmarks: [],
      responsible: at,
      note,
      queueId: null,
      deferred: null,
    };
  }

  /** A queue entry found on the disk at start: what accepted it is in an older trace, or was cut off. */
  private recovered(event: Extract<TraceEvent, { kind: 'mail.queued' }>): Occurrence {
    const known = this.letters.queued(event.host, event.queueId);
    const id = known ?? this.letters.named(event.messageId) ?? this.letters.fresh();
    this.letters.name(event.messageId, id);
    this.letters.enqueue(event.host, event.queueId, id);
    this.letters.moved(id, event.host, event.reversePath, event.recipients);
    const beat: BeatOf = {
      key: `${event.queueId} recovered`,
      name: 'queue.recovered',
      chapter: 'other',
      caption: captions.recovered(called(this.world, event.host)),
    };
    const fresh = { ...this.letter(id, event, event.host, 'queued', 'found in the queue'), queueId: event.queueId };
    // Where this very trace saw it queued, the count has it already.
    const change = known
      ? lettered(id, () => ({ at: event.host, place: 'queued' }))
      : both(placed(fresh), counted(event.host, 'queue', 1));
    return {
      ...this.aside(event, event.host, `${event.queueId} found in the queue`, { change }, beat),
      quiet: false,
      hosts: [event.host],
    };
  }

  private failed(event: Extract<TraceEvent, { kind: 'mail.deferred' | 'mail.bounced' }>): Occurrence {
    const id = this.letters.queued(event.host, event.queueId);
    const host = called(this.world, event.host);
    const later = event.kind === 'mail.deferred';
    const beat: BeatOf = {
      key: `${event.queueId} ${event.seq}`,
      name: later ? 'queue.deferred' : 'queue.gave-up',
      chapter: 'other',
      caption: later ? captions.deferred(host, event.reason) : captions.gaveUp(host, event.reason),
    };
    const change = lettered(id, () =>
      event.kind === 'mail.deferred'
        ? {
            at: event.host,
            place: 'queued',
            note: `waits for another try (${event.status})`,
            deferred: { reason: event.reason, retryAt: event.retryAt },
          }
        : { at: event.host, place: 'given-up', note: `undeliverable (${event.status})`, deferred: null },
    );
    const told = this.aside(event, event.host, `${later ? 'deferred' : 'given up'}: ${event.reason}`, { change }, beat);
    return {
      ...told,
      quiet: false,
      failed: true,
      hosts: [event.host],
      line: told.line && { ...told.line, verdict: later ? 'wait' : 'no', letter: id },
    };
  }

  /** What a host did off the wire: told in passing, unless the caller makes a beat of it. */
  private aside(event: TraceEvent, host: HostId, text: string, given: Partial<Occurrence>, beat?: BeatOf): Occurrence {
    const thread = `host ${host}`;
    return occurrence(
      {
        thread,
        beat: beat ?? { key: thread, name: 'aside', chapter: 'other', caption: captions.other('store', text) },
        wireAt: event.at,
        seq: event.seq,
      },
      {
        quiet: true,
        line: {
          text,
          bytes: new Uint8Array(0),
          connection: '',
          protocol: 'store',
          from: 'aside',
          role: 'aside',
          client: host,
          server: host,
          port: 0,
          verdict: null,
          letter: null,
        },
        ...given,
      },
    );
  }
}
