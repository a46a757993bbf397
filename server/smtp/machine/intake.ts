/** Letters that are being received: where the budget of octets is used up, the largest unfinished one gives way, so that small ones always get through. */
import type { OctetBudget } from '../../base/octet-budget.ts';

/** What one conversation holds of its letter. */
export interface Holding {
  /** So many octets are held from now on. `firm`: the letter has been sent to its end and does not give way any more. */
  hold(octets: number, firm: boolean): void;
  /** Nothing is held any more. */
  close(): void;
}

export interface Intake {
  /** `giveWay` lets go of all that is held, at once. */
  open(giveWay: () => void): Holding;
  /** Stores a whole letter of so many octets when its turn comes: it is copied several times on its way to the disk. */
  store<T>(octets: number, store: () => Promise<T>): Promise<T>;
}

/** Octets of letters that are being stored at once; one that is larger is alone. */
const MOST_STORED = 32 * 1024 * 1024;

interface Held {
  octets: number;
  firm: boolean;
  readonly giveWay: () => void;
}

export function createIntake(budget: OctetBudget): Intake {
  const all = new Set<Held>();
  const waiting = new Set<{ readonly octets: number; readonly go: () => void }>();
  let storing = 0;

  function largestUnfinished(): Held | null {
    let largest: Held | null = null;
    for (const each of all) if (!each.firm && each.octets > (largest?.octets ?? 0)) largest = each;
    return largest;
  }

  function letGo(held: Held): void {
    budget.release(held.octets);
    held.octets = 0;
  }

  /** Whether there is room for `held` to grow to so many octets; another one, or itself, has given way for that. */
  function makesRoom(held: Held, octets: number): boolean {
    while (!budget.reserve(octets - held.octets)) {
      const largest = largestUnfinished();
      if (largest === null || largest === held || largest.octets <= octets) {
        if (held.firm) return false;
        letGo(held);
        held.giveWay();
        return false;
      }
      letGo(largest);
      largest.giveWay();
    }
    return true;
  }

  const fits = (octets: number): boolean => storing === 0 || storing + octets <= MOST_STORED;

  function begin(octets: number): Promise<void> | null {
    if (fits(octets)) {
      storing += octets;
      return null;
    }
    return new Promise(go => waiting.add({ octets, go }));
  }

  function finish(octets: number): void {
    storing -= octets;
    for (const next of waiting) {
      if (!fits(next.octets)) continue;
      waiting.delete(next);
      storing += next.octets;
      next.go();
    }
  }

  return {
    async store(octets, store) {
      await begin(octets);
      try {
        return await store();
      } finally {
        finish(octets);
      }
    },
    open(giveWay) {
      const held: Held = { octets: 0, firm: false, giveWay };
      all.add(held);
      return {
        hold(octets, firm) {
          if (!all.has(held)) return;
          held.firm = firm;
          if (octets <= held.octets) {
            budget.release(held.octets - octets);
            held.octets = octets;
          } else if (makesRoom(held, octets)) held.octets = octets;
        },
        close() {
          letGo(held);
          all.delete(held);
        },
      };
    },
  };
}
