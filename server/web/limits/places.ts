/** The places of one door: only so many, for each address and each group a share of what is left; whoever is idle makes room, the longest idle first. */

/**
 * Times as many places as are left that one address, or one group, may have. Of 100 an address alone gets 88, two get 47 each, ten
 * get 9: a hall behind one address fills the house, and a stranger's address finds a place all the same (the dynamic threshold
 * of Choudhury and Hahne, 1998).
 */
const SHARE = 8;

/** `idle`: makes room. `slow`: makes room where nobody is idle. `busy`: stays. */
type Standing = 'idle' | 'slow' | 'busy';

export interface PlacesOptions {
  /** At once. */
  readonly most: number;
  /** Of those, kept free of whoever is admitted, so that one more can always come in and say who they are; default 0. */
  readonly kept?: number;
  /** Whether each address has only a share; not on loopback, where all have the same. Default true. */
  readonly sharedByAddress?: boolean;
}

interface Comer {
  readonly address: string;
  /** Has to leave: somebody else has this place. */
  readonly expel: () => void;
}

export interface Place {
  /** Idle begins anew, and is last to go. */
  stand(standing: Standing): void;
  /** Stays from now on, as one of `group` where there is one; false where the share of its address or its group is used up. */
  admit(group: string | null): boolean;
  leave(): void;
}

export interface Places {
  /** A place that is idle; null where nobody makes room. */
  enter(comer: Comer): Place | null;
  size(): number;
}

/** How many there are of each name. */
function createTally() {
  const counts = new Map<string, number>();
  return {
    of: (name: string): number => counts.get(name) ?? 0,
    add(name: string, more: 1 | -1): void {
      const count = (counts.get(name) ?? 0) + more;
      if (count === 0) counts.delete(name);
      else counts.set(name, count);
    },
  };
}

interface Taken extends Comer {
  standing: Standing;
  admitted: boolean;
  group: string | null;
}

export function createPlaces({ most, kept = 0, sharedByAddress = true }: PlacesOptions): Places {
  /** In the order in which they came to stand so. */
  const all: Readonly<Record<Standing, Set<Taken>>> = { idle: new Set(), slow: new Set(), busy: new Set() };
  const byAddress = createTally();
  const admittedByAddress = createTally();
  const admittedByGroup = createTally();
  let admitted = 0;

  const size = (): number => all.idle.size + all.slow.size + all.busy.size;

  function count({ address, group }: Taken, more: 1 | -1): void {
    admitted += more;
    admittedByAddress.add(address, more);
    if (group !== null) admittedByGroup.add(group, more);
  }

  function leave(taken: Taken): void {
    if (!all[taken.standing].delete(taken)) return;
    byAddress.add(taken.address, -1);
    if (taken.admitted) count(taken, -1);
  }

  /** Shows out the first that makes room; `address` null: whoever it is. */
  function makeRoom(address: string | null): boolean {
    for (const standing of ['idle', 'slow'] as const)
      for (const taken of all[standing]) {
        if (address !== null && taken.address !== address) continue;
        leave(taken);
        taken.expel();
        return true;
      }
    return false;
  }

  /** Where all places are taken, a few from each address may still ask others to make room. */
  const hasShare = (address: string): boolean =>
    !sharedByAddress || byAddress.of(address) < SHARE * Math.max(1, most - size());

  function move(taken: Taken, standing: Standing): boolean {
    // Who had to leave does not come back this way.
    if (!all[taken.standing].delete(taken)) return false;
    taken.standing = standing;
    all[standing].add(taken);
    return true;
  }

  function admit(taken: Taken, group: string | null): boolean {
    const left = most - kept - admitted;
    const mine = Math.max(
      group === null ? 0 : admittedByGroup.of(group),
      sharedByAddress ? admittedByAddress.of(taken.address) : 0,
    );
    if (left <= 0 || mine >= SHARE * left || !move(taken, 'busy')) return false;
    taken.admitted = true;
    taken.group = group;
    count(taken, 1);
    return true;
  }

  return {
    size,
    enter(comer) {
      if (!hasShare(comer.address) && !makeRoom(comer.address)) return null;
      if (size() >= most && !makeRoom(null)) return null;
      const taken: Taken = { ...comer, standing: 'idle', admitted: false, group: null };
      all.idle.add(taken);
      byAddress.add(comer.address, 1);
      return {
        stand(standing) {
          move(taken, standing);
        },
        admit: group => taken.admitted || admit(taken, group),
        leave: () => leave(taken),
      };
    },
  };
}
