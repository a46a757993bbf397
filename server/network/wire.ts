/** The wire: a splice between two sockets that copies octets both ways, and the only place that observes them. */
import type { Socket } from 'node:net';
import type { ConnectionId, Endpoint, Side } from '../../shared/trace/event.ts';
import type { WorldClock } from '../clock.ts';
import type { FaultBook } from '../faults.ts';
import type { Recorder } from '../recorder.ts';
import type { Hold } from './hold.ts';
import { createTap } from './tap.ts';

/** What the wires of one network share. */
export interface Wiring {
  readonly recorder: Recorder;
  readonly hold: Hold;
  readonly faults: FaultBook;
  readonly clock: WorldClock;
  /** False copies without looking: what the bench compares with. */
  readonly observing: boolean;
  /** All that are open. */
  readonly wires: Set<Wire>;
}

/** One connection while it is open. */
export interface Wire {
  readonly from: Endpoint;
  readonly to: Endpoint;
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
}

/**
 * Joins the two halves until both are gone. Back-pressure, half-close and reset are passed on as they are. Records
 * `tcp.opened` now, each chunk before it is passed on, and `tcp.closed` once.
 */
export function splice(joint: Splice, wiring: Wiring): void {
  const { connection, from, to } = joint;
  const { recorder, hold } = wiring;
  const tap = createTap(recorder, connection, to.port, wiring.observing);
  let firstToEnd: Side | null = null;
  let reset = false;
  let open = 2;

  const wire: Wire = {
    from,
    to,
    reset(by) {
      firstToEnd ??= by;
      reset = true;
      hold.forget(connection);
      joint.client.resetAndDestroy();
      joint.server.resetAndDestroy();
    },
  };
  wiring.wires.add(wire);

  recorder.append({ kind: 'tcp.opened', connection, from, to });

  function pass({ side, socket, other }: Half, chunk: Buffer): void {
    tap(side, chunk);
    if (!other.destroyed && !other.write(chunk)) socket.pause();
    else if (!hold.waits(connection, side)) socket.resume();
  }

  function join(half: Half): void {
    const { side, socket, other } = half;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      hold.cross({ connection, from: side, size: chunk.length, go: () => pass(half, chunk) });
      // What is held is bounded by the peer's own window: no more is read until it has gone.
      if (hold.waits(connection, side)) socket.pause();
    });
    other.on('drain', () => {
      if (!hold.waits(connection, side)) socket.resume();
    });
    socket.on('end', () => {
      hold.afterwards(connection, side, () => {
        firstToEnd ??= side;
        other.end();
      });
    });
    socket.on('error', () => {
      firstToEnd ??= side;
      reset = true;
    });
    socket.on('close', () => {
      open -= 1;
      if (reset && !other.destroyed) {
        hold.forget(connection);
        other.resetAndDestroy();
      }
      if (open > 0) return;
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

  join({ side: 'client', socket: joint.client, other: joint.server });
  join({ side: 'server', socket: joint.server, other: joint.client });
}
