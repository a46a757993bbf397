/** Ten thousand deferred letters: how long a queue takes to come back with them after a restart, and what they weigh. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createWorldClock } from '../server/base/clock.ts';
import { NetworkError } from '../server/network/contract.ts';
import { openQueue, type Queue } from '../server/queue/queue.ts';
import { wireTime } from '../shared/trace/event.ts';
import { DEFAULT_RETRY } from '../shared/world/world.ts';

const LETTERS = 10_000;
const BODY = 20_000;

interface QueueFigures {
  readonly letters: number;
  /** Octets of each message. */
  readonly octets: number;
  /** Seconds until all are back in the queue, each with its appointment. */
  readonly recovery: number;
  /** Octets of memory that they hold then. */
  readonly memory: number;
  /** Seconds until each was tried once more and deferred again, all of them due at once after a jump. */
  readonly round: number;
}

async function queueIn(directory: string): Promise<{ queue: Queue; jump: (milliseconds: number) => void }> {
  const clock = createWorldClock();
  const unused = (): never => {
    throw new Error('nothing but dialling here');
  };
  const queue = await openQueue({
    directory,
    host: 'smtp.blue.example',
    helloName: 'smtp.blue.example',
    domain: () => 'blue.example',
    network: {
      listen: unused,
      listenDatagrams: unused,
      datagrams: unused,
      dial: () =>
        Promise.reject(new NetworkError('ECONNREFUSED', { code: 'nothing-listens', address: '192.0.2.1', port: 25 })),
    },
    resolver: {
      exchangers: async () => ({
        kind: 'hosts',
        implicit: false,
        hosts: [{ preference: 10, exchange: 'mx1.green.example' }],
      }),
      addresses: async () => ({ kind: 'addresses', addresses: ['198.51.100.25'] }),
    },
    recorder: { append: fact => ({ ...fact, seq: 1, at: wireTime(0) }), now: () => wireTime(0) },
    clock,
    policy: () => DEFAULT_RETRY,
    style: () => 'lock-step',
  });
  return { queue, jump: clock.jump };
}

/** Octets in use once the rubbish is out, outside the JavaScript heap included. */
function memoryNow(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc()');
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Fills a queue whose hosts do not answer, opens it again, and lets all of it come due at once. */
export async function benchQueue(): Promise<QueueFigures> {
  const directory = await mkdtemp(path.join(tmpdir(), 'mailscope-bench-queue-'));
  const message = Buffer.alloc(BODY, 'Subject: Late\r\n\r\n0123456789\r\n');
  const first = await queueIn(directory);
  for (let begun = 0; begun < LETTERS; begun += 100) {
    await Promise.all(
      Array.from({ length: 100 }, (_, nth) =>
        first.queue.accept({
          envelope: { reversePath: 'alice@blue.example', recipients: [`user-${begun + nth}@green.example`] },
          message,
          messageId: `<${begun + nth}@blue.example>`,
        }),
      ),
    );
  }
  await first.queue.idle();
  await first.queue.close();
  const before = memoryNow();
  const opening = performance.now();
  const { queue, jump } = await queueIn(directory);
  const recovery = (performance.now() - opening) / 1000;
  const memory = memoryNow() - before;
  if (queue.entries().length !== LETTERS) throw new Error('letters are missing');
  const trying = performance.now();
  jump(DEFAULT_RETRY.after[0] * 1000);
  await queue.idle();
  const round = (performance.now() - trying) / 1000;
  await queue.close();
  await rm(directory, { recursive: true });
  return { letters: LETTERS, octets: BODY, recovery, memory, round };
}
