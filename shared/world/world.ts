/** A world is data: the hosts, domains, zones, users and limits of one small internet, validated before anything runs. */

import type { Fault } from '../faults/fault.ts';
import type { ServiceKind } from '../protocols.ts';

/** The name by which everything else refers to a host: its fully qualified domain name, in lower case. */
export type HostId = string;

/** `client`: a person's mail client. `server`: runs services. `visitor`: a mail client outside the box that used a published port. */
type HostKind = 'client' | 'server' | 'visitor';

export interface Host {
  readonly id: HostId;
  readonly kind: HostKind;
  /** What a person calls it: "Outgoing server", "Alice’s mail client". At most 24 characters. */
  readonly label: string;
  /** The domain whose territory it stands in; absent for DNS and for visitors. */
  readonly domain?: string;
  /** IPv4 or IPv6 addresses from the documentation ranges (RFC 5737, RFC 3849), the preferred one first. */
  readonly addresses: readonly [string, ...string[]];
  readonly services: readonly ServiceKind[];
  /** How it speaks when it sends; default `lock-step`, one command at a time, as a person can follow. `chunked`: BDAT where it is offered. */
  readonly sends?: 'lock-step' | 'pipelined' | 'chunked';
}

export type ZoneRecord =
  | { readonly name: string; readonly ttl: number; readonly type: 'A' | 'AAAA'; readonly data: string }
  | { readonly name: string; readonly ttl: number; readonly type: 'NS' | 'CNAME' | 'PTR'; readonly data: string }
  | {
      readonly name: string;
      readonly ttl: number;
      readonly type: 'MX';
      readonly preference: number;
      readonly exchange: string;
    }
  | { readonly name: string; readonly ttl: number; readonly type: 'TXT'; readonly data: readonly string[] };

/** RFC 1035 §3.3.13; times in seconds. `minimum` is the negative-caching TTL (RFC 2308 §4). */
export interface Soa {
  readonly mname: string;
  readonly rname: string;
  readonly serial: number;
  readonly refresh: number;
  readonly retry: number;
  readonly expire: number;
  readonly minimum: number;
  readonly ttl: number;
}

/** One zone: names are fully qualified, lower case, without the last dot. Also used for reverse zones. */
export interface Zone {
  readonly name: string;
  readonly soa: Soa;
  readonly records: readonly ZoneRecord[];
}

export interface Domain {
  readonly name: string;
  /** The host that takes this domain's users' outgoing mail (587), keeps their queue. */
  readonly submission: HostId;
  /** The host that holds the maildrops and serves POP3. Every MX host of the domain delivers there. */
  readonly pop: HostId;
  /**
   * The hosts that accept mail for the domain on port 25. Those with the lowest preference in the zone deliver into the mailboxes;
   * any other is a backup: it stores the letter in its own queue and hands it on to a better one (RFC 5321 §5.1).
   */
  readonly exchangers: readonly HostId[];
}

export interface User {
  /** `local-part@domain`; also the user name for AUTH and POP3. */
  readonly address: string;
  /** Display name: "Alice". */
  readonly name: string;
  readonly password: string;
  /** The host that is this person's mail client. */
  readonly client: HostId;
  /** Octets that the mailbox may hold; absent: no limit. */
  readonly quota?: number;
  /** The mail client fetches without deleting, and knows by UIDL what it has; default false. */
  readonly leaveOnServer?: boolean;
}

/** Forwarding (RFC 5321 §3.9.1): a letter to `address` goes on to `targets`, its envelope sender unchanged. */
export interface Alias {
  readonly address: string;
  /** At least one; inside the world or not, also other aliases. */
  readonly targets: readonly string[];
}

/** A mailing list (RFC 5321 §3.9.2): each member gets a letter of its own, whose envelope sender is the list's `-bounces` address. */
export interface MailingList {
  readonly address: string;
  /** "Lunch club": List-Id's phrase. */
  readonly name: string;
  /** Gets what comes back to the `-bounces` address; a user's address. */
  readonly owner: string;
  readonly members: readonly string[];
}

/** How patient the queues are. Seconds of world time. */
export interface RetryPolicy {
  /** Waits after the first failed attempt, after the second, …; the last one repeats. */
  readonly after: readonly [number, ...number[]];
  readonly giveUpAfter: number;
  /** After so long the sender is told that the letter is late (RFC 3464 "delayed"). */
  readonly warnAfter: number;
}

export interface Limits {
  /** Octets of one message, header and body (RFC 1870). */
  readonly messageSize: number;
  /** RCPTs in one transaction (RFC 5321 §4.5.3.1.8: at least 100). */
  readonly recipients: number;
  /** `Received:` fields at which a message is looping (RFC 5321 §6.3). */
  readonly hops: number;
  /** Octets of a message's header. */
  readonly headerOctets: number;
  /** Fields of a message's header. */
  readonly headerFields: number;
}

/** Of those limits that older worlds do not name. */
export const DEFAULT_HEADER = { headerOctets: 262_144, headerFields: 10_000 } as const;
/** What a world may set them to at most. */
export const MOST_HEADER_OCTETS = 1_048_576;
export const MOST_HEADER_FIELDS = 50_000;

export interface World {
  readonly name: string;
  readonly hosts: readonly Host[];
  readonly domains: readonly Domain[];
  readonly zones: readonly Zone[];
  /** The host that answers for every zone. */
  readonly dns: HostId;
  readonly users: readonly User[];
  readonly aliases: readonly Alias[];
  readonly lists: readonly MailingList[];
  readonly limits: Limits;
  readonly retry: RetryPolicy;
  /** Decides whatever is left to chance, the order of equal MX preferences: the same seed, the same story. */
  readonly seed: number;
  readonly faults: readonly Fault[];
  /** Present where the world is meant to hold mistakes, such as an MX that leads nowhere: it then runs as it is. */
  readonly mistakes?: 'deliberate';
}

/** Passwords never leave the machine that runs the world, so a trace's world has none. */
export type PublicWorld = Omit<World, 'users'> & {
  readonly users: readonly Omit<World['users'][number], 'password'>[];
};

const MINUTE = 60;
/** Sooner at first than RFC 5321 §4.5.4.1 asks (30 minutes), as greylisting practice has it; five days in all. */
export const DEFAULT_RETRY: RetryPolicy = {
  after: [1 * MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, 60 * MINUTE],
  giveUpAfter: 5 * 24 * 60 * MINUTE,
  warnAfter: 4 * 60 * MINUTE,
};

/** What a stage can show without overlap. */
export const MOST_HOSTS = 20;
export const MOST_DOMAINS = 6;

/** The hosts that belong to the world; the visitor comes from outside and is not counted. */
export const residents = <H extends Pick<Host, 'kind'>>(world: { readonly hosts: readonly H[] }): readonly H[] =>
  world.hosts.filter(({ kind }) => kind !== 'visitor');

export const hostOf = (world: World, id: HostId): Host | undefined => world.hosts.find(host => host.id === id);

export const hostAt = (world: World, address: string): Host | undefined =>
  world.hosts.find(host => host.addresses.includes(address));

/** Finds a user by address; the local part is compared as the world's own mail systems do, without regard to case. */
export const userAt = (world: World, address: string): User | undefined =>
  world.users.find(user => user.address.toLowerCase() === address.toLowerCase());

/** The hosts that do each service for a domain. */
export const serversOf = (
  { dns }: Pick<World, 'dns'>,
  { submission, exchangers, pop }: Domain,
): Readonly<Record<ServiceKind, readonly HostId[]>> => ({
  submission: [submission],
  smtp: exchangers,
  pop3: [pop],
  dns: [dns],
});

export const domainNamed = (world: Pick<World, 'domains'>, name: string): Domain | undefined =>
  world.domains.find(domain => domain.name === name.toLowerCase());

/** The address that gets what comes back from a list: `club@x` has `club-bounces@x`. */
export const bouncesAddress = (list: Pick<MailingList, 'address'>): string => list.address.replace(/@/, '-bounces@');

/** Makes a switch exhaustive: reaching it is our mistake, never the peer's. */
export function assertNever(value: never): never {
  throw new Error(`not handled: ${JSON.stringify(value)}`);
}
