/** Deeds that change who and what is in the world: its records, domains, people, hosts and patience. */

import { domainOf } from '../../../shared/address.ts';
import { SERVICE_KINDS } from '../../../shared/protocols.ts';
import { addBackupMx, addDomain, addHost, andThen, removeDomain, removeHost } from '../../../shared/world/edit.ts';
import { addAlias, addForwarder, addList, addUser, removeUser } from '../../../shared/world/people.ts';
import type { Host, World } from '../../../shared/world/world.ts';
import { addressesCalled, domainCalled, hostNamed, isWrong, spread, userNamed, type Wrong, wrong } from './cast.ts';
import { type Change, type Changed, changed, changedTo, each } from './change.ts';
import { type Complain, Form, type Piece, secondsIn, type Table, textsOf } from './pieces.ts';
import { withoutRecord, withRecord } from './record-deeds.ts';

const zoneGone =
  (name: string): Change =>
  world => {
    const zone = domainCalled(world, name);
    const zones = world.zones.filter(each => each.name !== zone);
    if (zones.length === world.zones.length) return wrong(`There is no zone ${zone}.`);
    return changedTo({ ...world, zones }, { code: 'zone-removed', zone });
  };

const KINDS = ['client', 'server', 'visitor'] as const;
const LIMITS = ['messageSize', 'recipients', 'hops', 'headerOctets', 'headerFields'] as const;
const SENDS = ['lock-step', 'pipelined', 'chunked'] as const;

/** Reads a table; null where it cannot be read, which has been said. */
type Reader = (form: Form, complain: Complain) => Change | null;

function domainAdded(form: Form): Change | null {
  const name = form.needed('name');
  const person = form.text('person');
  const label = form.text('label') ?? undefined;
  if (name === null) return null;
  return world => {
    const housed = addDomain(world, domainCalled(world, name), label);
    if (person === null) return changed(housed);
    const address = `${person.toLowerCase().replace(/\s+/g, '.')}@${domainCalled(world, name)}`;
    return changed(andThen(housed, with_ => addUser(with_, person, address)));
  };
}

function personAdded(form: Form): Change | null {
  const name = form.needed('name');
  const [domain, address, client] = ['domain', 'address', 'client'].map(member => form.text(member));
  if (name === null) return null;
  if (domain == null && address == null) form.needed('domain');
  return world => {
    const at = address ?? `${name.toLowerCase().replace(/\s+/g, '.')}@${domainCalled(world, domain ?? '')}`;
    const added = addUser(world, name, at);
    if (client == null || !added.ok) return changed(added);
    // At somebody’s computer, which has room for one more.
    const host = hostNamed(world, client);
    if (isWrong(host)) return host;
    const user = added.world.users.at(-1);
    const users = user === undefined ? world.users : [...world.users, { ...user, client: host.id }];
    return changedTo({ ...world, users }, added.edit);
  };
}

/** `sales@green` and `sales@green.example` are one address, though nobody has it yet. */
const newAddress = (world: World, word: string): string =>
  `${word.slice(0, word.lastIndexOf('@'))}@${domainCalled(world, domainOf(word))}`;

function aliasAdded(form: Form, add: typeof addAlias): Change | null {
  const address = form.needed('address');
  const targets = form.neededTexts('targets');
  if (address === null || targets === null) return null;
  return (first, given) =>
    each(spread(address), (world, one) => {
      const found = addressesCalled(world, targets);
      return 'wrong' in found ? found : changed(add(world, newAddress(world, one), found));
    })(first, given);
}

function listAdded(form: Form): Change | null {
  const [address, name] = [form.needed('address'), form.needed('name')];
  const members = form.texts('members') ?? [];
  const owner = form.text('owner');
  if (address === null || name === null) return null;
  return world => {
    const found = addressesCalled(world, members);
    if ('wrong' in found) return found;
    const keeper = owner === null ? undefined : userNamed(world, owner);
    if (keeper !== undefined && isWrong(keeper)) return keeper;
    return changed(addList(world, newAddress(world, address), name, found, keeper?.address));
  };
}

function hostAdded(form: Form, complain: Complain): Change | null {
  const [stem, domain] = [form.needed('name'), form.needed('domain')];
  const label = form.text('label') ?? 'Server';
  const services = (form.texts('services') ?? []).flatMap(word => {
    const service = SERVICE_KINDS.find(one => one === word);
    if (service === undefined)
      complain(form.lineOf('services'), `A host serves ${SERVICE_KINDS.join(', ')}, not “${word}”.`);
    return service === undefined ? [] : [service];
  });
  const kind: Host['kind'] | undefined = KINDS.find(one => one === (form.text('kind') ?? 'server'));
  if (kind === undefined) complain(form.lineOf('kind'), `A host is a ${KINDS.join(', a ')}.`);
  const octet = form.number('octet');
  if (stem === null || domain === null || kind === undefined) return null;
  return world =>
    changed(
      addHost(world, {
        stem,
        domain: domainCalled(world, domain),
        label,
        kind,
        services,
        ...(octet !== null && { octet }),
      }),
    );
}

function hostChanged(form: Form, complain: Complain): Change | null {
  const id = form.needed('id');
  const [label, sends] = [form.text('label'), form.text('sends')];
  const [first, ...others] = form.texts('addresses') ?? [];
  const manner = SENDS.find(one => one === sends);
  if (sends !== null && manner === undefined) complain(form.lineOf('sends'), `“sends” is ${SENDS.join(', ')}.`);
  if (id === null) return null;
  return world => {
    const host = hostNamed(world, id);
    if (isWrong(host)) return host;
    const next: Host = {
      ...host,
      ...(label !== null && { label }),
      ...(manner !== undefined && { sends: manner }),
      ...(first !== undefined && { addresses: [first, ...others] }),
    };
    const hosts = world.hosts.map(one => (one === host ? next : one));
    return changedTo({ ...world, hosts }, { code: 'host-changed', host: host.id });
  };
}

function userChanged(form: Form): Change | null {
  const address = form.needed('address');
  const leaves = form.flag('leaveOnServer');
  const unlimited = form.text('quota') === 'none';
  const quota = unlimited ? null : form.number('quota');
  if (address === null) return null;
  return world => {
    const user = userNamed(world, address);
    if (isWrong(user)) return user;
    const { quota: _before, ...bare } = user;
    const next = {
      ...(unlimited ? bare : user),
      ...(quota !== null && { quota }),
      ...(leaves !== null && { leaveOnServer: leaves }),
    };
    const users = world.users.map(one => (one === user ? next : one));
    return changedTo({ ...world, users }, { code: 'mailbox-changed', name: user.name });
  };
}

function worldSet(form: Form, complain: Complain): Change | null {
  const retry = form.form('retry', ['after', 'giveUpAfter', 'warnAfter']);
  const limits = form.form('limits', LIMITS);
  const seed = form.number('seed');
  const after = retry?.texts('after')?.map(secondsIn);
  if (retry !== null && after?.includes(null))
    complain(retry.lineOf('after'), '“after” is a list of times such as 1 minute.');
  const [giveUpAfter, warnAfter] = [retry?.seconds('giveUpAfter') ?? null, retry?.seconds('warnAfter') ?? null];
  const bounds = Object.fromEntries(
    LIMITS.flatMap(name => {
      const most = limits?.number(name) ?? null;
      return most === null ? [] : [[name, most]];
    }),
  );
  const [first, ...others] = after?.flatMap(one => (one === null ? [] : [one])) ?? [];
  return world =>
    changedTo(
      {
        ...world,
        retry: {
          ...world.retry,
          ...(first !== undefined && { after: [first, ...others] }),
          ...(giveUpAfter !== null && { giveUpAfter }),
          ...(warnAfter !== null && { warnAfter }),
        },
        limits: { ...world.limits, ...bounds },
        ...(seed !== null && { seed }),
      },
      { code: 'settings-changed' },
    );
}

/** Deeds that are a table, by their verb: what they know, and what they mean. */
const TABLES: Readonly<Record<string, readonly [known: readonly string[], read: Reader]>> = {
  'add domain': [['name', 'person', 'label'], domainAdded],
  'add person': [['name', 'domain', 'address', 'client'], personAdded],
  'add alias': [['address', 'targets'], form => aliasAdded(form, addAlias)],
  'add forwarder': [['address', 'targets'], form => aliasAdded(form, addForwarder)],
  'add list': [['address', 'name', 'members', 'owner'], listAdded],
  'add host': [['name', 'domain', 'label', 'kind', 'services', 'octet'], hostAdded],
  host: [['id', 'label', 'addresses', 'sends'], hostChanged],
  user: [['address', 'quota', 'leaveOnServer'], userChanged],
  set: [['retry', 'limits', 'seed'], worldSet],
};

const one =
  (change: (world: World, word: string) => Changed | Wrong) =>
  (words: readonly string[]): Change =>
    each(words.flatMap(spread), change);

/** Deeds that are a text or a list of texts. */
const TEXTS: Readonly<Record<string, (words: readonly string[]) => Change>> = {
  'add record': one(withRecord),
  'remove record': one(withoutRecord),
  'remove zone': one((world, name) => zoneGone(name)(world, world)),
  'add domain': one((world, name) => changed(addDomain(world, domainCalled(world, name)))),
  'add backup': one((world, name) => changed(addBackupMx(world, domainCalled(world, name)))),
  'remove domain': one((world, name) => changed(removeDomain(world, domainCalled(world, name)))),
  'remove host': one((world, name) => {
    const host = hostNamed(world, name);
    return isWrong(host) ? host : changed(removeHost(world, host.id));
  }),
  'remove person': one((world, name) => {
    const user = userNamed(world, name);
    return isWrong(user) ? user : changed(removeUser(world, user.address));
  }),
};

/** The world as it was before the story began, its faults too. */
export const restored: Change = (_world, first) => ({ world: first, edit: { code: 'reset' } });

export const WORLD_VERBS: readonly string[] = [...new Set([...Object.keys(TEXTS), ...Object.keys(TABLES)])];

/** Null where it cannot be read, which has been said. `verb` is one of `WORLD_VERBS`. */
export function readWorldDeed(verb: string, piece: Piece, complain: Complain): Change | null {
  const table = TABLES[verb];
  const text = TEXTS[verb];
  if (table !== undefined && (piece.is === 'table' || text === undefined))
    return readTable(verb, piece, complain, table);
  if (text === undefined) return null;
  const words = piece.is === 'leaf' ? [piece.text] : textsOf(piece, verb, complain);
  if (words.length > 0 && words.every(word => word.trim() !== '')) return text(words);
  complain(piece.line, `“${verb}” needs to know which one.`);
  return null;
}

function readTable(
  verb: string,
  piece: Piece,
  complain: Complain,
  [known, read]: readonly [readonly string[], Reader],
): Change | null {
  const table: Table | null = piece.is === 'table' ? piece : null;
  if (table === null) {
    complain(piece.line, `“${verb}” is a list of ${known.join(', ')}, each with its value.`);
    return null;
  }
  return read(new Form(table, verb, known, complain), complain);
}
