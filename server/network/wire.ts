/** The wire: a splice between two sockets that copies octets both ways, the only place that observes them, and where they come to grief. */
import type { Socket } from 'node:net';
import type { ConnectionId, Endpoint, Side } from '../../shared/trace/event.ts';
import type { Recorder } from '../recorder.ts';
import { followerFor, type Part } from './follow.ts';
import type { Hold } from './hold.ts';
import { createLag, type LagSetting, type Late } from './lag.ts';
import type { ReadQuota } from './read-quota.ts';
import { type Blow, createStriker } from './strike.ts';
import { createTap } from './tap.ts';

/** What the wires of one network share. */
export interface Wiring extends LagSetting {
  readonly recorder: Recorder;
  readonly hold: Hold;
  /** False copies without looking: what the bench compares with. */
  readonly observing: boolean;
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
  const { recorder, hold } = wiring;
  const tap = createTap(recorder, connection, to.port, wiring.observing, () => wiring.wires.size);
  const follower = followerFor(to.port);
  const striker = createStriker(wiring.faults, { connection, client: from.host, server: to.host, port: to.port });
  const lag = createLag(wiring, { connection, client: from.host, server: to.host });
  let firstToEnd: Side | null = null;
  let reset = false;
  let open = 2;
  /** A fault has struck: nothing crosses any more. */
  let over: Blow | null = null;

  let abandoned = false;
  let linger: NodeJS.Timeout | undefined;
  /** What still waits on its way is let arrive first. */
  const calm = (): boolean =>
    client.writableLength === 0 &&
    !lag.waits() &&
    !hold.waits(connection, 'client') &&
    !hold.waits(connection, 'server');
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

  function stop(blow: Blow, by: Side): void {
    over = blow;
    lag.close();
    hold.forget(connection);
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
    if (over !== null || !(resting || blocked || lag.full(side) || hold.waits(connection, side))) socket.resume();
    // What waits is bounded by the peer's own window: no more is read until it has gone.
    else socket.pause();
  }
  function pass(half: Half, chunk: Buffer): void {
    if (chunk.length === 0) return;
    tap(half.side, chunk);
    if (!half.other.destroyed) half.other.write(chunk);
  }
  function cross(half: Half, chunk: Buffer, parts: readonly Part[]): void {
    if (over !== null) return;
    const { bytes, blow } = striker.meet(half.side, chunk, parts);
    pass(half, bytes);
    if (blow !== null) strike(blow);
    flow(half);
  }
  function send(half: Half, chunk: Buffer, parts: readonly Part[], late?: Late): void {
    const { side } = half;
    const crossing = { connection, from: side, size: chunk.length, go: () => cross(half, chunk, parts) };
    if (late === undefined && lag.calm(side)) hold.cross(crossing);
    else lag.pass(side, chunk.length, () => hold.cross(crossing), late);
  }

  /** Sends it on its way; a reply that is late begins a piece of its own. */
  function arrive(half: Half, chunk: Buffer): void {
    const parts = follower?.[half.side](chunk) ?? [];
    if (half.side === 'client' || wiring.faults.list().length === 0) {
      send(half, chunk, parts);
      return;
    }
    let piece: { readonly from: number; readonly first: number; readonly late?: Late } = { from: 0, first: 0 };
    let at = 0;
    for (const [nth, part] of parts.entries()) {
      const late = striker.delay(part);
      if (late !== null) {
        if (at > piece.from) send(half, chunk.subarray(piece.from, at), parts.slice(piece.first, nth), piece.late);
        piece = { from: at, first: nth, late };
      }
      at += part.bytes.length;
    }
    send(half, chunk.subarray(piece.from), parts.slice(piece.first), piece.late);
  }

  function join(half: Half): void {
    const { side, socket, other } = half;
    const goOn = (): void => {
      half.resting = false;
      flow(half);
    };
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      if (over !== null) return;
      if (lag.calm(side)) arrive(half, chunk);
      else for (const slice of lag.slices(side, chunk)) arrive(half, slice);
      half.resting = wiring.readQuota.exceeds(chunk.length, goOn);
      flow(half);
    });
    other.on('drain', () => flow(half));
    socket.on('end', () => {
      if (over === 'silence') wire.reset(side);
      if (over !== null) return;
      lag.afterwards(side, () =>
        hold.afterwards(connection, side, () => {
          if (over !== null) return;
          firstToEnd ??= side;
          pass(half, striker.leftover(side));
          other.end();
        }),
      );
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
      lag.close();
      hold.forget(connection);
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
