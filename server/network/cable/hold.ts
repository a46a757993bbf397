/** The debugger's brake: while it holds, what crosses the wire waits here in order until a person lets it go. */
import type { ConnectionId, Side } from '../../../shared/trace/event.ts';
import type { Recorder } from '../../record/recorder.ts';

/** Something that crosses: `go` passes it on, and records it as crossing then. */
interface Crossing {
  readonly connection: ConnectionId;
  readonly from: Side;
  readonly size: number;
  readonly go: () => void;
}

interface HoldState {
  readonly on: boolean;
  /** Chunks and datagrams that wait. */
  readonly waiting: number;
}

export interface Hold {
  /** Passes it on at once, or lets it wait. */
  cross(crossing: Crossing): void;
  /** Runs once everything that `from` sent on `connection` before has gone: the end of a stream stays behind its octets. */
  afterwards(connection: ConnectionId, from: Side, go: () => void): void;
  /** The connection is gone: what waits for it is dropped. */
  forget(connection: ConnectionId): void;
  /** True while something that `from` sent on `connection` waits. */
  waits(connection: ConnectionId, from: Side): boolean;
  /** Stops the wire, or lets everything go in order. */
  hold(on: boolean): void;
  /** Lets the oldest go. */
  release(): void;
  state(): HoldState;
  /** Tells `listener` of every change; returns how to stop. */
  onChange(listener: (state: HoldState) => void): () => void;
}

interface Waiting extends Crossing {
  readonly after: (() => void)[];
}

export function createHold(recorder: Recorder): Hold {
  let on = false;
  let queue: Waiting[] = [];
  const listeners = new Set<(state: HoldState) => void>();
  const state = (): HoldState => ({ on, waiting: queue.length });
  const changed = () => {
    for (const listener of listeners) listener(state());
  };
  const last = (connection: ConnectionId, from: Side) =>
    queue.findLast(each => each.connection === connection && each.from === from);

  function letGo(): void {
    const next = queue.shift();
    if (next === undefined) return;
    recorder.append({ kind: 'wire.released', connection: next.connection, from: next.from });
    next.go();
    for (const after of next.after) after();
  }

  return {
    cross(crossing) {
      if (!on) {
        crossing.go();
        return;
      }
      recorder.append({
        kind: 'wire.held',
        connection: crossing.connection,
        from: crossing.from,
        size: crossing.size,
      });
      queue.push({ ...crossing, after: [] });
      changed();
    },
    afterwards(connection, from, go) {
      const behind = last(connection, from);
      if (behind === undefined) go();
      else behind.after.push(go);
    },
    forget(connection) {
      const left = queue.filter(each => each.connection !== connection);
      if (left.length === queue.length) return;
      queue = left;
      changed();
    },
    waits: (connection, from) => last(connection, from) !== undefined,
    hold(want) {
      if (want === on) return;
      on = want;
      while (!on && queue.length > 0) letGo();
      changed();
    },
    release() {
      if (queue.length === 0) return;
      letGo();
      changed();
    },
    state,
    onChange(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
