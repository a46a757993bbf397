/** How every fault is explained: its sentence, and what it leads to. */
import { cableExplanations } from './cable.ts';
import { dnsExplanations } from './dns.ts';
import type { FAULT_ROWS, Fault, FaultKind, FaultWhat } from './fault.ts';
import { hostExplanations } from './host.ts';
import { lineExplanations } from './line.ts';
import { mailExplanations } from './mail.ts';
import type { Consequence, Explanations, Speech } from './row.ts';

// A pure call, so that a script that explains nothing leaves all of it out.
const EXPLANATIONS: Explanations<typeof FAULT_ROWS> = /* @__PURE__ */ (() => ({
  ...hostExplanations,
  ...mailExplanations,
  ...lineExplanations,
  ...cableExplanations,
  ...dnsExplanations,
}))();

/** What goes wrong, as a clause. */
export const clauseOf = <Kind extends FaultKind>(fault: FaultWhat<Kind>, speech: Speech): string =>
  EXPLANATIONS[fault.kind].clause(fault, speech);

/** A whole sentence for striking once, where a kind has one of its own. */
export const onceOf = <Kind extends FaultKind>(fault: FaultWhat<Kind>, speech: Speech): string | null =>
  EXPLANATIONS[fault.kind].once?.(fault, speech) ?? null;

export const consequenceOf = ({ kind }: Pick<Fault, 'kind'>): Consequence => EXPLANATIONS[kind].leadsTo;
