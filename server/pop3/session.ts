/** One POP3 session: gives the machine its lines one by one, does what it asks for, and writes its replies. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { LineVerb } from '../../shared/faults/fields.ts';
import { PROTOCOLS, SERVICES } from '../../shared/protocols.ts';
import { assertNever, type HostId } from '../../shared/world/world.ts';
import type { WorldClock } from '../base/clock.ts';
import type { FaultBook } from '../base/faults.ts';
import type { OctetBudget } from '../base/octet-budget.ts';
import { isMailboxError } from '../mailbox/maildir.ts';
import type { Maildrop, Snapshot } from '../mailbox/maildrop.ts';
import { eachInTurns } from '../mailbox/turns.ts';
import type { Network, Peer } from '../network/contract.ts';
import type { CallerPlace } from '../network/places.ts';
import type { Recorder } from '../record/recorder.ts';
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
  /** What letters on their way to clients may hold in memory; default: as much as they like. */
  readonly budget?: OctetBudget;
  /** Milliseconds without an octet either way; 10 minutes is the least RFC 1939 §3 allows. */
  readonly idleTimeout?: number;
  /** Of hosts of the world, and as many again of callers from outside; default 200. */
  readonly maxConnections?: number;
}

const IDLE_TIMEOUT = 10 * 60 * 1000;
/** RFC 2449 §4 has 255; an AUTH response may be longer (RFC 5034 §4). */
const LINE_LIMIT = 2048;
/** Octets handed over at a time, so that a peer who reads slowly but reads is not taken for one who is gone. */
const BLOCK = 65_536;
/** How long a socket is kept for a client that does not hang up after the last reply: this machine's concern, so by its clock. */
export const LINGER = 5000;
const VERBS: readonly string[] = PROTOCOLS.pop3.moments;
const mayBeStruck = (verb: string | null): verb is LineVerb => verb !== null && VERBS.includes(verb);

export class Pop3Session {
  private readonly socket: Socket;
  private readonly peer: Peer;
  private readonly options: Pop3ServerOptions;
  private readonly gone = new AbortController();
  private state: State = initialState;
  /** Null: all places are taken, which is all that is said. */
  private readonly place: CallerPlace | null;
  private calm: (() => void) | null = null;
  private writing = false;
  private locked: { readonly mailbox: string; readonly snapshot: Snapshot } | null = null;

  constructor(socket: Socket, peer: Peer, options: Pop3ServerOptions, place: CallerPlace | null) {
    this.place = place;
    this.socket = socket;
    this.peer = peer;
    this.options = options;
  }

  lost(): void {
    this.gone.abort();
  }

  /** Somebody else needs the place more: no UPDATE, the lock is free at once, and what is still said is not done. */
  dismiss(): void {
    if (this.gone.signal.aborted) return;
    this.lost();
    this.release();
    // In the middle of a letter it would be taken for part of it.
    if (this.writing) this.socket.destroy();
    else this.socket.end(encodeReply(err('[SYS/TEMP] idle for the longest, this session makes room for others')));
    const linger = setTimeout(() => this.socket.destroy(), LINGER);
    this.socket.once('close', () => clearTimeout(linger));
  }

  /** Nobody waits for the client any more. */
  rest(): void {
    this.calm?.();
    this.calm = null;
  }

  async run(): Promise<void> {
    if (this.place === null) {
      await this.write(encodeReply(err('[SYS/TEMP] too many connections, try again later')));
      return;
    }
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
          this.rest();
          this.place.expect('ours');
          await this.advance(this.doubted(input));
          this.place.expect('command');
          if (this.state.phase === 'closed') return;
        }
      }
    } finally {
      await chunks.return?.();
    }
  }

  /** Null at the end, however it came: a FIN and a broken connection both mean that no command follows. */
  private async next(chunks: AsyncIterator<Buffer>): Promise<Buffer | null> {
    // Begun anew by a whole command alone: a client that dribbles wins no time.
    this.calm ??= this.runOut();
    try {
      const { done, value } = await chunks.next();
      return done ? null : value;
    } catch {
      // ECONNRESET and its like: the wire records how the connection ended, the session just ends.
      this.lost();
      return null;
    }
  }

  /** RFC 1939 §3: when the time is over the server closes without entering UPDATE and without a word. */
  private runOut(): () => void {
    const { clock, host, idleTimeout = IDLE_TIMEOUT } = this.options;
    const patience = this.place?.patience(idleTimeout) ?? idleTimeout;
    return clock.after(patience, `${host} waits for its POP3 client`, () => this.socket.destroy());
  }

  private async patiently<T>(waiting: Promise<T>): Promise<T> {
    const calm = this.runOut();
    try {
      return await waiting;
    } finally {
      calm();
    }
  }

  /** The text that a fault has this verb answered with. */
  private struck(verb: LineVerb): string | undefined {
    const { faults, host, port = SERVICES.pop3.port } = this.options;
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

  private async advance(input: Input): Promise<void> {
    const { state, replies, effects } = step(this.state, input);
    this.state = state;
    for (const reply of replies) for (const block of replyBlocks(reply)) await this.write(block);
    for (const effect of effects) {
      const outcome = await this.perform(effect);
      if (outcome !== null) await this.advance(outcome);
    }
  }

  /** Does it, and says how it went where the machine waits for that. */
  private async perform(effect: Effect): Promise<Input | null> {
    switch (effect.kind) {
      case 'login':
        return { kind: 'login', outcome: await this.login(effect.user, effect.password) };
      case 'retrieve':
        await this.retrieve(effect);
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

  /** The letter counts as under way until the client has read it. */
  private async retrieve(asked: Extract<Effect, { kind: 'retrieve' }>): Promise<void> {
    const { budget } = this.options;
    if (budget && !budget.reserve(asked.size)) {
      await this.write(encodeReply(err('[SYS/TEMP] too much mail is under way here, try again later')));
      return;
    }
    try {
      await this.write(await this.message(asked));
    } finally {
      budget?.release(asked.size);
    }
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
      // It has its answer and does not read it: idle once the grace of a letter is over.
      this.place?.expect('content');
      this.writing = true;
      try {
        await this.patiently(once(this.socket, 'drain', { signal: this.gone.signal }));
      } catch {
        // Aborted or broken off: the loop sees the same signal and ends.
        this.lost();
      } finally {
        this.writing = false;
      }
    }
  }
}
