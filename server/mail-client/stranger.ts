/** Somebody from outside at a keyboard: speaks SMTP to a server line by line, says exactly what he is told, and waits for each answer. */

import type { Socket } from 'node:net';
import type { Cause } from '../../shared/trace/cause.ts';
import type { HostId } from '../../shared/world/world.ts';
import type { WorldClock } from '../base/clock.ts';
import { crlfForm } from '../base/crlf.ts';
import { type Address, type Dialled, type Network, NetworkError } from '../network/contract.ts';
import type { Recorder } from '../record/recorder.ts';
import { stuffed } from '../smtp/message/dot-stuffing.ts';
import { createReplyReader, formatReply, type Reply } from '../smtp/reply.ts';
import type { StrangerWords } from './stranger-call.ts';

/** One thing said and what came back. */
export interface Exchange {
  /** Without CRLF; '' before the greeting and for an answer to nothing that was said. A password and a message are only named. */
  readonly said: string;
  /** The whole reply, its lines joined by LF; null where none came. */
  readonly answered: string | null;
}

export interface StrangerOptions {
  readonly network: Network;
  /** Where the call comes from. */
  readonly from: HostId;
  readonly recorder: Recorder;
  readonly clock: WorldClock;
}

export interface Stranger {
  /**
   * The whole call, up to QUIT or the end of the line; empty where nobody took it. A refused login or recipient does not end it.
   * What the outside did is recorded (`client.failed`); rejects only for a mistake of ours.
   */
  call(server: Address, words: StrangerWords): Promise<readonly Exchange[]>;
}

/** RFC 5321 §4.5.3.2, milliseconds. */
const PATIENCE = 5 * 60_000;
const PATIENCE_AFTER_DATA = 10 * 60_000;
const BLOCK = 65_536;
const END = '\r\n.\r\n';
/** Replies to what a raw message turned out to hold besides a message. */
const MOST_EXTRA = 100;
/** How long a socket is kept for a server that does not hang up: this machine's concern, so by its clock. */
const LINGER = 5000;

export function createStranger({ network, from, recorder, clock }: StrangerOptions): Stranger {
  return {
    async call(server, words) {
      let dialled: Dialled;
      try {
        dialled = await network.dial(from, server);
      } catch (error) {
        if (!(error instanceof NetworkError)) throw error;
        const cause: Cause = { code: 'server-unreachable', address: server.address, because: error.cause };
        recorder.append({ kind: 'client.failed', host: from, cause });
        return [];
      }
      const { socket, connection } = dialled;
      const talk = new Talk(socket, clock, `${from} waits for an answer`);
      await converse(talk, { helo: from, ...words });
      if (talk.lost !== null) recorder.append({ kind: 'client.failed', host: from, connection, cause: talk.lost });
      await talk.end();
      return talk.exchanges;
    },
  };
}

const isYes = (reply: Reply | null): boolean => reply !== null && reply.code < 400;
/** 421: the server goes away, whatever it was asked (RFC 5321 §3.8). */
const isOver = (reply: Reply | null): boolean => reply === null || reply.code === 421;

async function converse(talk: Talk, words: StrangerWords & { readonly helo: string }): Promise<void> {
  const last = await transact(talk, words);
  if (isOver(last)) return;
  // A raw message may have held an end of its own, and commands after it: their answers come first.
  await talk.leave(words.raw ? MOST_EXTRA : 0);
}

/** Up to where there is nothing left but QUIT. Gives the last reply. */
async function transact(talk: Talk, words: StrangerWords & { readonly helo: string }): Promise<Reply | null> {
  const { helo, login, mailFrom, rcptTo, data, raw = false } = words;
  const greeting = await talk.hear('');
  if (!isYes(greeting)) return greeting;
  let reply = await talk.say(`EHLO ${helo}`);
  if (reply !== null && reply.code >= 500) reply = await talk.say(`HELO ${helo}`);
  if (!isYes(reply)) return reply;
  if (login) {
    const response = Buffer.from(`\0${login.user}\0${login.password}`, 'utf8').toString('base64');
    reply = await talk.say(`AUTH PLAIN ${response}`, 'AUTH PLAIN (a user and a password)');
    if (isOver(reply)) return reply;
  }
  reply = await talk.say(`MAIL FROM:<${mailFrom}>`);
  if (!isYes(reply)) return reply;
  let accepted = 0;
  for (const recipient of rcptTo) {
    reply = await talk.say(`RCPT TO:<${recipient}>`);
    if (isOver(reply)) return reply;
    if (isYes(reply)) accepted++;
  }
  if (accepted === 0 || data === undefined) return reply;
  reply = await talk.say('DATA');
  if (reply?.code !== 354) return reply;
  const octets = Buffer.from(data, 'utf8');
  return talk.hand(raw ? Buffer.concat([octets, endOf(octets)]) : stuffed(crlfForm(octets)), octets.length);
}

/** What is missing of CRLF.CRLF after these octets. */
const endOf = (octets: Buffer): Buffer =>
  Buffer.from(octets.subarray(-2).toString('latin1') === '\r\n' ? END.slice(2) : END, 'latin1');

class Talk {
  readonly exchanges: Exchange[] = [];
  /** Why the talk cannot go on. */
  lost: Cause | null = null;
  private readonly socket: Socket;
  private readonly clock: WorldClock;
  private readonly what: string;
  private readonly chunks: AsyncIterator<Buffer>;
  private readonly reader = createReplyReader();
  private readonly heard: Reply[] = [];

  constructor(socket: Socket, clock: WorldClock, what: string) {
    this.socket = socket;
    this.clock = clock;
    this.what = what;
    // The reading hears of an error by itself; without a listener Node would end the process before it did.
    socket.on('error', () => undefined);
    socket.setNoDelay(true);
    this.chunks = socket.iterator({ destroyOnReturn: false });
  }

  /** Says one line and waits; `shown` stands for it where it is not to be told. */
  say(line: string, shown = line): Promise<Reply | null> {
    this.socket.write(Buffer.from(`${line}\r\n`, 'utf8'));
    return this.hear(shown);
  }

  /** Says QUIT and waits for its 221, which so many other answers may come before. */
  async leave(others: number): Promise<void> {
    this.socket.write('QUIT\r\n', 'latin1');
    for (let left = others; left > 0; left--) {
      const reply = await this.next(PATIENCE);
      if (isOver(reply) || reply?.code === 221) return this.note('QUIT', reply);
      this.note('', reply);
    }
    await this.hear('QUIT');
  }

  /** Hands over a message, end included, of so many octets before that, and waits for its answer. */
  async hand(stream: Buffer, octets: number): Promise<Reply | null> {
    for (let at = 0; at < stream.length && !this.socket.destroyed; at += BLOCK) {
      if (!this.socket.write(stream.subarray(at, at + BLOCK))) await this.patiently(PATIENCE, this.drained());
    }
    return this.hear(`(a message of ${octets} octets, and the end of it)`, PATIENCE_AFTER_DATA);
  }

  /** The next reply, which answers `said`; null where none comes any more. */
  async hear(said: string, patience = PATIENCE): Promise<Reply | null> {
    const reply = await this.next(patience);
    this.note(said, reply);
    return reply;
  }

  /** Ends the connection in order; a server that keeps it open is not waited for. */
  async end(): Promise<void> {
    await this.chunks.return?.();
    this.socket.end();
    this.socket.resume();
    const linger = setTimeout(() => this.socket.destroy(), LINGER);
    this.socket.once('close', () => clearTimeout(linger));
    if (this.socket.closed) clearTimeout(linger);
  }

  private async next(patience: number): Promise<Reply | null> {
    while (this.heard.length === 0 && this.lost === null) await this.listen(patience);
    return this.heard.shift() ?? null;
  }

  private note(said: string, reply: Reply | null): void {
    this.exchanges.push({ said, answered: reply && formatReply(reply).trimEnd().replaceAll('\r\n', '\n') });
  }

  private async listen(patience: number): Promise<void> {
    let next: IteratorResult<Buffer>;
    try {
      next = await this.patiently(patience, this.chunks.next());
    } catch {
      // ECONNRESET and its like: the wire records how the connection ended.
      this.lost ??= { code: 'stranger-lost' };
      return;
    }
    if (next.done) {
      this.lost ??= { code: 'stranger-hung-up' };
      return;
    }
    for (const read of this.reader.push(next.value)) {
      if (read.kind === 'reply') this.heard.push(read.reply);
      else this.lost ??= { code: 'stranger-heard-no-smtp', because: read.cause };
    }
  }

  private async patiently<T>(patience: number, waiting: Promise<T>): Promise<T> {
    const calm = this.clock.after(patience, this.what, () => {
      this.lost ??= { code: 'stranger-silent' };
      this.socket.destroy();
    });
    try {
      return await waiting;
    } finally {
      calm();
    }
  }

  private drained(): Promise<void> {
    return new Promise(resolve => {
      const done = (): void => {
        this.socket.off('drain', done).off('close', done);
        resolve();
      };
      this.socket.on('drain', done).on('close', done);
    });
  }
}
