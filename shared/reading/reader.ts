/** Reads a trace event by event and says what each one means: the one place that knows every kind. */
import { captions } from '../explain/captions.ts';
import { causeText } from '../explain/causes.ts';
import { faultSentence } from '../explain/faults.ts';
import { called } from '../explain/words/wording.ts';
import { worldEditText } from '../explain/world-edits.ts';
import { Fifo } from '../fifo.ts';
import { type Protocol, protocolAt } from '../protocols.ts';
import type { ConnectionId, Endpoint, Side, TraceEvent } from '../trace/event.ts';
import { assertNever, type HostId, type PublicWorld } from '../world/world.ts';
import { CacheTale } from './dns/cache-tale.ts';
import { DnsReader, tellDns } from './dns/read-dns.ts';
import { arranged, struckCaption } from './occurrences/arranged.ts';
import { aside, beatAt, lineAt, shortened } from './occurrences/aside.ts';
import { Connection } from './occurrences/connection.ts';
import { clockJumped, closed, opened, worldChanged } from './occurrences/fold.ts';
import { type BeatOf, type Occurrence, occurrence } from './occurrences/occurrence.ts';
import { Telling } from './occurrences/telling.ts';
import { OffWire } from './off-wire.ts';
import { asEver, isOldStory } from './old-story.ts';
import { Pop3Reader } from './pop3/read-pop3.ts';
import { QueueTale } from './queue/queue-tale.ts';
import { SmtpReader } from './smtp/read-smtp.ts';
import { scriptBegun, scriptEnded } from './stage-direction.ts';

/** A port that nobody knows is read as SMTP, the protocol of which there is most. */
const readAs = (port: number): Protocol => protocolAt(port) ?? 'smtp';

type Composed = TraceEvent & { readonly kind: 'mail.composed' };

interface Open {
  readonly connection: Connection;
  readonly reader: SmtpReader | Pop3Reader | DnsReader;
}

export class Reader {
  private readonly telling: Telling;
  private readonly offWire: OffWire;
  private readonly queues: QueueTale;
  private readonly caches: CacheTale;
  /** Letters whose Send was pressed and whose client has not called yet: told together with the call. */
  private readonly pressed = new Map<HostId, Fifo<Composed>>();
  private readonly open = new Map<ConnectionId, Open>();
  /** Letters stored in this run that nobody has come for: collecting them still belongs to it. */
  private uncollected = 0;

  constructor(world: PublicWorld) {
    this.telling = new Telling(world);
    this.offWire = new OffWire(this.telling);
    this.queues = new QueueTale(this.telling);
    this.caches = new CacheTale(this.telling);
  }

  read(event: TraceEvent): readonly Occurrence[] {
    // Asked before: what is read now may be the end of it.
    const old = isOldStory(event, this.telling.queues, id => this.open.get(id)?.connection.from.host ?? '');
    const told = 'cut' in event ? [...this.tell(event), shortened(event, event.cut ?? [])] : this.tell(event);
    return old ? told.map(asEver) : told;
  }

  private tell(event: TraceEvent): readonly Occurrence[] {
    switch (event.kind) {
      case 'tcp.opened':
        return this.opened(event, event.connection, event.from, event.to);
      case 'tcp.refused':
        return [...this.sent(event.from.host, event.connection), this.refused(event)];
      case 'tcp.closed':
        return this.closed(event, event.connection, event.reason !== 'fin');
      case 'tls.started':
        return [];
      case 'wire.bytes':
        return this.bytes(event, event.connection, event.from, event.bytes, event.omitted ?? 0);
      case 'udp.datagram':
        return tellDns(this.telling, event.exchange, event.from, event.to, event.bytes, event);
      case 'mail.queued':
        return [this.smtp(event.connection)?.queued(event) ?? this.queues.read(event)];
      case 'mail.stored':
        this.uncollected += 1;
        return [this.smtp(event.connection)?.stored(event) ?? this.offWire.read(event)];
      case 'mailbox.locked':
        return [this.pop3(event.connection)?.locked(event) ?? this.offWire.read(event)];
      case 'mailbox.unlocked':
        return [this.pop3(event.connection)?.unlocked(event) ?? this.offWire.read(event)];
      case 'mailbox.removed':
        return [this.pop3(event.connection)?.removed(event) ?? this.offWire.read(event)];
      case 'mail.composed':
        this.press(event);
        return [];
      case 'client.failed':
        return [...this.sent(event.host, `host ${event.host}`), this.offWire.read(event)];
      case 'mail.expanded':
        return [this.smtp(event.connection)?.expanded(event) ?? this.queues.read(event)];
      case 'mail.attempted':
      case 'mail.deferred':
      case 'mail.bounced':
      case 'mail.dequeued':
      case 'mail.reported':
      case 'mail.discarded':
        return [this.queues.read(event)];
      case 'cache.stored':
      case 'cache.hit':
        return [this.caches.read(event)];
      case 'clock.jumped':
        return this.jumped(event);
      case 'world.changed':
        return [this.changed(event)];
      case 'fault.struck':
        return [this.struck(event)];
      case 'story.begun':
        return [...this.sentByAll(), scriptBegun(event)];
      case 'story.ended':
        return [...this.sentByAll(), scriptEnded(event)];
      case 'mailbox.found':
      case 'marker':
      case 'room.trouble':
        return [this.offWire.read(event)];
      case 'wire.held':
        return [{ ...this.onWire(event, `wire held: ${event.size} bytes wait`), settles: false }];
      case 'wire.released':
        // What was let go follows at once, as bytes.
        return [{ ...this.onWire(event, ''), line: null }];
      case 'wire.quiet':
        // A call that nobody answers: the letter waits for it, but that Send was pressed can be told.
        return this.sentByAll();
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

  private onWire(event: TraceEvent & { readonly connection: ConnectionId }, text: string): Occurrence {
    return aside(event, this.open.get(event.connection)?.connection.from.host ?? '', text);
  }

  /** Told in passing, or by a script that says why. */
  private changed(event: TraceEvent & { readonly kind: 'world.changed' }): Occurrence {
    this.telling.changed(event.world);
    const text = worldEditText(event.edit, event.world);
    const beat = beatAt(event, '', 'world.changed', 'other', captions.other('store', text)).beat;
    const line = lineAt('', text);
    const change = worldChanged(event.world);
    const required = { thread: 'world', beat, wireAt: event.at, seq: event.seq };
    return occurrence(required, { quiet: true, notable: true, line, change });
  }

  /** Time was moved on: what came before is told before, and what is due comes after. */
  private jumped(event: TraceEvent & { readonly kind: 'clock.jumped' }): readonly Occurrence[] {
    const { by } = event;
    this.telling.moveOn(by);
    if (by === 0) return this.sentByAll();
    const { world, queues } = this.telling;
    const hosts = world.hosts.flatMap(({ id }) => (queues.isBusy(id) ? [id] : []));
    const caption = captions.clockJumped(
      by,
      hosts.slice(0, 3).map(host => called(world, host)),
    );
    const jump = beatAt(event, '', 'clock.jumped', 'other', caption);
    const line = lineAt('', `the clock is moved on: ${caption.title.toLowerCase()}`);
    return [...this.sentByAll(), { ...jump, hosts, line, jump: by, divides: true, change: clockJumped(by) }];
  }

  /** What it leads to says that it was arranged; where it leads to silence, it is told here. */
  private struck(event: TraceEvent & { readonly kind: 'fault.struck' }): Occurrence {
    const { world } = this.telling;
    const { fault, host } = event;
    const text = `as arranged: ${faultSentence(fault, world)}`;
    const open = event.connection === undefined ? undefined : this.open.get(event.connection);
    const line = open ? open.connection.aside(text, null, 'wait') : lineAt(host, text, null, 'wait');
    const silent = fault.kind === 'stall' || fault.kind === 'host-silent';
    if (fault.kind !== 'stall') this.telling.arranged.struck(event);
    if (!open && silent) {
      const beat = beatAt(event, host, 'fault.struck', 'hand-over', struckCaption('smtp', fault, world));
      return { ...beat, failed: true, line };
    }
    if (!open) return aside(event, host, text, { line });
    const { connection } = open;
    const beat: BeatOf = {
      key: `${connection.id} stalls`,
      name: 'fault.struck',
      chapter: connection.protocol === 'pop3' ? 'collect' : 'hand-over',
      caption: struckCaption(connection.protocol, fault, world),
    };
    if (!silent) return connection.quietly(event, beat, { settles: false, line });
    return connection.occurs(event, beat, { failed: true, hosts: connection.hosts, line });
  }

  private press(event: Composed): void {
    const waiting = this.pressed.get(event.host);
    if (waiting) waiting.push(event);
    else this.pressed.set(event.host, new Fifo(event));
  }

  /** The oldest letter that `host` has yet to call about, told as the beginning of `thread`. */
  private sent(host: HostId, thread: string): readonly Occurrence[] {
    const event = this.pressed.get(host)?.shift();
    if (!event) return [];
    this.uncollected = 0;
    return [{ ...this.offWire.read(event), thread, stays: true }];
  }

  /** All that were pressed and of which no call has told yet. */
  private sentByAll(): readonly Occurrence[] {
    const told: Occurrence[] = [];
    for (const host of this.pressed.keys())
      for (let one = this.sent(host, `host ${host}`); one.length > 0; one = this.sent(host, `host ${host}`))
        told.push(...one.map(each => ({ ...each, stays: false })));
    return told;
  }

  private opened(event: TraceEvent, id: ConnectionId, from: Endpoint, to: Endpoint): readonly Occurrence[] {
    const protocol = readAs(to.port);
    const connection = new Connection(id, protocol, from, to, this.telling);
    const readers = { dns: DnsReader, pop3: Pop3Reader, smtp: SmtpReader, tls: SmtpReader, store: SmtpReader };
    const reader = new readers[protocol](connection);
    const run = this.open.size === 0 ? this.runFor(connection) : null;
    if (run !== null) this.uncollected = 0;
    else if (protocol === 'pop3') this.uncollected = Math.max(0, this.uncollected - 1);
    this.open.set(id, { connection, reader });
    const call = connection.occurs(event, reader.hello(), {
      hosts: connection.hosts,
      settles: protocol === 'dns',
      motion: { ...connection.says([], null), kind: 'dial' },
      change: opened({ id, protocol, client: from.host, server: to.host, port: to.port }),
      run,
    });
    return protocol === 'smtp' ? [...this.sent(from.host, id), call] : [call];
  }

  /** The title of the journey that this call begins, or null where it belongs to the one that is on. */
  private runFor({ protocol, fromVisitor, from }: Connection): string | null {
    if (protocol === 'smtp') return fromVisitor ? 'A call from your mail client' : null;
    const nothingNew = protocol === 'pop3' && this.uncollected === 0;
    return nothingNew ? captions.checkMail(this.telling.world, from.host).title : null;
  }

  private refused(event: TraceEvent & { readonly kind: 'tcp.refused' }): Occurrence {
    const { connection: id, from, to, cause } = event;
    const { world } = this.telling;
    const connection = new Connection(id, readAs(to.port), from, to, this.telling);
    const off = world.faults.find(each => each.kind === 'host-off' && each.host === to.host);
    const fault = this.telling.arranged.atDial(id, to.host) ?? off ?? null;
    const silent =
      fault?.kind === 'host-silent' || cause.code === 'call-timed-out' || cause.code === 'timeout-in-words';
    const how = fault?.kind === 'host-off' ? 'off' : silent ? 'silent' : 'refused';
    const caller = called(world, from.host);
    // What no host has for its own is named by its address.
    const caption =
      to.host === to.address && !silent
        ? captions.calledNowhere(caller, to.address, cause)
        : captions.refusedConnection(caller, called(world, to.host), how);
    const beat: BeatOf = {
      key: `${id} refused`,
      name: 'connection.refused',
      chapter: connection.protocol === 'pop3' ? 'collect' : 'hand-over',
      caption: arranged(caption, fault, world),
    };
    return connection.occurs(event, beat, {
      hosts: connection.hosts,
      motion: { ...connection.says([], null), kind: 'dial', verdict: 'no' },
      failed: true,
      stays: false,
      line: connection.aside(`no connection to ${to.host}:${to.port}: ${causeText(cause)}`, null, 'no'),
    });
  }

  private closed(event: TraceEvent, id: ConnectionId, broken: boolean): readonly Occurrence[] {
    const open = this.open.get(id);
    if (!open) return [];
    this.open.delete(id);
    const { connection, reader } = open;
    const last = reader instanceof DnsReader ? [] : reader.end(event, broken);
    return [...last, connection.quietly(event, reader.hello(), { change: closed(id), stays: false })];
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
}
