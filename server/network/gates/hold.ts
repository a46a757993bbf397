/** The debugger's gate: while it is shut, a chunk waits for a person. */
import type { CreateGate } from './gate.ts';

export const holdGate: CreateGate = ({ connection }, { hold }) => ({
  pass(crossing, next) {
    hold.cross({ connection, from: crossing.side, size: crossing.bytes.length, go: () => next(crossing) });
  },
  end: (side, next) => hold.afterwards(connection, side, () => next(null)),
  full: side => hold.waits(connection, side),
  waits: side => hold.waits(connection, side),
  close: () => hold.forget(connection),
});
