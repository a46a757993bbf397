/** What is open at a point of a trace: connections and mailbox locks, so that a restart can end them and a new trace take them over; and how the world stands there. */
import { endOf, standingAfter, type Trouble } from '../../shared/explain/troubles.ts';
import type { ConnectionId, Endpoint, Fact, TraceEvent } from '../../shared/trace/event.ts';
import type { PublicWorld } from '../../shared/world/world.ts';

/** What is open at the end of these events: connections, and locks by mailbox. */
export class OpenThings {
  readonly connections = new Map<ConnectionId, { from: Endpoint; to: Endpoint }>();
  readonly locks = new Map<string, Fact & { kind: 'mailbox.locked' }>();
  /** What the room could not do and cannot do yet. */
  troubles: readonly Trouble[] = [];
  connection = 0;
  exchange = 0;
  /** Microseconds by which world time was moved on. */
  jumped = 0;
  /** Null where the header's is still the one. */
  world: PublicWorld | null = null;

  note(event: Fact | TraceEvent): void {
    if (event.kind === 'tcp.opened') this.connections.set(event.connection, { from: event.from, to: event.to });
    if (event.kind === 'tcp.closed') this.connections.delete(event.connection);
    if (event.kind === 'tcp.opened' || event.kind === 'tcp.refused')
      this.connection = Math.max(this.connection, Number(event.connection.slice(1)) || 0);
    if (event.kind === 'udp.datagram') this.exchange = Math.max(this.exchange, Number(event.exchange.slice(1)) || 0);
    if (event.kind === 'mailbox.locked') this.locks.set(event.mailbox, event);
    if (event.kind === 'mailbox.unlocked') this.locks.delete(event.mailbox);
    if (event.kind === 'clock.jumped') this.jumped += event.by;
    if (event.kind === 'room.trouble') {
      const { code, file, reason } = event;
      const trouble = { code, ...(file !== undefined && { file }), ...(reason !== undefined && { reason }) };
      this.troubles = standingAfter(this.troubles, trouble);
    }
    if (event.kind === 'world.changed') this.world = event.world;
  }

  /** The facts that end it all, because the process that watched them ended. */
  endings(): Fact[] {
    return [
      ...[...this.locks.values()].map(
        ({ host, mailbox, connection }): Fact => ({ kind: 'mailbox.unlocked', host, mailbox, connection }),
      ),
      ...[...this.connections.keys()].map(
        (connection): Fact => ({ kind: 'tcp.closed', connection, by: 'server', reason: 'restart' }),
      ),
    ];
  }

  /** The facts that end the troubles of a process that is no more: the next one has its own. */
  recoveries(): Fact[] {
    return this.troubles.map(endOf).flatMap(end => (end === null ? [] : [{ kind: 'room.trouble', ...end }]));
  }

  /** The facts that begin it again in a new trace, because it goes on. */
  beginnings(): Fact[] {
    return [
      ...(this.jumped > 0 ? [{ kind: 'clock.jumped', by: this.jumped } as const] : []),
      ...[...this.connections].map(
        ([connection, { from, to }]): Fact => ({ kind: 'tcp.opened', connection, from, to }),
      ),
      ...this.locks.values(),
      ...this.troubles.filter(each => endOf(each) !== null).map((each): Fact => ({ kind: 'room.trouble', ...each })),
    ];
  }
}
