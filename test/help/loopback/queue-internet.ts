/** A queue in an internet of its own: real DNS, real resolver, real SMTP servers, all through the wire; records and faults as a test likes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '../../../server/base/chance.ts';
import { createWorldClock, type WorldClock } from '../../../server/base/clock.ts';
import { createFaultBook } from '../../../server/base/faults.ts';
import { createResolver } from '../../../server/dns/resolver.ts';
import { startDnsServer } from '../../../server/dns/server.ts';
import { createNetwork } from '../../../server/network/network.ts';
import { openQueue, type Queue } from '../../../server/queue/queue.ts';
import { type Delivery, startSmtpServer } from '../../../server/smtp/machine/receive.ts';
import type { Setting } from '../../../server/smtp/machine/state.ts';
import type { Fault, FaultWhat } from '../../../shared/faults/fault.ts';
import { DEFAULT_RETRY, type Host, type Soa, type Zone, type ZoneRecord } from '../../../shared/world/world.ts';
import { exchanger, type MemoryRecorder, memoryRecorder } from './smtp-loopback.ts';

const SELF = 'smtp.blue.example';
const ADDRESSES: Readonly<Record<string, readonly [string, ...string[]]>> = {
  [SELF]: ['192.0.2.10'],
  'ns.root.example': ['203.0.113.53'],
  'mx1.green.example': ['198.51.100.25', '2001:db8:2::25'],
  'mx2.green.example': ['198.51.100.26'],
  'mx3.green.example': ['198.51.100.27'],
  'mx.red.example': ['203.0.113.25'],
  'mx.gold.example': ['203.0.113.26'],
};
const HOSTS: readonly Host[] = Object.entries(ADDRESSES).map(([id, addresses]) => ({
  id,
  kind: 'server',
  label: id,
  addresses,
  services: [],
}));
const SOA: Soa = {
  mname: 'ns.root.example',
  rname: 'hostmaster.root.example',
  serial: 1,
  refresh: 7200,
  retry: 900,
  expire: 1_209_600,
  minimum: 300,
  ttl: 3600,
};

export const mx = (name: string, preference: number, exchange: string): ZoneRecord => ({
  name,
  ttl: 60,
  type: 'MX',
  preference,
  exchange,
});
export const a = (name: string, data: string): ZoneRecord => ({ name, ttl: 60, type: 'A', data });
export const aaaa = (name: string, data: string): ZoneRecord => ({ name, ttl: 60, type: 'AAAA', data });
export const alias = (name: string, data: string): ZoneRecord => ({ name, ttl: 60, type: 'CNAME', data });

export interface Internet {
  readonly queue: Queue;
  readonly recorder: MemoryRecorder;
  readonly clock: WorldClock;
  /** Everything in DNS beside the A records of the hosts. */
  records: ZoneRecord[];
  faults: Fault[];
  fault(what: FaultWhat, times?: Fault['times']): void;
  /** What the host took, as it grows. */
  serve(host: string, setting?: Partial<Setting>): Promise<readonly Delivery[]>;
  /** Queues a letter and waits until nobody is at work on it. */
  post(...recipients: string[]): Promise<void>;
  /** Whom the queue called on port 25, in order, whether they answered or not: "mx1.green.example", with the address where it is IPv6. */
  called(): string[];
  /** What became of it, in order: "deferred 4.4.1 bob@green.example". */
  fates(): string[];
  close(): Promise<void>;
}

export async function openInternet(seed = 1): Promise<Internet> {
  const directory = mkdtempSync(join(tmpdir(), 'mailscope-internet-'));
  const world: Pick<Internet, 'records' | 'faults'> = { records: [], faults: [] };
  const recorder = memoryRecorder();
  const clock = createWorldClock();
  const faults = createFaultBook(
    () => world.faults,
    fault => {
      if (fault.times === 'next') world.faults = world.faults.filter(({ id }) => id !== fault.id);
    },
  );
  const network = createNetwork({ world: () => ({ hosts: HOSTS }), recorder, clock, faults });
  const known = HOSTS.flatMap(({ id, addresses }) => a(id, addresses[0]));
  const zones = (): readonly Zone[] =>
    ['blue', 'green', 'red', 'gold'].map(domain => ({
      name: `${domain}.example`,
      soa: SOA,
      records: [...known, ...world.records].filter(({ name }) => `.${name}`.endsWith(`.${domain}.example`)),
    }));
  const dns = await startDnsServer({ network, host: 'ns.root.example', zones, faults });
  const resolver = createResolver({
    network,
    from: SELF,
    serverFor: () => ({ address: '203.0.113.53', port: 53 }),
    recorder,
    clock,
    random: seededRandom(seed, SELF),
  });
  const queue = await openQueue({
    directory,
    host: SELF,
    helloName: SELF,
    domain: () => 'blue.example',
    addresses: ADDRESSES[SELF] ?? [],
    network,
    resolver,
    recorder,
    clock,
    policy: () => DEFAULT_RETRY,
    style: () => 'lock-step',
  });
  const listeners = [dns];
  return Object.assign(world, {
    queue,
    recorder,
    clock,
    fault: (what: FaultWhat, times: Fault['times'] = 'always') => {
      world.faults.push({ ...what, id: `f${world.faults.length + 1}`, times });
    },
    async serve(host: string, setting: Partial<Setting> = {}) {
      const deliveries: Delivery[] = [];
      listeners.push(
        await startSmtpServer({
          ...exchanger,
          recipient: () => ({ ok: true }),
          ...setting,
          host,
          network,
          port: 25,
          clock,
          faults,
          accept: async delivery => {
            deliveries.push(delivery);
            return { ok: true };
          },
        }),
      );
      return deliveries;
    },
    async post(...recipients: string[]) {
      await queue.accept({
        // Nobody is told, so that nothing but the letter travels.
        envelope: { reversePath: '', recipients },
        message: Buffer.from('Subject: x\r\n\r\nx\r\n'),
        messageId: '',
      });
      await queue.idle();
    },
    called: () =>
      recorder.events.flatMap(event =>
        (event.kind === 'tcp.opened' || event.kind === 'tcp.refused') && event.to.port === 25
          ? [event.to.address.includes(':') ? `${event.to.host} [${event.to.address}]` : event.to.host]
          : [],
      ),
    fates: () =>
      recorder.events.flatMap(event =>
        event.kind === 'mail.bounced' || event.kind === 'mail.deferred'
          ? [`${event.kind.slice(5)} ${event.status} ${event.recipients.join(' ')}`]
          : event.kind === 'mail.dequeued'
            ? ['done']
            : [],
      ),
    async close() {
      await queue.close();
      for (const listener of listeners) await listener.close();
      await network.close();
      clock.close();
      rmSync(directory, { recursive: true });
    },
  });
}
