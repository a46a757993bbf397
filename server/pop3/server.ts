/** Serves maildrops over POP3: gives the machine its lines one by one, does what it asks for, and writes its replies. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { LINE_VERBS, type LineVerb } from '../../shared/world/fault.ts';
import { assertNever, type HostId, WELL_KNOWN_PORT } from '../../shared/world/world.ts';
import type { WorldClock } from '../clock.ts';
import type { FaultBook } from '../faults.ts';
import { isMailboxError } from '../mailbox/maildir.ts';
import type { Maildrop, Snapshot } from '../mailbox/maildrop.ts';
import { eachInTurns } from '../mailbox/turns.ts';
import type { Listener, Network, Peer } from '../network/contract.ts';
import type { Recorder } from '../recorder.ts';
import { LineFramer } from './lines.ts';
import { type Effect, type Input, initialState, type LoginOutcome, type State, step, verbOf } from './machine.ts';
import { encodeMessage, encodeReply, err, ok, replyBlocks, topOf } from './replies.ts';

export interface Pop3ServerOptions {
  readonly network: Network;
  readonly host: HostId;
  /** 110 unless told otherwise. */
  readonly port?: number;
  /** The mailbox address that these credentials open, or null. */
  readonly authenticate: (user: string, password: string, peer: Peer) => string | null;
  /** The one Maildrop of a mailbox: its lock is in it. */
  readonly maildrop: (mailbox: string) => Maildrop;
  readonly recorder: Recorder;
  /** What its patience goes by. */
  readonly clock: WorldClock;
  /** `answer` on its port strikes here. */
  readonly faults: FaultBook;
  /** Milliseconds without an octet either way; 10 minutes is the least RFC 1939 §3 allows. */
  readonly idleTimeout?: number;
}

const IDLE_TIMEOUT = 10 * 60 * 1000;
/** RFC 2449 §4 has 255; an AUTH response may be longer (RFC 5034 §4). */
const LINE_LIMIT = 2048;
/** Octets handed over at a time, so that a peer who reads slowly but reads is not taken for one who is gone. */
const BLOCK = 65_536;
/** How long a socket is kept for a client that does not hang up after the last reply: this machine's concern, so by its clock. */
const LINGER = 5000;
const VERBS: readonly string[] = LINE_VERBS.pop3;
const mayBeStruck = (verb: string | null): verb is LineVerb => verb !== null && VERBS.includes(verb);

/** Listens on `host`; closing it breaks off the sessions that are open, which removes nothing. */
export async function startPop3Server(options: Pop3ServerOptions): Promise<Listener> {
  const sessions = new Map<Socket, Promise<void>>();
  const listener = await options.network.listen(
    options.host,
    options.port ?? WELL_KNOWN_PORT.pop3,
    (socket: Socket, peer: Peer) => {
      const session = serve(socket, peer, options).finally(() => sessions.delete(socket));
      sessions.set(socket, session);
    },
  );
  return {
    async close() {
      const closed = listener.close();
      const open = [...sessions];
      for (const [socket] of open) socket.destroy();
      await Promise.all([closed, ...open.map(([, session]) => session)]);
    },
  };
}

/** A connection from greeting to end. Rejects only for a mistake of ours; whatever happens, the lock is given back. */
async function serve(socket: Socket, peer: Peer, options: Pop3ServerOptions): Promise<void> {
  const closed = new Promise<void>(resolve => socket.once('close', () => resolve()));
  const session = new Pop3Session(socket, peer, options);
  // The session learns of an error by itself; without a listener Node would end the process before it did.
  socket.on('error', () => session.lost());
  socket.on('close', () => session.lost());
  // Each reply is on its way at once: it is a step that somebody may be watching, and Nagle's delay is 40 ms.
  socket.setNoDelay(true);
  try {
    await session.run();
  } finally {
    session.release();
    socket.end();
    // Whatever the client still says is read and thrown away: closing over unread octets is a reset, which may eat the last reply.
    socket.resume();
    const linger = setTimeout(() => socket.destroy(), LINGER);
    if (!socket.closed) await closed;
    clearTimeout(linger);
  }
}

class Pop3Session {
  private readonly socket: Socket;
  private readonly peer: Peer;
  private readonly options: Pop3ServerOptions;
  private readonly gone = new AbortController();
  private state: State = initialState;
  private locked: { readonly mailbox: string; readonly snapshot: Snapshot } | null = null;

  constructor(socket: Socket, peer: Peer, options: Pop3ServerOptions) {
    this.socket = socket;
    this.peer = peer;
    this.options = options;
  }

  lost(): void {
    this.gone.abort();
  }

  async run(): Promise<void> {
    const refusal = this.struck('GREETING');
    if (refusal !== undefined) {
      await this.write(encodeReply(err(refusal)));
      return;
    }
    const framer = new LineFramer(LINE_LIMIT);
    await this.write(encodeReply(ok(`${this.options.host} POP3 mailscope ready`)));
    const chunks: AsyncIterator<Buffer> = this.socket.iterator({ destroyOnReturn: false });
    try {
      for (let chunk = await this.next(chunks); chunk !== null; chunk = await this.next(chunks)) {
        for (const input of framer.push(chunk)) {
          // A peer that is gone has not said QUIT, whatever is still in the buffer (RFC 1939 §6).
          if (this.gone.signal.aborted) return;
          await this.take(this.doubted(input));
          if (this.state.phase === 'closed') return;
        }
      }
    } finally {
      await chunks.return?.();
    }
  }

  /** Null at the end, however it came: a FIN and a broken connection both mean that no command follows. */
  private async next(chunks: AsyncIterator<Buffer>): Promise<Buffer | null> {
    try {
      const { done, value } = await this.patiently(chunks.next());
      return done ? null : value;
    } catch {
      // ECONNRESET and its like: the wire records how the connection ended, the session just ends.
      this.lost();
      return null;
    }
  }

  /** RFC 1939 §3: when the time is over the server closes without entering UPDATE and without a word. */
  private async patiently<T>(waiting: Promise<T>): Promise<T> {
    const { clock, host, idleTimeout = IDLE_TIMEOUT } = this.options;
    const calm = clock.after(idleTimeout, `${host} waits for its POP3 client`, () => this.socket.destroy());
    try {
      return await waiting;
    } finally {
      calm();
    }
  }

  /** The text that a fault has this verb answered with. */
  private struck(verb: LineVerb): string | undefined {
    const { faults, host, port = WELL_KNOWN_PORT.pop3 } = this.options;
    const { connection, host: client } = this.peer;
    const fault = faults.strike(
      'answer',
      ({ at }) =>
        at.server === host && at.port === port && at.verb === verb && (at.client === undefined || at.client === client),
      { host, connection },
    );
    return fault?.text;
  }

  /** A command, and what it is answered instead of being done. */
  private doubted(input: Input): Input {
    if (input.kind !== 'line') return input;
    const verb = verbOf(this.state, input.line);
    const refusal = mayBeStruck(verb) ? this.struck(verb) : undefined;
    return refusal === undefined ? input : { ...input, refusal };
  }

  private async take(input: Input): Promise<void> {
    let next: Input | null = input;
    while (next !== null) {
      const { state, reply, effect } = step(this.state, next);
      this.state = state;
      if (reply) for (const block of replyBlocks(reply)) await this.write(block);
      next = effect ? await this.perform(effect) : null;
    }
  }

  /** Does it, and says how it went where the machine waits for that. */
  private async perform(effect: Effect): Promise<Input | null> {
    switch (effect.kind) {
      case 'login':
        return { kind: 'login', outcome: await this.login(effect.user, effect.password) };
      case 'retrieve':
        await this.write(await this.message(effect));
        return null;
      case 'update':
        return { kind: 'updated', failed: await this.update(effect.deleted) };
      case 'close':
        return null;
      default:
        return assertNever(effect);
    }
  }

  private async login(user: string, password: string): Promise<LoginOutcome> {
    const { authenticate, maildrop, recorder, host } = this.options;
    const mailbox = authenticate(user, password, this.peer);
    if (mailbox === null) return { kind: 'denied' };
    const { connection } = this.peer;
    let outcome: Awaited<ReturnType<Maildrop['lock']>>;
    try {
      outcome = await maildrop(mailbox).lock(connection);
    } catch (error) {
      if (!isMailboxError(error)) throw error;
      // A Maildir that cannot be read is the outside's fault: the peer hears of it (RFC 3206 §4).
      return { kind: 'unavailable' };
    }
    if (outcome.kind === 'in-use') return { kind: 'in-use' };
    const { messages } = outcome.snapshot;
    this.locked = { mailbox, snapshot: outcome.snapshot };
    recorder.append({ kind: 'mailbox.locked', host, mailbox, messages: messages.length, connection });
    return { kind: 'opened', mailbox, messages };
  }

  private async message(asked: Extract<Effect, { kind: 'retrieve' }>): Promise<Buffer> {
    try {
      const message = await this.held().snapshot.read(asked.number);
      return asked.lines === null
        ? encodeMessage(`${asked.size} octets`, message)
        : encodeMessage('top of message follows', topOf(message, asked.lines));
    } catch (error) {
      if (!isMailboxError(error)) throw error;
      return encodeReply(err('[SYS/TEMP] that message cannot be read now'));
    }
  }

  /** RFC 1939 §6: removes, gives the lock back, and only then answers, so that whoever comes next is not turned away. */
  private async update(deleted: readonly number[]): Promise<number> {
    const { mailbox, snapshot } = this.held();
    const { host, recorder } = this.options;
    const { removed, failed } = await snapshot.update(deleted);
    await eachInTurns(removed, file => {
      recorder.append({ kind: 'mailbox.removed', host, mailbox, file, connection: this.peer.connection });
    });
    this.release();
    return failed.length;
  }

  private held(): { readonly mailbox: string; readonly snapshot: Snapshot } {
    if (this.locked === null) throw new Error('a POP3 session in TRANSACTION holds a maildrop');
    return this.locked;
  }

  release(): void {
    if (!this.locked?.snapshot.release()) return;
    const { mailbox } = this.locked;
    const { host, recorder } = this.options;
    recorder.append({ kind: 'mailbox.unlocked', host, mailbox, connection: this.peer.connection });
  }

  /** One write a reply, or one a block of a letter; waits while the peer does not read, but not for a peer that is gone. */
  private async write(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length && !this.gone.signal.aborted; at += BLOCK) {
      if (this.socket.write(bytes.subarray(at, at + BLOCK))) continue;
      try {
        await this.patiently(once(this.socket, 'drain', { signal: this.gone.signal }));
      } catch {
        // Aborted or broken off: the loop sees the same signal and ends.
        this.lost();
      }
    }
  }
}
