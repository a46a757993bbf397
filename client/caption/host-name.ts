/** What a person calls a host of this world; one that is no longer, or not yet, in it goes by its domain name. */
import type { HostId, PublicWorld } from '../../shared/world/world.ts';

export const hostName = (world: Pick<PublicWorld, 'hosts'>, id: HostId): string =>
  world.hosts.find(host => host.id === id)?.label ?? id;
