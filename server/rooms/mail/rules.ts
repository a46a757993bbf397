/** Who may do what at the servers of a world: log in, send as whom, write to whom. Pure. */

import { domainOf } from '../../../shared/address.ts';
import type { Domain, HostId, World } from '../../../shared/world/world.ts';
import { assertNever, domainNamed, hostAt, hostOf, userAt } from '../../../shared/world/world.ts';
import type { Peer } from '../../network/contract.ts';
import { parseMailbox } from '../../smtp/address.ts';
import type { Verdict } from '../../smtp/envelope.ts';
import { destinationOf } from './destination.ts';

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
  const known = userAt(world, parseMailbox(user)?.address ?? user);
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

/** RFC 2606 and RFC 6761: domains that can never be somebody's, so that a letter to one that does not exist harms nobody. */
const RESERVED = /(?:^|\.)(?:example|test|invalid)$/;

/** True where the letter stays on this machine whatever DNS says of the domain. */
function isInside(world: World, domain: string): boolean {
  const literal = /^\[(?:IPv6:)?([^\]]+)\]$/i.exec(domain)?.[1];
  if (literal !== undefined) return hostAt(world, literal) !== undefined;
  return domainNamed(world, domain) !== undefined || RESERVED.test(domain);
}

/**
 * At submission, any recipient whose domain this world could know; whether it exists is for the queue to find out. `beyond`: real
 * servers on this machine are asked, and whatever leads off it is refused when it is dialled.
 */
export function mayWriteTo(world: World, address: string, beyond: boolean): Verdict {
  const domain = domainOf(address);
  if (beyond || isInside(world, domain)) return { ok: true };
  return {
    ok: false,
    code: 550,
    enhanced: '5.1.2',
    text: `<${address}>: ${domain} is outside this world; mailscope never sends mail off this machine`,
  };
}

/** What the exchanger asks before it says yes to a recipient. */
export interface AtTheDoor {
  readonly world: World;
  /** The domains that `host` takes mail for. */
  readonly domains: readonly Domain[];
  readonly host: HostId;
  /** Octets in the mailbox of this user now. */
  readonly octets: (address: string) => number;
}

const full = (address: string): Verdict => ({
  ok: false,
  code: 452,
  enhanced: '4.2.2',
  text: `<${address}>: mailbox full, try again later`,
});

/** At an exchanger: only addresses of its own domains; it never relays (RFC 5321 §3.6, §7.9). */
export function mayDeliverTo(
  { world, domains, host, octets }: AtTheDoor,
  address: string,
  reversePath: string,
): Verdict {
  const no = (code: number, enhanced: string, why: string): Verdict => ({
    ok: false,
    code,
    enhanced,
    text: `<${address}>: ${why}`,
  });
  const destination = destinationOf(world, domains, host, address);
  switch (destination.kind) {
    case 'foreign':
      return no(554, '5.7.1', 'relay access denied');
    case 'unknown-user':
      return no(550, '5.1.1', 'user unknown');
    case 'loop':
      return no(554, '5.4.6', 'this address only forwards to itself');
    case 'list':
      // A notification must not go to everybody on the list (RFC 5321 §3.9.2, RFC 3834 §2).
      return reversePath === '' ? no(550, '5.7.1', 'the list takes no notifications') : { ok: true };
    case 'mailbox': {
      const { quota } = destination.user;
      return quota !== undefined && octets(destination.user.address) >= quota ? full(address) : { ok: true };
    }
    case 'alias':
    case 'backup':
      return { ok: true };
    default:
      return assertNever(destination);
  }
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
