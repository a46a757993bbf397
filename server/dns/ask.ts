/** One question to one DNS server: UDP with a random ID from a random port, again when nothing comes, TCP when it did not fit. */

import { randomInt } from 'node:crypto';
import { type DnsMessage, decodeDns, dnsFrames } from '../../shared/decode/dns.ts';
import { sameName } from '../../shared/decode/dns-name.ts';
import { dnsTypeCode } from '../../shared/decode/dns-record.ts';
import type { Cause } from '../../shared/trace/cause.ts';
import type { HostId } from '../../shared/world/world.ts';
import type { WorldClock } from '../base/clock.ts';
import { type Address, type Network, NetworkError } from '../network/contract.ts';
import { encodeDns } from './encode.ts';
import { framed } from './server.ts';

export interface AskOptions {
  readonly network: Network;
  /** The host that asks. */
  readonly from: HostId;
  /** The server that is asked about this name, now. */
  readonly serverFor: (name: string) => Address;
  /** What the time-outs go by. */
  readonly clock: WorldClock;
  readonly attempts?: number;
  /** Milliseconds. */
  readonly timeout?: number;
  /** Ends questions under way; they become `no-answer`. */
  readonly signal?: AbortSignal;
}

/** `answer` may carry any RCODE. `cause` says why there is none. */
export type Reply =
  | { readonly kind: 'answer'; readonly message: DnsMessage }
  | { readonly kind: 'no-answer'; readonly cause: Cause };

const ATTEMPTS = 3;
const TIMEOUT_MS = 2000;
const LARGEST = 0xffff;

/** What one question is asked with. */
type Asking = Omit<AskOptions, 'serverFor'> & { readonly server: Address };

interface Asked {
  readonly id: number;
  readonly name: string;
  readonly type: string;
  readonly bytes: Buffer;
}

/** A question without EDNS: nothing in it that a reader must first be told to ignore. */
function question(name: string, type: string): Asked {
  const id = randomInt(0x10000);
  const header = { id, response: false, opcode: 0, authoritative: false, recursionDesired: true, rcode: 0 };
  const questions = [{ name, typeCode: dnsTypeCode(type) ?? 0, klassCode: 1 }];
  const sections = { questions, answers: [], authority: [], additional: [], additionalNeeded: false, edns: null };
  return { id, name, type, bytes: encodeDns(header, sections, LARGEST) };
}

/** Only the answer to this very question counts; everything else may be forged (RFC 5452 §9.1). FORMERR may come without it. */
function answerTo(asked: Asked, bytes: Uint8Array): DnsMessage | null {
  const message = decodeDns(bytes);
  if (!message?.response || message.opcode !== 0 || message.id !== asked.id) return null;
  const [one] = message.questions;
  if (!one) return message.rcode === 0 || message.rcode === 3 ? null : message;
  const same = one.type === asked.type && one.klass === 'IN' && sameName(one.name, asked.name);
  return same && message.questions.length === 1 ? message : null;
}

/** Resolves with what `start` gives to its callback, or with null after the time-out or abort. */
async function within<T>(
  options: Asking,
  { name, type }: Asked,
  start: (done: (value: T) => void) => void,
): Promise<T | null> {
  const { signal, clock, timeout = TIMEOUT_MS } = options;
  if (signal?.aborted) return null;
  return new Promise(resolve => {
    const finish = (value: T | null): void => {
      cancel();
      signal?.removeEventListener('abort', giveUp);
      resolve(value);
    };
    const giveUp = (): void => finish(null);
    const cancel = clock.after(timeout, `${options.from} waits for DNS to tell the ${type} of ${name}`, giveUp);
    signal?.addEventListener('abort', giveUp);
    start(finish);
  });
}

/** One datagram out of a fresh random port; null where no answer to it came in time. Rejects with NetworkError where none can come. */
async function overUdp(options: Asking, asked: Asked): Promise<DnsMessage | null> {
  const { network, from, server } = options;
  const socket = await network.datagrams(from);
  try {
    const heard = await within<DnsMessage | NetworkError>(options, asked, done => {
      socket.onFailure(done);
      socket.onMessage((bytes, sender) => {
        if (sender.address !== server.address || sender.port !== server.port) return;
        const message = answerTo(asked, bytes);
        if (message) done(message);
      });
      socket.send(asked.bytes, server);
    });
    if (heard instanceof NetworkError) throw heard;
    return heard;
  } finally {
    socket.close();
  }
}

/** The same question over TCP (RFC 7766 §5); null where no answer to it came in time. */
async function overTcp(options: Asking, asked: Asked): Promise<DnsMessage | null> {
  const { socket } = await options.network.dial(options.from, options.server);
  const message = await within<DnsMessage | null>(options, asked, done => {
    let received: Buffer = Buffer.alloc(0);
    // Whatever breaks the connection, `close` follows and means: no answer.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => done(null));
    socket.on('end', () => done(null));
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      const { frames, rest } = dnsFrames(received);
      for (const frame of frames) {
        const answer = answerTo(asked, received.subarray(frame.from, frame.to));
        if (answer) done(answer);
      }
      received = received.subarray(rest);
    });
    socket.write(framed(asked.bytes));
  });
  if (message === null) {
    socket.destroy();
    return null;
  }
  if (socket.destroyed) return message;
  socket.end();
  // A server that does not hang up is not waited for.
  const what = `${options.from} waits for DNS to hang up`;
  const cancel = options.clock.after(options.timeout ?? TIMEOUT_MS, what, () => socket.destroy());
  socket.on('close', cancel);
  return message;
}

/** Asks until an answer comes or the attempts are used up. Every attempt has an ID and a port of its own (RFC 5452 §9.2). */
export async function askServer(options: AskOptions, name: string, type: string): Promise<Reply> {
  const { attempts = ATTEMPTS, signal } = options;
  const server = options.serverFor(name);
  const asking: Asking = { ...options, server };
  try {
    for (let attempt = 1; attempt <= attempts && !signal?.aborted; attempt++) {
      const asked = question(name, type);
      const message = await overUdp(asking, asked);
      if (message && !message.truncated) return { kind: 'answer', message };
      if (message) {
        const whole = await overTcp(asking, asked);
        if (whole && !whole.truncated) return { kind: 'answer', message: whole };
      }
    }
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    return { kind: 'no-answer', cause: { code: 'dns-unreachable', address: server.address, because: error.cause } };
  }
  if (signal?.aborted) return { kind: 'no-answer', cause: { code: 'dns-question-given-up', name, type } };
  return { kind: 'no-answer', cause: { code: 'dns-silent', name, type, times: attempts } };
}
