/** The faults in force, for whoever may be struck by one: a server, the wire, DNS, a mail client. */

import type { Fault, FaultKind, FaultOf } from '../../shared/faults/fault.ts';
import type { ConnectionId } from '../../shared/trace/event.ts';
import type { HostId } from '../../shared/world/world.ts';

export interface FaultBook {
  /** All that are in force now, in the order in which they were set. */
  list(): readonly Fault[];
  /** The first of this kind that `matches`, without striking. */
  find<Kind extends FaultKind>(kind: Kind, matches: (fault: FaultOf<Kind>) => boolean): FaultOf<Kind> | null;
  /**
   * The first of this kind that `matches`, which has now struck at `host`: `fault.struck` is recorded, and one that strikes
   * once is gone. Null where there is none.
   */
  strike<Kind extends FaultKind>(
    kind: Kind,
    matches: (fault: FaultOf<Kind>) => boolean,
    where: { readonly host: HostId; readonly connection?: ConnectionId },
  ): FaultOf<Kind> | null;
}

const isOf =
  <Kind extends FaultKind>(kind: Kind) =>
  (fault: Fault): fault is FaultOf<Kind> =>
    fault.kind === kind;

/** `struck` is told of each fault that strikes, and takes one that strikes once out of `list`. */
export function createFaultBook(
  list: () => readonly Fault[],
  struck: (fault: Fault, where: { readonly host: HostId; readonly connection?: ConnectionId }) => void,
): FaultBook {
  const find: FaultBook['find'] = (kind, matches) => list().filter(isOf(kind)).find(matches) ?? null;
  return {
    list,
    find,
    strike(kind, matches, where) {
      const fault = find(kind, matches);
      if (fault !== null) struck(fault, where);
      return fault;
    },
  };
}

/** A world in which nothing goes wrong. */
export const noFaults: FaultBook = createFaultBook(
  () => [],
  () => undefined,
);
