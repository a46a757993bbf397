/** The wire: a splice between two sockets that lets octets through both ways, by the gates in between. */
import type { Socket } from 'node:net';
import type { ConnectionId, Endpoint, Side } from '../../shared/trace/event.ts';
import { followGate } from './gates/follow.ts';
import { type Blow, type CreateGate, type Crossing, endThrough, type GateSetting, passThrough } from './gates/gate.ts';
import { holdGate } from './gates/hold.ts';
import { lagGate } from './gates/lag.ts';
import { strikeGate } from './gates/strike.ts';
import { tapGate } from './gates/tap.ts';
import type { ReadQuota } from './read-quota.ts';

/** What every chunk goes through, in this order. */
const GATES: readonly CreateGate[] = [followGate, lagGate, holdGate, strikeGate, tapGate];

/** What the wires of one network share. */
export interface Wiring extends Omit<GateSetting, 'open'> {
  /** All that are open. */
  readonly wires: Set<Wire>;
  /** What is read from all of them in one turn of the event loop. */
  readonly readQuota: ReadQuota;
}

/** Milliseconds of this machine's time that a caller has to hang up once nobody is at the other end. */
const LINGER = 5_000;

/** One connection while it is open. */
export interface Wire {
  readonly from: Endpoint;
  readonly to: Endpoint;
  /** The server's end is closed for good: only the caller still has to hang up. It is not waited for long. */
  abandon(): void;
  /** Nobody is at the server's end. */
  readonly abandoned: boolean;
  /** Ends it where it stands: what was written to the caller still reaches it. */
  drop(): void;
  /** Breaks it off, as if by this side: both ends find it reset. */
  reset(by: Side): void;
}

export interface Splice {
  readonly connection: ConnectionId;
  readonly from: Endpoint;
  readonly to: Endpoint;
  /** The half towards the end that dialled, and the half towards the server; both connected, with `allowHalfOpen`. */
  readonly client: Socket;
  readonly server: Socket;
}

interface Half {
  readonly side: Side;
  readonly socket: Socket;
  readonly other: Socket;
  /** It has brought its part of this turn. */
  resting: boolean;
}

/**
 * Calls back once everything that was written has been handed over, and the other end, where it is of this process, has read
 * it: two turns later it has. A reset that finds unread octets takes them away on some systems, and on others passes for a FIN.
 */
function whenRead(socket: Socket, then: () => void): void {
  const soon = (): void => {
    setImmediate(() => setImmediate(then));
  };
  if (socket.destroyed || socket.writableLength === 0) soon();
  else socket.write('', soon);
}

/**
 * Joins the two halves until both are gone. Back-pressure, half-close and reset are passed on as they are, and faults of the
 * world strike here. Records `tcp.opened` now, each chunk before it is passed on, and `tcp.closed` once.
 */
export function splice(joint: Splice, wiring: Wiring): Wire {
  const { connection, from, to, client, server } = joint;
  const { recorder } = wiring;
  const setting: GateSetting = { ...wiring, open: () => wiring.wires.size };
  const gates = GATES.map(create => create({ connection, from, to, strike }, setting));
  let firstToEnd: Side | null = null;
  let reset = false;
  let open = 2;
  /** A fault has struck: nothing crosses any more. */
  let over: Blow | null = null;

  let abandoned = false;
  let linger: NodeJS.Timeout | undefined;
  /** What still waits on its way is let arrive first. */
  const calm = (): boolean =>
    client.writableLength === 0 && !gates.some(gate => gate.waits('client') || gate.waits('server'));
  function waitForCaller(): void {
    linger = setTimeout(() => (calm() ? wire.drop() : waitForCaller()), LINGER);
    linger.unref();
  }

  const wire: Wire = {
    from,
    to,
    get abandoned() {
      return abandoned;
    },
    abandon() {
      if (abandoned || open === 0) return;
      abandoned = true;
      waitForCaller();
    },
    drop() {
      if (over === null) stop('fin', 'server');
      client.destroy();
      server.destroy();
    },
    reset(by) {
      stop('reset', by);
      client.resetAndDestroy();
      server.resetAndDestroy();
    },
  };
  wiring.wires.add(wire);
  recorder.append({ kind: 'tcp.opened', connection, from, to });

  function closeGates(): void {
    for (const gate of gates) gate.close();
  }
  function stop(blow: Blow, by: Side): void {
    over = blow;
    closeGates();
    if (blow === 'silence') return;
    firstToEnd ??= by;
    reset ||= blow === 'reset';
  }
  function strike(blow: Blow): void {
    // To whoever called it looks like the server's doing.
    stop(blow, 'server');
    // What still comes is read, so that the end of it is noticed.
    for (const socket of [client, server]) {
      socket.resume();
      if (blow === 'fin') socket.end();
      if (blow === 'reset') whenRead(socket, () => socket.resetAndDestroy());
    }
  }

  function flow({ side, socket, other, resting }: Half): void {
    const blocked = !other.destroyed && other.writableNeedDrain;
    if (over !== null || !(resting || blocked || gates.some(gate => gate.full(side)))) socket.resume();
    // What waits is bounded by the peer's own window: no more is read until it has gone.
    else socket.pause();
  }
  const passOn =
    ({ other }: Half) =>
    ({ bytes }: Crossing): void => {
      if (!other.destroyed) other.write(bytes);
    };

  function join(half: Half): void {
    const { side, socket, other } = half;
    const last = passOn(half);
    const later = (): void => flow(half);
    const goOn = (): void => {
      half.resting = false;
      flow(half);
    };
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      if (over !== null) return;
      passThrough(gates, { side, bytes: chunk, spans: [] }, last, later);
      half.resting = wiring.readQuota.exceeds(chunk.length, goOn);
      flow(half);
    });
    other.on('drain', () => flow(half));
    socket.on('end', () => {
      if (over === 'silence') wire.reset(side);
      if (over !== null) return;
      endThrough(gates, side, last, () => {
        if (over !== null) return;
        firstToEnd ??= side;
        other.end();
      });
    });
    socket.on('error', () => {
      firstToEnd ??= side;
      reset ||= over !== 'fin';
    });
    socket.on('close', () => {
      wiring.readQuota.forget(goOn);
      open -= 1;
      // After a fault, the other half is seen to already.
      const broken = over === null ? reset : over === 'silence';
      if (broken && !other.destroyed) {
        stop('reset', side);
        other.resetAndDestroy();
      }
      if (open > 0) return;
      clearTimeout(linger);
      closeGates();
      recorder.append({
        kind: 'tcp.closed',
        connection,
        by: firstToEnd ?? side,
        reason: reset ? 'reset' : 'fin',
      });
      wiring.wires.delete(wire);
    });
  }

  join({ side: 'client', socket: client, other: server, resting: false });
  join({ side: 'server', socket: server, other: client, resting: false });
  return wire;
}
