/** How story files write faults: the sentence of each kind, and what may be left out. */
import { cableDeeds } from './cable.ts';
import type { FAULT_ROWS, FaultKind } from './fault.ts';
import { hostDeeds } from './host.ts';
import { lineDeeds } from './line.ts';
import { mailDeeds } from './mail.ts';
import type { Deeds } from './row.ts';

export const FAULT_DEEDS: Deeds<typeof FAULT_ROWS> = { ...hostDeeds, ...mailDeeds, ...lineDeeds, ...cableDeeds };

/** Fields that a story file may leave out. */
export const mayBeLeftOut = (kind: FaultKind): readonly string[] => FAULT_DEEDS[kind]?.usual?.fields ?? [];
