/** Which faults are in force where: by the cards and the cables that will carry their marks. */
import { faultLabel } from '../../../shared/explain/faults.ts';
import { type Fault, faultPlace } from '../../../shared/faults/fault.ts';
import type { HostId, PublicWorld } from '../../../shared/world/world.ts';

export interface CableFaults {
  readonly from: HostId;
  readonly to: HostId;
  readonly faults: readonly [Fault, ...Fault[]];
}

export interface Marks {
  readonly hosts: ReadonlyMap<HostId, readonly [Fault, ...Fault[]]>;
  readonly cables: readonly CableFaults[];
}

const known = new WeakMap<PublicWorld, Marks>();

/** Found once for each world. */
export function marksOf(world: PublicWorld): Marks {
  const marks = known.get(world) ?? find(world);
  known.set(world, marks);
  return marks;
}

function find(world: PublicWorld): Marks {
  const hosts = new Map<HostId, [Fault, ...Fault[]]>();
  const cables = new Map<string, CableFaults & { readonly faults: [Fault, ...Fault[]] }>();
  for (const fault of world.faults) {
    const place = faultPlace(fault, world);
    for (const host of place.hosts) {
      const others = hosts.get(host);
      if (others === undefined) hosts.set(host, [fault]);
      else others.push(fault);
    }
    if (place.cable === null) continue;
    const [from, to] = place.cable;
    const key = [from, to].sort().join(' ');
    const others = cables.get(key);
    if (others === undefined) cables.set(key, { from, to, faults: [fault] });
    else others.faults.push(fault);
  }
  return { hosts, cables: [...cables.values()] };
}

/** Switched off until somebody clears it; refusing only the next call is not that. */
export const isOff = (faults: readonly Fault[] | undefined): boolean =>
  faults?.some(({ kind, times }) => kind === 'host-off' && times === 'always') ?? false;

/** Few words for the mark, "Disk full" or "3 faults", and all of them for who cannot see it. */
export function markWords(faults: readonly [Fault, ...Fault[]]): { readonly short: string; readonly spoken: string } {
  const labels = faults.map(fault => `${faultLabel(fault)}${fault.times === 'next' ? ' (the next time)' : ''}`);
  const short = faults.length === 1 ? faultLabel(faults[0]) : `${faults.length} faults`;
  return { short, spoken: faults.length === 1 ? `Fault: ${labels.join()}` : `${short}: ${labels.join(', ')}` };
}
