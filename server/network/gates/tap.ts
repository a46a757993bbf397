/** The last gate: what goes through it has crossed, and is recorded. */
import { type CreateGate, openGate } from './gate.ts';

export const tapGate: CreateGate = ({ connection, to }, { tap, open }) => {
  const record = tap.connection(connection, to.port, open);
  return openGate((crossing, next) => {
    record(crossing.side, crossing.bytes);
    next(crossing);
  });
};
