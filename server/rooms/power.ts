/** Which servers run on which hosts: starts and stops them as the world is edited and as hosts lose their power. */
import { SERVICE_KINDS, type ServiceKind } from '../../shared/protocols.ts';
import type { HostId, World } from '../../shared/world/world.ts';
import { hostOf, serversOf } from '../../shared/world/world.ts';
import type { Listener } from '../network/contract.ts';
import type { Home } from '../queue/delivery.ts';
import type { Queue } from '../queue/queue.ts';
import { homeOf } from './mail/home.ts';
import { reportSuccess } from './mail/report.ts';
import { createInTurn } from './running/in-turn.ts';
import { exchangerAt, type Ground, serveDns, serveExchanger, servePop3, serveSubmission } from './servers.ts';

export interface Power {
  /** The queues that run now. */
  queues(): ReadonlyMap<HostId, Queue>;
  /** What runs there, another object after each start, or null. */
  serviceOf(kind: ServiceKind, host: HostId): object | null;
  /** Starts and stops until what runs is what the world of now says; never twice at once. */
  follow(): Promise<void>;
  close(): Promise<void>;
}

export interface PowerOptions {
  readonly ground: Omit<Ground, 'queueOf' | 'isOff' | 'report'>;
  readonly openQueue: (host: HostId, home: Home) => Promise<Queue>;
}

/** Without power: nothing runs, nobody answers. */
const isOff = (world: World, host: HostId): boolean =>
  world.faults.some(fault => fault.kind === 'host-off' && fault.host === host && fault.times === 'always');

interface Running {
  readonly host: HostId;
  readonly kind: ServiceKind | 'queue';
  readonly stop: () => Promise<void>;
}

/** In the order in which they are started: DNS and the queue first, for a server may take a letter as soon as it listens. */
const ORDER: readonly Running['kind'][] = [
  'dns',
  'queue',
  ...SERVICE_KINDS.filter(kind => kind !== 'dns').toReversed(),
];

const START: Readonly<Record<ServiceKind, (ground: Ground, host: HostId) => Promise<Listener>>> = {
  dns: serveDns,
  pop3: servePop3,
  smtp: serveExchanger,
  submission: serveSubmission,
};

/** `kind host addresses`, so that a host that moves is started anew. */
function wanted(world: World): ReadonlyMap<string, { readonly host: HostId; readonly kind: Running['kind'] }> {
  const servers = world.domains.map(domain => serversOf(world, domain));
  const hosts = (kind: Running['kind']): readonly HostId[] =>
    kind === 'dns'
      ? [world.dns]
      : servers.flatMap(each => (kind === 'queue' ? [...each.submission, ...each.smtp] : each[kind]));
  const all = ORDER.flatMap(kind => [...new Set(hosts(kind))].map(host => ({ host, kind })));
  return new Map(
    all
      .filter(({ host }) => !isOff(world, host))
      .map(each => [`${each.kind} ${each.host} ${hostOf(world, each.host)?.addresses.join(' ') ?? ''}`, each]),
  );
}

export function createPower({ ground: given, openQueue }: PowerOptions): Power {
  const { world, network, clock } = given;
  const running = new Map<string, Running>();
  const queues = new Map<HostId, Queue>();
  const ground: Ground = {
    ...given,
    queueOf: host => queues.get(host) ?? null,
    isOff: host => isOff(world(), host),
    report: (host, delivery, action, recipients) =>
      reportSuccess(queues.get(host) ?? null, clock, delivery, action, recipients),
  };
  let off = new Set<HostId>();
  let closed = false;

  const start = async ({ host, kind }: Pick<Running, 'host' | 'kind'>): Promise<() => Promise<void>> => {
    if (kind === 'queue') {
      const queue = await openQueue(host, homeOf(exchangerAt(ground, host)));
      queues.set(host, queue);
      return async () => {
        queues.delete(host);
        await queue.close();
      };
    }
    const listener = await START[kind](ground, host);
    return () => listener.close();
  };

  const stop = async (keys: readonly string[]): Promise<void> => {
    // Against the order in which they were started: what is being accepted still finds its queue.
    for (const key of keys.toReversed()) {
      const service = running.get(key);
      running.delete(key);
      await service?.stop();
    }
  };

  const settle = async (): Promise<void> => {
    if (closed) return;
    const now = world();
    const next = wanted(now);
    const dark = new Set(now.hosts.map(({ id }) => id).filter(id => isOff(now, id)));
    // A power cut says goodbye to nobody.
    for (const host of dark) if (!off.has(host)) network.powerOff(host);
    off = dark;
    const ending = [...running.keys()].filter(key => !next.has(key));
    const beginning = [...next].filter(([key]) => !running.has(key));
    if (ending.length === 0 && beginning.length === 0) return;
    await stop(ending);
    for (const [key, service] of beginning) running.set(key, { ...service, stop: await start(service) });
  };

  const follow = createInTurn(settle);

  return {
    queues: () => queues,
    serviceOf: (kind, host) => [...running.values()].find(each => each.kind === kind && each.host === host) ?? null,
    follow,
    async close() {
      closed = true;
      // Whatever is being started is stopped, too.
      await follow();
      await stop([...running.keys()]);
    },
  };
}
