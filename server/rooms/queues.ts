/** The queue of a host, opened so that it follows the world as that is edited. */
import type { HostId, World } from '../../shared/world/world.ts';
import { hostOf } from '../../shared/world/world.ts';
import { seededBy } from '../base/chance.ts';
import type { DataFolder } from '../disk/data-folder.ts';
import type { Report } from '../disk/put-aside.ts';
import { createResolver } from '../dns/resolver.ts';
import type { Home } from '../queue/delivery.ts';
import { openQueue, type Queue } from '../queue/queue.ts';
import { dnsServerFor, type OutsideServers } from './outside.ts';
import type { Ground } from './servers.ts';

export interface QueuesOptions extends Pick<Ground, 'world' | 'network' | 'recorder' | 'clock' | 'budget'> {
  readonly folder: DataFolder;
  readonly outside: OutsideServers | null;
  readonly report: Report;
  /** Letters tried at once; default the queue's own. */
  readonly abreast?: number;
}

/** The domain in whose name a host writes to senders. */
const domainServedBy = ({ domains }: World, host: HostId): string =>
  domains.find(({ submission, exchangers }) => submission === host || exchangers.includes(host))?.name ?? host;

/** Rejects with the file system's error. */
export function openQueueAt(options: QueuesOptions, host: HostId, home: Home): Promise<Queue> {
  const { world, network, recorder, clock, budget, folder, outside, report, abreast } = options;
  const serverFor = dnsServerFor(world, outside?.resolver ?? null);
  const random = seededBy(() => world().seed, host);
  return openQueue({
    directory: folder.queue(host),
    host,
    helloName: host,
    domain: () => domainServedBy(world(), host),
    network,
    resolver: createResolver({ network, from: host, serverFor, recorder, clock, random }),
    recorder,
    clock,
    policy: () => world().retry,
    style: () => hostOf(world(), host)?.sends ?? 'lock-step',
    // Of now: a host that moves has its queue opened anew.
    addresses: hostOf(world(), host)?.addresses ?? [],
    home,
    onTrouble: report,
    budget,
    ...(abreast !== undefined && { concurrency: abreast }),
  });
}
