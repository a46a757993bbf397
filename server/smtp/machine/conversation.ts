/** One conversation of an SMTP server: a real socket around the pure machine. */
import type { Socket } from 'node:net';
import { assertNever } from '../../../shared/world/world.ts';
import type { WorldClock } from '../../base/clock.ts';
import type { Peer } from '../../network/contract.ts';
import type { Awaited, CallerPlace } from '../../network/places.ts';
import type { Envelope, Verdict } from '../envelope.ts';
import { messageIdOf } from '../message/trace-fields.ts';
import { newQueueId } from '../queue-id.ts';
import { formatReply, type Reply } from '../reply.ts';
import { keptOctets, withoutContent } from './chunking.ts';
import { createFramer, type Frame } from './framing.ts';
import type { Holding, Intake } from './intake.ts';
import { farewell, greet, step } from './machine.ts';
import { refusalFor } from './refusal.ts';
import { stamped } from './stamp.ts';
import { type Effect, type Input, initialState, type Setting, type State, type Step } from './state.ts';

/** A message that a client has sent to the end and that waits for its one reply. */
export interface Delivery {
  readonly envelope: Envelope;
  /** With our `Received:` on top; on submission also mended (RFC 6409 §8). */
  readonly message: Buffer;
  /** With angle brackets, or ''. */
  readonly messageId: string;
  readonly peer: Peer;
  /** The same as in `Received:` and in the 250. */
  readonly id: string;
  readonly user: string | null;
  /** Settles when the client has said QUIT or is gone: nothing more will be said on this connection about anything. */
  readonly over: Promise<void>;
}

export interface ConversationOptions {
  readonly clock: WorldClock;
  /** Where it sits at its server. */
  readonly place: CallerPlace;
  /** As `SmtpServerOptions` has it. */
  readonly accept: (delivery: Delivery) => Promise<Verdict & { readonly text?: string }>;
  readonly reverseName: (address: string) => string | null;
  /** Milliseconds of world time. */
  readonly idleTimeout: number;
  readonly intake: Intake;
}

/** How long a connection that we have ended may take to end at the other side; no protocol knows of it, so no world time. */
const LINGER = 2_000;
/** Between two chunks of a letter that there was no room for; milliseconds of this machine, for the same reason. */
const REST = 100;

/** A lost connection is a RSET and a QUIT (RFC 5321 §3.8); 'close' follows and does what there is to do. */
export const ignoreLoss = (): void => undefined;

export function lingerThenDestroy(socket: Socket): void {
  const timer = setTimeout(() => socket.destroy(), LINGER);
  socket.once('close', () => clearTimeout(timer));
}

/** Talks with one client, from the greeting until either end has hung up. */
export class Conversation {
  /** Resolves when the socket is closed. */
  readonly closed: Promise<void>;
  private readonly socket: Socket;
  private readonly peer: Peer;
  private readonly setting: Setting;
  private readonly options: ConversationOptions;
  private readonly framer = createFramer();
  private readonly holding: Holding;
  private state: State = initialState;
  private working = false;
  private inputEnded = false;
  private ending = false;
  private shuttingDown = false;
  /** Octets of the letter that waits for its verdict. */
  private handed = 0;
  /** What comes is not wanted any more: it is read slowly, so that others are served meanwhile. */
  private slowly = false;
  private rest: NodeJS.Timeout | null = null;
  private cancelPatience = (): void => undefined;
  private readonly over: Promise<void>;
  private resolveOver = (): void => undefined;

  constructor(socket: Socket, peer: Peer, setting: Setting, options: ConversationOptions) {
    this.socket = socket;
    this.peer = peer;
    this.setting = setting;
    this.options = options;
    this.holding = options.intake.open(() => this.giveWay());
    this.over = new Promise(resolve => {
      this.resolveOver = resolve;
    });
    this.closed = new Promise(resolve => {
      socket.once('close', () => {
        this.onClose();
        resolve();
      });
    });
    socket.setNoDelay(true);
    socket.on('error', ignoreLoss);
    socket.on('data', (chunk: Buffer) => this.onData(chunk));
    // The client may have closed its half; every reply it has asked for still goes out.
    socket.on('end', () => {
      this.inputEnded = true;
      void this.work();
    });
    void this.apply(greet(setting));
  }

  /** 421 now, or after the message that is being put on disk. */
  shutDown(): void {
    this.shuttingDown = true;
    void this.work();
  }

  /** 421 now: somebody else needs the place more. */
  dismiss(): void {
    this.end(farewell(this.setting, '4.3.2', 'makes room for others'));
  }

  private onClose(): void {
    this.ending = true;
    if (this.handed === 0) this.holding.close();
    if (this.rest !== null) clearTimeout(this.rest);
    this.cancelPatience();
    this.resolveOver();
  }

  private onData(chunk: Buffer): void {
    if (this.ending) return;
    // A client that dribbles does not win time: what counts is a command that is whole, or enough of a letter.
    if (this.options.place.receive(chunk.length)) this.restartPatience();
    if (this.slowly) this.pauseReading();
    this.framer.push(chunk);
    if (this.working) this.socket.pause();
    else void this.work();
  }

  private giveWay(): void {
    if (this.framer.kept() > 0) this.slowly = true;
    this.framer.drop();
    this.state = withoutContent(this.state);
  }

  /** Tells the budget what is held now. */
  private updateHolding(): void {
    if (this.handed > 0) this.holding.hold(this.handed, true);
    else if (this.socket.destroyed || this.ending) this.holding.close();
    else this.holding.hold(this.framer.kept() + keptOctets(this.state), false);
  }

  /** From now on the client has its time anew; nobody is to blame for the time that our own disk takes. */
  private restartPatience(): void {
    this.cancelPatience();
    if (this.ending) return;
    const { clock, place, idleTimeout } = this.options;
    this.cancelPatience = clock.after(place.patience(idleTimeout), 'an SMTP server gives up a silent client', () => {
      if (this.state.phase === 'verdict') this.restartPatience();
      else this.end(farewell(this.setting, '4.4.2', 'idle for too long'));
    });
  }

  private write(replies: readonly Reply[]): void {
    if (replies.length === 0) return;
    this.restartPatience();
    if (this.socket.writable) this.socket.write(replies.map(formatReply).join(''));
  }

  private end(...last: readonly Reply[]): void {
    if (this.ending) return;
    this.ending = true;
    this.cancelPatience();
    this.resolveOver();
    this.write(last);
    this.socket.end();
    lingerThenDestroy(this.socket);
  }

  private async apply({ state, replies, effects }: Step): Promise<void> {
    this.state = state;
    this.write(replies);
    for (const effect of effects) await this.perform(effect);
  }

  private async perform(effect: Effect): Promise<void> {
    switch (effect.kind) {
      case 'expect-message':
        return this.framer.expectMessage(effect.limit);
      case 'expect-chunk':
        return this.framer.expectChunk(effect.octets);
      case 'skip':
        return this.framer.skip(effect.octets);
      case 'close':
        return this.end();
      case 'accept':
        return this.accept(effect);
      default:
        assertNever(effect);
    }
  }

  /** Has the letter stored, and says what became of it. */
  private async accept({ envelope, message }: Extract<Effect, { kind: 'accept' }>): Promise<void> {
    const { intake } = this.options;
    const id = newQueueId();
    this.handed = message.length;
    this.updateHolding();
    const verdict = await intake.store(this.handed, () => this.handOver(id, envelope, message));
    this.handed = 0;
    this.updateHolding();
    await this.apply(step(this.setting, this.state, { kind: 'verdict', id, verdict }));
  }

  private async handOver(id: string, envelope: Envelope, octets: Buffer) {
    const { peer, state, setting, over } = this;
    const { accept, clock } = this.options;
    const reverseName = this.options.reverseName(peer.address);
    const message = stamped(octets, { setting, state, envelope, peer, reverseName, id, date: clock.now() });
    try {
      return await accept({ envelope, message, messageId: messageIdOf(message), peer, id, user: state.user, over });
    } catch (error) {
      return refusalFor(error);
    }
  }

  /** Does what has come whole, one thing after the other. */
  private async work(): Promise<void> {
    if (this.working) return;
    const { place } = this.options;
    this.working = true;
    while (!this.ending && !this.socket.destroyed) {
      if (this.shuttingDown) this.end(farewell(this.setting, '4.3.2', 'shutting down'));
      const frame = this.ending ? null : this.framer.next();
      if (!frame) break;
      place.expect('ours');
      this.slowly = false;
      await this.apply(step(this.setting, this.state, inputOf(frame)));
      place.expect(awaitedIn(this.state));
      this.restartPatience();
      if (this.socket.writableNeedDrain) await drained(this.socket);
    }
    this.working = false;
    this.updateHolding();
    if (this.inputEnded) this.end();
    else if (this.rest === null) this.socket.resume();
  }

  private pauseReading(): void {
    this.socket.pause();
    this.rest ??= setTimeout(() => {
      this.rest = null;
      if (!this.working) this.socket.resume();
    }, REST);
  }
}

/** While a letter is being put on disk nobody waits for the client. */
function awaitedIn({ phase }: State): Awaited {
  if (phase === 'verdict') return 'ours';
  return phase === 'message' || phase === 'chunk' ? 'content' : 'command';
}

const inputOf = (frame: Frame): Input =>
  frame.kind === 'line' ? { kind: 'line', line: frame.line.toString('latin1') } : frame;

const drained = (socket: Socket): Promise<void> =>
  new Promise(resolve => {
    const done = (): void => {
      socket.off('drain', done);
      socket.off('close', done);
      resolve();
    };
    socket.once('drain', done);
    socket.once('close', done);
  });
