/** Commands, or answers, that crossed in one segment move as one: that is what pipelining looks like (RFC 2920). */
import { short } from './label.ts';
import type { Occurrence } from './occurrence.ts';

const verbOf = ({ line }: Occurrence): string => line?.text.split(/[ \n]/)[0]?.toUpperCase() ?? '';

/** "MAIL RCPT ×3 DATA" */
function labelOf(group: readonly Occurrence[]): string {
  const runs: { verb: string; count: number }[] = [];
  for (const verb of group.map(verbOf)) {
    const last = runs.at(-1);
    if (last?.verb === verb) last.count += 1;
    else runs.push({ verb, count: 1 });
  }
  return short(runs.map(({ verb, count }) => (count > 1 ? `${verb} ×${count}` : verb)).join(' '));
}

/** Plain lines that go the same way and went well. Answers move together only within one beat. */
function joins(one: Occurrence, other: Occurrence): boolean {
  const plain = ({ motion, failed, quiet }: Occurrence): boolean => motion?.kind === 'line' && !failed && !quiet;
  if (!plain(one) || !plain(other) || one.motion?.reply !== other.motion?.reply) return false;
  return one.motion?.reply === false || one.beat.key === other.beat.key;
}

/** What one segment brought: the first of a group carries the label of all, the others are told with it. */
export function together(told: readonly Occurrence[]): Occurrence[] {
  const groups: Occurrence[][] = [];
  for (const each of told) {
    const group = groups.at(-1);
    const last = group?.at(-1);
    if (group && last && joins(last, each)) group.push(each);
    else groups.push([each]);
  }
  return groups.flatMap(group => {
    const [first, ...others] = group;
    if (first?.motion == null || others.length === 0) return group;
    const motion = { ...first.motion, label: [labelOf(group)] };
    const segment = others.flatMap(({ line }) => line ?? []);
    return [{ ...first, motion, segment }, ...others.map(each => ({ ...each, motion: null, quiet: true }))];
  });
}
