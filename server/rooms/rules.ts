/** Who may do what at the servers of a world: log in, send as whom, write to whom. Pure. */
import type { Domain, HostId, User, World } from '../../shared/world/world.ts';
import { domainNamed, domainOf, hostAt, hostOf, userAt } from '../../shared/world/world.ts';
import type { Peer } from '../network/contract.ts';
import type { Verdict } from '../smtp/envelope.ts';

const isPostmaster = (address: string): boolean => /^postmaster@/i.test(address);

/**
 * The address that these credentials open at a server of `domains`, or null. A visitor from outside may log in as anybody at any
 * server, because only one server of each kind is published.
 */
export function authenticate(
  world: World,
  domains: readonly Domain[],
  user: string,
  password: string,
  peer: Peer,
): string | null {
  const known = userAt(world, user);
  if (known === undefined || known.password !== password) return null;
  const atHome = domains.some(domain => domain.name === domainOf(known.address));
  return atHome || hostOf(world, peer.host)?.kind === 'visitor' ? known.address : null;
}

/** At submission, one sends as oneself (RFC 6409 §6.1). */
export function maySendAs(reversePath: string, user: string | null): Verdict {
  if (user !== null && reversePath.toLowerCase() === user.toLowerCase()) return { ok: true };
  return {
    ok: false,
    code: 553,
    enhanced: '5.7.1',
    text: `<${reversePath}>: ${user ?? 'nobody'} may not send as this address`,
  };
}

/** True where the world answers for the name: one of its mail domains, or a name in one of its zones. */
function isInside(world: World, domain: string): boolean {
  const literal = /^\[(?:IPv6:)?([^\]]+)\]$/i.exec(domain)?.[1];
  if (literal !== undefined) return hostAt(world, literal) !== undefined;
  return (
    domainNamed(world, domain) !== undefined ||
    world.zones.some(zone => domain === zone.name || domain.endsWith(`.${zone.name}`))
  );
}

/** At submission, any recipient whose domain this world could know; whether it exists is for the queue to find out. */
export function mayWriteTo(world: World, address: string): Verdict {
  const domain = domainOf(address);
  if (isInside(world, domain)) return { ok: true };
  return {
    ok: false,
    code: 550,
    enhanced: '5.1.2',
    text: `<${address}>: ${domain} is outside this world; mailscope never sends mail off this machine`,
  };
}

/** The user whose mailbox takes mail for `address` at an exchanger of `domains`; null: nobody; undefined: not a domain of its. */
export function mailboxFor(
  world: World,
  domains: readonly Domain[],
  host: HostId,
  address: string,
): User | null | undefined {
  const domain = domainOf(address);
  // RFC 5321 §4.5.1: Postmaster without a domain is the postmaster of whoever is spoken to.
  const here = domain === host && isPostmaster(address) ? domains[0] : domains.find(each => each.name === domain);
  if (here === undefined) return undefined;
  const user = userAt(world, address);
  if (user !== undefined) return user;
  if (!isPostmaster(address)) return null;
  return world.users.find(each => domainOf(each.address) === here.name) ?? null;
}

/** At an exchanger: only users of its own domains; it never relays (RFC 5321 §3.6, §7.9). */
export function mayDeliverTo(world: World, domains: readonly Domain[], host: HostId, address: string): Verdict {
  const user = mailboxFor(world, domains, host, address);
  if (user === undefined) return { ok: false, code: 554, enhanced: '5.7.1', text: `<${address}>: relay access denied` };
  if (user === null) return { ok: false, code: 550, enhanced: '5.1.1', text: `<${address}>: user unknown` };
  return { ok: true };
}

/** What the PTR records of the world call an address, or null (RFC 1035 §3.5). */
export function reverseNames(world: World): (address: string) => string | null {
  const names = new Map<string, string>();
  for (const { records } of world.zones)
    for (const record of records) if (record.type === 'PTR') names.set(record.name, record.data);
  return address => names.get(reverseOf(address)) ?? null;
}

function reverseOf(address: string): string {
  if (!address.includes(':')) return `${address.split('.').reverse().join('.')}.in-addr.arpa`;
  const [head = '', tail = ''] = address.toLowerCase().split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const filled = Array.from({ length: Math.max(0, 8 - groups(head).length - groups(tail).length) }, () => '0');
  const digits = [...groups(head), ...filled, ...groups(tail)].map(group => group.padStart(4, '0')).join('');
  return `${[...digits].reverse().join('.')}.ip6.arpa`;
}
