/** Words for every fault: for the list of faults, the marks, and the beat in which one strikes. */
import { clauseOf, onceOf } from '../faults/explanations.ts';
import { type Fault, type FaultWhat, labelOf } from '../faults/fault.ts';
import type { PublicWorld } from '../world/world.ts';
import { span } from './words/spans.ts';
import { called, sentence } from './words/wording.ts';

const time = (milliseconds: number): string =>
  milliseconds < 1000 ? `${milliseconds} ms` : span(milliseconds * 1000).replace(/ and .*/, '');

/** At most five words: "Off", "Answers 451", "Loses the reply". */
export const faultLabel = (fault: FaultWhat): string => labelOf(fault, time);

/** One sentence that says what goes wrong, and how often. */
export function faultSentence(fault: Fault, world: PublicWorld): string {
  const speech = {
    called: (host: string) => called(world, host),
    time,
    span: (seconds: number) => span(seconds * 1e6),
  };
  const once = fault.times === 'next' ? onceOf(fault, speech) : null;
  return once ?? `${sentence(clauseOf(fault, speech))}${fault.times === 'next' ? ', the next time' : ''}.`;
}
