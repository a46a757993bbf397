/** Changes of one thing in a world, as edits: what is typed into a field of the editor. Pure; whether it may be is for the server to say. */
import { type EditableUser, type EditableWorld, type Edited, editedWorld } from '../../shared/world/edit.ts';
import type { Alias, Domain, Host, Limits, MailingList, RetryPolicy } from '../../shared/world/world.ts';

/** The same list, with the changed item in place of `old`. */
const swapped = <Item>(items: readonly Item[], old: Item, next: Item): readonly Item[] =>
  items.map(item => (item === old ? next : item));

export const hostEdited = (world: EditableWorld, host: Host, part: Partial<Host>): Edited =>
  editedWorld(
    { ...world, hosts: swapped(world.hosts, host, { ...host, ...part }) },
    { code: 'host-changed', host: host.id },
  );
export const domainEdited = (world: EditableWorld, domain: Domain, part: Partial<Domain>): Edited =>
  editedWorld(
    { ...world, domains: swapped(world.domains, domain, { ...domain, ...part }) },
    { code: 'domain-changed', domain: domain.name },
  );
export const userEdited = (world: EditableWorld, user: EditableUser, next: EditableUser): Edited =>
  editedWorld({ ...world, users: swapped(world.users, user, next) }, { code: 'person-changed', name: user.name });

export const addressesIn = (text: string): readonly string[] =>
  text
    .split(/[\s,;]+/)
    .map(part => part.trim())
    .filter(part => part !== '');

export function aliasEdited(world: EditableWorld, alias: Alias, targets: readonly string[]): Edited {
  const [first, ...rest] = targets;
  if (first === undefined) return { ok: false, message: `To whom does ${alias.address} go on?` };
  const next: Alias = { ...alias, targets: [first, ...rest] };
  return editedWorld(
    { ...world, aliases: swapped(world.aliases, alias, next) },
    { code: 'address-changed', address: alias.address },
  );
}
export const aliasRemoved = (world: EditableWorld, alias: Alias): Edited =>
  editedWorld(
    { ...world, aliases: world.aliases.filter(each => each !== alias) },
    { code: 'address-removed', address: alias.address },
  );
export const listEdited = (world: EditableWorld, list: MailingList, part: Partial<MailingList>): Edited =>
  editedWorld(
    { ...world, lists: swapped(world.lists, list, { ...list, ...part }) },
    { code: 'address-changed', address: list.address },
  );
export const listRemoved = (world: EditableWorld, list: MailingList): Edited =>
  editedWorld(
    { ...world, lists: world.lists.filter(each => each !== list) },
    { code: 'address-removed', address: list.address },
  );

export const limitsEdited = (world: EditableWorld, part: Partial<Limits>): Edited =>
  editedWorld({ ...world, limits: { ...world.limits, ...part } }, { code: 'limits-changed' });
export const retryEdited = (world: EditableWorld, part: Partial<RetryPolicy>): Edited =>
  editedWorld({ ...world, retry: { ...world.retry, ...part } }, { code: 'retry-changed' });
export const renamed = (world: EditableWorld, name: string): Edited =>
  name === ''
    ? { ok: false, message: 'A world needs a name.' }
    : editedWorld({ ...world, name }, { code: 'renamed', name });

const UNITS: Readonly<Record<string, number>> = {
  s: 1,
  '': 60,
  min: 60,
  m: 60,
  h: 3600,
  d: 86_400,
  day: 86_400,
  days: 86_400,
};

/** "15 min", "4 h", "5 days", "90" (minutes) as seconds; null for what is none of these. */
export function secondsIn(text: string): number | null {
  const [, count, unit = ''] = /^(\d{1,8})\s*([a-z]*)$/i.exec(text.trim()) ?? [];
  const size = UNITS[unit.toLowerCase()];
  return count === undefined || size === undefined ? null : Number(count) * size;
}

/** "1 min, 5 min, 1 h" as seconds each; null where one of them is none. */
export function scheduleIn(text: string): readonly [number, ...number[]] | null {
  const waits: number[] = [];
  for (const part of text.split(',')) {
    const wait = secondsIn(part);
    if (wait === null) return null;
    waits.push(wait);
  }
  const [first, ...rest] = waits;
  return first === undefined ? null : [first, ...rest];
}
