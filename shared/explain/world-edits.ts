/** An edit of a world in one short sentence: one row a code. `{name}` stands for a member. */
import type { PublicWorld } from '../world/world.ts';
import type { RecordedEdit, WorldEdit } from '../world/world-edit.ts';
import { faultSentence } from './faults.ts';

const WORDS: Readonly<Record<Exclude<WorldEdit['code'], 'fault-set'>, string>> = {
  nothing: '',
  edited: 'The world was edited.',
  'settings-changed': 'The world was changed.',
  reset: 'Back to the world as it began.',
  'limits-changed': 'The limits were changed.',
  'retry-changed': 'The retry schedule was changed.',
  'seed-changed': 'The seed was changed.',
  'fault-struck': 'A fault that strikes once has struck.',
  'fault-cleared': 'A fault was cleared.',
  'faults-cleared': 'All faults were cleared.',
  'host-added': '{host} was added.',
  'host-removed': '{host} was removed.',
  'host-changed': '{host} was changed.',
  'domain-added': 'The domain {domain} was added.',
  'domain-removed': 'The domain {domain} was removed.',
  'domain-changed': '{domain} was changed.',
  'backup-added': '{host} backs up {domain}.',
  'zone-removed': 'The zone {zone} was removed.',
  'record-added': '{record}: added.',
  'record-removed': '{record}: removed.',
  'record-changed': '{record}: changed.',
  'person-added': '{name} <{address}> was added.',
  'person-removed': '{name} was removed.',
  'person-changed': '{name} was changed.',
  'mailbox-changed': '{name}’s mailbox was changed.',
  'alias-added': '{address} goes on to {targets}.',
  'address-changed': '{address} was changed.',
  'address-removed': '{address} was removed.',
  'list-added': 'The mailing list {address} was added.',
  renamed: 'The world is called {name}.',
  opened: 'The world of {name} was opened.',
  words: '{text}',
};

/** `world`: the one that the edit made, or the one that it was made on; a fault's sentence names its hosts by their labels. */
export function worldEditText(edit: RecordedEdit, world: PublicWorld): string {
  if (edit.code === 'undone') return `Undone: ${worldEditText(edit.edit, world)}`;
  if (edit.code === 'fault-set') return faultSentence(edit.fault, world);
  const members = new Map(Object.entries<string | readonly string[]>(edit));
  return WORDS[edit.code].replace(/\{(\w+)\}/g, (_, name: string) => [members.get(name) ?? ''].flat().join(', '));
}
