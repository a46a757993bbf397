/** Faults: what is to go wrong in a world, where it will strike, and whether once or always. Data; nothing in here is random. */
import { cableRows } from './cable.ts';
import { dnsRows } from './dns.ts';
import type { Ground } from './ground.ts';
import { hostRows } from './host.ts';
import { lineRows } from './line.ts';
import { mailRows } from './mail.ts';
import type { FaultPlace, What } from './row.ts';

/** A new kind stands in the file of its family, with a row in each of its tables. */
export const FAULT_ROWS = { ...hostRows, ...mailRows, ...lineRows, ...cableRows, ...dnsRows };

export type FaultKind = keyof typeof FAULT_ROWS;
/** What goes wrong. */
export type FaultWhat<Kind extends FaultKind = FaultKind> = What<typeof FAULT_ROWS, Kind>;

/** `id` is unique in its world ("f3"). `next`: strikes once and is gone. `always`: until somebody clears it. */
export type Fault = FaultWhat & { readonly id: string; readonly times: 'next' | 'always' };
export type FaultOf<Kind extends FaultKind> = Extract<Fault, { readonly kind: Kind }>;

export const TIMES = ['next', 'always'] as const satisfies readonly Fault['times'][];

export const isFaultKind = (text: string): text is FaultKind => Object.hasOwn(FAULT_ROWS, text);
export const FAULT_KINDS: readonly FaultKind[] = Object.keys(FAULT_ROWS).filter(isFaultKind);

/** An object of a known kind that has all fields of its kind; each has been read as the field that it is. */
export const hasItsFields = (value: object): value is Fault =>
  'kind' in value &&
  typeof value.kind === 'string' &&
  isFaultKind(value.kind) &&
  FAULT_ROWS[value.kind].fields.every(name => name in value);

/** At most five words: "Off", "Answers 451". `time` puts milliseconds into words. */
export function labelOf<Kind extends FaultKind>(
  fault: FaultWhat<Kind>,
  time: (milliseconds: number) => string,
): string {
  const rows: { readonly [K in FaultKind]: { readonly label: (fault: FaultWhat<K>, words: typeof time) => string } } =
    FAULT_ROWS;
  return rows[fault.kind].label(fault, time);
}

/** Where on the stage the mark of a fault belongs. */
export function faultPlace<Kind extends FaultKind>(fault: FaultWhat<Kind>, ground: Ground): FaultPlace {
  const rows: { readonly [K in FaultKind]: { readonly place: (fault: FaultWhat<K>, ground: Ground) => FaultPlace } } =
    FAULT_ROWS;
  return rows[fault.kind].place(fault, ground);
}

/** The hosts that a fault names; without one of them it cannot be. */
export const hostsNamed = (fault: FaultWhat): readonly string[] => [
  ...('host' in fault ? [fault.host] : []),
  ...('at' in fault ? [fault.at.server, ...(fault.at.client === undefined ? [] : [fault.at.client])] : []),
  ...('between' in fault ? fault.between : []),
];

/** The users that a fault names, by address. */
export const usersNamed = (fault: FaultWhat): readonly string[] => [
  ...('mailbox' in fault ? [fault.mailbox] : []),
  ...('user' in fault ? [fault.user] : []),
];

/** An id that no fault of these has: the only place where one is made. */
export function freeFaultId(faults: readonly { readonly id: string }[]): string {
  const taken = new Set(faults.map(({ id }) => id));
  for (let number = faults.length + 1; ; number += 1) if (!taken.has(`f${number}`)) return `f${number}`;
}
