/** Who has an address in a world: people, aliases, mailing lists and forwarders, added and removed. Pure, as `edit.ts` is. */

import { domainOf } from '../address.ts';
import {
  addDomain,
  addHost,
  andThen,
  type EditableWorld,
  type Edited,
  editedWorld,
  refusedEdit,
  without,
} from './edit.ts';
import { domainNamed } from './world.ts';

const LOCAL = /^[^\s@<>"\\,;:()[\]]{1,64}$/;
/** Whoever has this address already, in words; null where it is free. */
function holderOf(world: EditableWorld, address: string): string | null {
  const same = (each: { readonly address: string }): boolean => each.address.toLowerCase() === address.toLowerCase();
  if (world.users.some(same)) return 'a person';
  if (world.aliases.some(same)) return 'an alias';
  return world.lists.some(same) ? 'a mailing list' : null;
}

function addressProblem(world: EditableWorld, address: string): string | null {
  if (domainNamed(world, domainOf(address)) === undefined)
    return `There is no domain ${domainOf(address) || 'like that'} in this world.`;
  if (!LOCAL.test(address.slice(0, address.lastIndexOf('@')))) return `${address} is not a mail address.`;
  const holder = holderOf(world, address);
  return holder === null ? null : `${address} is ${holder} already.`;
}

/** A person with a mail client of their own. The password says nothing to anybody: it works in this world alone. */
export function addUser(world: EditableWorld, name: string, typed: string): Edited {
  const address = typed.trim();
  const problem = name.trim() === '' ? 'What is the person called?' : addressProblem(world, address);
  if (problem !== null) return refusedEdit(problem);
  const domain = domainOf(address);
  const stem = `${name.toLowerCase().replace(/[^a-z0-9]/g, '') || 'person'}s-laptop`.slice(0, 40);
  const client = addHost(world, {
    stem,
    domain,
    label: `${name}’s mail client`,
    kind: 'client',
    services: [],
    octet: 101,
  });
  return andThen(client, housed => {
    const user = {
      address,
      name: name.trim(),
      password: `${stem.split('s-')[0]}-writes-${world.users.length + 1}`,
      client: client.host ?? '',
    };
    return editedWorld({ ...housed, users: [...housed.users, user] }, { code: 'person-added', name, address });
  });
}

/** The person, and their mail client where nobody else uses it. */
export function removeUser(world: EditableWorld, address: string): Edited {
  const user = world.users.find(each => each.address === address);
  if (user === undefined) return refusedEdit(`There is no user ${address}.`);
  const rest: EditableWorld = {
    ...world,
    users: world.users.filter(each => each !== user),
    faults: world.faults.filter(
      fault => !('user' in fault && fault.user === address) && !('mailbox' in fault && fault.mailbox === address),
    ),
  };
  const host = rest.users.some(({ client }) => client === user.client)
    ? undefined
    : world.hosts.find(({ id }) => id === user.client);
  return editedWorld(host === undefined ? rest : without(rest, [host]), { code: 'person-removed', name: user.name });
}

export function addAlias(world: EditableWorld, typed: string, targets: readonly string[]): Edited {
  const address = typed.trim();
  const problem = addressProblem(world, address);
  if (problem !== null) return refusedEdit(problem);
  const [first, ...rest] = targets;
  if (first === undefined) return refusedEdit(`To whom does ${address} go on?`);
  return editedWorld(
    { ...world, aliases: [...world.aliases, { address, targets: [first, ...rest] }] },
    { code: 'alias-added', address, targets },
  );
}

export function addList(
  world: EditableWorld,
  typed: string,
  name: string,
  members: readonly string[],
  owner?: string,
): Edited {
  const address = typed.trim();
  const problem = name.trim() === '' ? 'What is the list called?' : addressProblem(world, address);
  if (problem !== null) return refusedEdit(problem);
  const keeper =
    owner ?? world.users.find(user => domainOf(user.address) === domainOf(address))?.address ?? world.users[0]?.address;
  if (keeper === undefined) return refusedEdit('A list needs an owner, who gets what comes back: add a person first.');
  return editedWorld(
    { ...world, lists: [...world.lists, { address, name: name.trim(), owner: keeper, members }] },
    { code: 'list-added', address },
  );
}

/** A domain that keeps no letter: its one host sends on what comes for `address` to `targets` (RFC 5321 §3.9.1). */
export function addForwarder(world: EditableWorld, address: string, targets: readonly string[]): Edited {
  const known = domainNamed(world, domainOf(address)) !== undefined;
  return andThen(
    known ? editedWorld(world, { code: 'nothing' }) : addDomain(world, domainOf(address), 'Forwarder'),
    housed => addAlias(housed, address, targets),
  );
}
