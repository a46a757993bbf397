/** The gate that knows what passes: the gates behind it are told what each octet is. */
import { passingAt } from '../../base/passing.ts';
import { type CreateGate, openGate } from './gate.ts';

export const followGate: CreateGate = ({ to }) => {
  const passing = passingAt(to.port);
  return openGate((crossing, next) => {
    const { side, bytes } = crossing;
    next(passing === null ? crossing : { side, bytes, spans: passing[side](bytes) });
  });
};
