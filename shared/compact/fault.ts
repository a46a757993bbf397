/** Faults in a told run: one wide row for whatever goes wrong, and the fault again, where all is there that its kind needs. */

import { FAULT_ROWS, type Fault, hasItsFields, isFaultKind, TIMES } from '../faults/fault.ts';
import { DNS_TYPES, EXTENSION_KEYWORDS, type FaultFields, type LineAt, RCODES } from '../faults/fields.ts';
import { LINE_PORTS, MOMENTS } from '../protocols.ts';
import type { HostId } from '../world/world.ts';
import { type Book, type Kind, made, number, oneOf, orAbsent } from './book.ts';
import { Garbled } from './columns.ts';

type Wide = Partial<FaultFields> & {
  readonly kind: string;
  readonly id: string;
  readonly times: Fault['times'];
};

function faultOf(wide: Wide): Fault {
  const { kind, id, times } = wide;
  if (!isFaultKind(kind)) throw new Garbled('A fault of no known kind.');
  const fields = FAULT_ROWS[kind].fields.flatMap(name => (wide[name] === undefined ? [] : [[name, wide[name]]]));
  const fault = { id, times, kind, ...Object.fromEntries(fields) };
  if (!hasItsFields(fault)) throw new Garbled('A fault lacks what its kind needs.');
  return fault;
}

export function faultIn(book: Book): Kind<Fault> {
  const { text } = book;
  const [some, count] = [orAbsent(text), orAbsent(number)];
  const pair = book.record<{ readonly one: HostId; readonly other: HostId }>({ one: text, other: text });
  const line = book.record<LineAt>({
    server: text,
    port: oneOf(...LINE_PORTS),
    verb: oneOf(...MOMENTS),
    client: some,
  });
  // The columns of version 1, in their order.
  const wide = book.record<Wide>({
    kind: text,
    id: text,
    times: oneOf(...TIMES),
    host: some,
    at: orAbsent(line),
    between: orAbsent(
      made<readonly [HostId, HostId], { readonly one: HostId; readonly other: HostId }>(
        pair,
        ({ one, other }) => [one, other],
        ([one, other]) => ({ one, other }),
      ),
    ),
    name: some,
    type: orAbsent(oneOf(...DNS_TYPES)),
    rcode: orAbsent(oneOf(...RCODES)),
    exchange: some,
    sender: some,
    keyword: orAbsent(oneOf(...EXTENSION_KEYWORDS)),
    mailbox: some,
    user: some,
    text: some,
    code: count,
    octets: count,
    milliseconds: count,
    seconds: count,
    latency: count,
    bytesPerSecond: count,
  });
  return made<Fault, Wide>(wide, faultOf, fault => fault);
}
