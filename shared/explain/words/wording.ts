/** How captions speak: hosts and people by what a person calls them. */
import type { Protocol } from '../../protocols.ts';
import type { Caption } from '../../story/story.ts';
import type { Reference } from '../../story/words.ts';
import type { HostId, PublicWorld } from '../../world/world.ts';

export type Hosts = Pick<PublicWorld, 'hosts' | 'users'>;

export const caption = (protocol: Protocol, title: string, body: string, ...references: Reference[]): Caption => ({
  protocol,
  title,
  body,
  references,
});

/** How a sentence names a host: "the outgoing server", "Alice’s mail client", "DNS". */
export function called(world: Hosts, id: HostId): string {
  const host = world.hosts.find(each => each.id === id);
  if (!host) return id;
  if (host.label === 'DNS') return 'DNS';
  const label = host.label
    .replace(/^Your /, 'your ')
    .replace(/^Backup MX$/, 'backup MX')
    .replace(/^(Incoming|Outgoing|Mailbox)/, word => word.toLowerCase());
  return /’s |^your /.test(label) ? label : `the ${label}`;
}

/** The person whose mail client this is: "Alice", or "you" outside the box. */
export function personAt(world: Hosts, client: HostId): string {
  return world.users.find(user => user.client === client)?.name ?? 'You';
}

/** A name with a dot in it stays as it is written, also where a sentence begins with it. */
export const sentence = (text: string): string =>
  /^[^\s:]*[.@]\S/.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1);
