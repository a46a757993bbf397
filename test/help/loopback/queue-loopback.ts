/** A queue between world addresses on loopback: routes told instead of asked for, servers that take what they are told to, a clock that stands still. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWorldClock, type WorldClock } from '../../../server/base/clock.ts';
import { createFaultBook } from '../../../server/base/faults.ts';
import type { AddressAnswer, Resolver, Route } from '../../../server/dns/resolver.ts';
import type { Listener } from '../../../server/network/contract.ts';
import { openQueue, type Queue, type QueueOptions } from '../../../server/queue/queue.ts';
import { type Delivery, startSmtpServer } from '../../../server/smtp/machine/receive.ts';
import type { Setting } from '../../../server/smtp/machine/state.ts';
import type { Fault } from '../../../shared/faults/fault.ts';
import { DEFAULT_RETRY } from '../../../shared/world/world.ts';
import { exchanger, type Loopback, type MemoryRecorder, memoryRecorder, openLoopback } from './smtp-loopback.ts';

const ADDRESSES: Readonly<Record<string, string>> = {
  'smtp.blue.example': '192.0.2.10',
  'mail.blue.example': '192.0.2.25',
  'mx1.green.example': '198.51.100.25',
  'mx2.green.example': '198.51.100.26',
  'mx.red.example': '203.0.113.25',
};

/** Best first. */
export const mx = (...exchanges: string[]): Route => ({
  kind: 'hosts',
  implicit: false,
  hosts: exchanges.map((exchange, index) => ({ exchange, preference: 10 * (index + 1) })),
});

export const message = Buffer.from(
  'Subject: x\r\nMessage-ID: <1@blue.example>\r\n\r\n.\r\nGr\u00fc\u00dfe \u{1f4ec}\r\n',
);
export const letter = (...recipients: string[]) => ({
  envelope: { reversePath: 'alice@blue.example', recipients },
  message,
  messageId: '<1@blue.example>',
});

export const refuse = (code: number, enhanced: string, text: string) => ({ ok: false, code, enhanced, text }) as const;

export interface Ground {
  readonly directory: string;
  readonly network: Loopback;
  /** A new one after a restart. */
  recorder: MemoryRecorder;
  readonly clock: WorldClock;
  /** Of the servers; all strike always. */
  readonly faults: Fault[];
  /** By domain; a domain without one does not exist. */
  readonly routes: Record<string, Route>;
  /** Opened over `directory`; closed at the end. */
  queueOf(extra?: Partial<QueueOptions>): Promise<Queue>;
  /** An exchanger that takes everything, but for what `setting` says; what it took, as it grows. */
  serve(
    host: string,
    setting?: Partial<Setting>,
    accept?: (delivery: Delivery) => Promise<{ ok: true }>,
  ): Promise<readonly Delivery[]>;
  /** Closed at the end, in the order in which they were opened. */
  readonly open: (Queue | Listener)[];
  close(): Promise<void>;
}

export function openGround(): Ground {
  const directory = mkdtempSync(join(tmpdir(), 'mailscope-queue-'));
  const network = openLoopback(ADDRESSES);
  const clock = createWorldClock({ now: () => new Date('2026-11-23T11:15:18Z') });
  const routes: Record<string, Route> = {
    'blue.example': mx('mail.blue.example'),
    'green.example': mx('mx1.green.example', 'mx2.green.example'),
    'red.example': mx('mx.red.example'),
  };
  const resolver: Resolver = {
    exchangers: async domain => routes[domain] ?? { kind: 'no-such-domain' },
    addresses: async (name): Promise<AddressAnswer> => {
      const address = ADDRESSES[name];
      return address
        ? { kind: 'addresses', addresses: [address] }
        : { kind: 'none', cause: { code: 'no-address-record', name } };
    },
  };
  const open: (Queue | Listener)[] = [];
  const ground: Ground = {
    directory,
    network,
    recorder: memoryRecorder(),
    clock,
    faults: [],
    routes,
    open,
    async queueOf(extra = {}) {
      const queue = await openQueue({
        directory,
        host: 'smtp.blue.example',
        helloName: 'smtp.blue.example',
        domain: () => 'blue.example',
        network,
        resolver,
        recorder: ground.recorder,
        clock,
        policy: () => DEFAULT_RETRY,
        style: () => 'lock-step',
        ...extra,
      });
      open.push(queue);
      return queue;
    },
    async serve(host, setting = {}, accept) {
      const deliveries: Delivery[] = [];
      const listener = await startSmtpServer({
        ...exchanger,
        recipient: () => ({ ok: true }),
        ...setting,
        host,
        network,
        port: 25,
        clock,
        faults: createFaultBook(
          () => ground.faults,
          () => undefined,
        ),
        accept: async delivery => {
          deliveries.push(delivery);
          return accept ? accept(delivery) : { ok: true };
        },
      });
      open.push(listener);
      return deliveries;
    },
    async close() {
      for (const one of open.splice(0)) await one.close();
      clock.close();
      await network.close();
      rmSync(directory, { recursive: true });
    },
  };
  return ground;
}
