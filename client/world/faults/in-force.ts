/** The faults to speak of at this moment: those of the picture, and those that have been set since. */
import type { Fault } from '../../../shared/faults/fault.ts';
import type { PublicWorld } from '../../../shared/world/world.ts';
import { useKeeper } from '../../session/useKeeper.ts';
import { usePlayer } from '../../session/usePlayer.ts';

export interface FaultSeen {
  readonly fault: Fault;
  /** False for one that is over by now, though the picture does not know it yet. */
  readonly clearable: boolean;
}

const NOTHING: readonly Fault[] = [];

/** What the servers have in force now comes first; a viewer of the past sees also what was in force then. */
export function useFaults(): { readonly world: PublicWorld | null; readonly faults: readonly FaultSeen[] } {
  const seen = usePlayer(state => state.scene?.state.world ?? null);
  const now = useKeeper(state => state.facts?.world ?? null);
  const current = now?.faults ?? NOTHING;
  const ids = new Set(current.map(({ id }) => id));
  const past = (seen?.faults ?? NOTHING).filter(({ id }) => !ids.has(id));
  return {
    world: now ?? seen,
    faults: [
      ...current.map(fault => ({ fault, clearable: true })),
      ...past.map(fault => ({ fault, clearable: false })),
    ],
  };
}
