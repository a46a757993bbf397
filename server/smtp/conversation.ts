/** One conversation of an SMTP server: a real socket around the pure machine. */
import type { Socket } from 'node:net';
import { assertNever } from '../../shared/world/world.ts';
import type { WorldClock } from '../clock.ts';
import type { Peer } from '../network/contract.ts';
import type { Awaited, Place } from '../network/places.ts';
import { withoutContent } from './chunking.ts';
import type { Envelope, Verdict } from './envelope.ts';
import { createFramer, type Frame } from './framing.ts';
import { withFieldsOnTop } from './header-fields.ts';
import type { Intake } from './intake.ts';
import { farewell, greet, step } from './machine.ts';
import { mendSubmission } from './originate.ts';
import { newQueueId } from './queue-id.ts';
import { refusalFor } from './refusal.ts';
import { formatReply, type Reply } from './reply.ts';
import { type Effect, type Input, newSession, type Outcome, type Session, type Setting } from './session.ts';
import { messageIdOf, type ReceivedFacts, receivedField } from './trace-fields.ts';

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
  readonly place: Place;
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

export interface Conversation {
  /** 421 now, or after the message that is being put on disk. */
  shutDown(): void;
  /** 421 now: somebody else needs the place more. */
  dismiss(): void;
  readonly closed: Promise<void>;
}

/** A lost connection is a RSET and a QUIT (RFC 5321 §3.8); 'close' follows and does what there is to do. */
export const ignoreLoss = (): void => undefined;

export function lingerThenDestroy(socket: Socket): void {
  const timer = setTimeout(() => socket.destroy(), LINGER);
  socket.once('close', () => clearTimeout(timer));
}

/** Talks with one client until either end has hung up. */
export function converse(socket: Socket, peer: Peer, setting: Setting, options: ConversationOptions): Conversation {
  const { clock, place } = options;
  const framer = createFramer();
  let session = newSession;
  let working = false;
  let inputEnded = false;
  let ending = false;
  let shuttingDown = false;
  /** Octets of the letter that waits for its verdict. */
  let handed = 0;
  /** What comes is not wanted any more: it is read slowly, so that others are served meanwhile. */
  let slowly = false;
  let rest: NodeJS.Timeout | null = null;
  const holding = options.intake.open(() => {
    if (framer.kept() > 0) slowly = true;
    framer.drop();
    session = withoutContent(session);
  });
  let sleep = (): void => undefined;
  let tellOver = (): void => undefined;
  const over = new Promise<void>(resolve => {
    tellOver = resolve;
  });
  const closed = new Promise<void>(resolve => {
    socket.once('close', () => {
      ending = true;
      if (handed === 0) holding.close();
      if (rest !== null) clearTimeout(rest);
      sleep();
      tellOver();
      resolve();
    });
  });

  /** Tells the budget what is held now. */
  const weigh = (): void => {
    if (handed > 0) holding.hold(handed, true);
    else if (socket.destroyed || ending) holding.close();
    else holding.hold(framer.kept() + (session.content?.size ?? 0), false);
  };

  /** From now on the client has its time anew; nobody is to blame for the time that our own disk takes. */
  const stirred = (): void => {
    sleep();
    if (ending) return;
    sleep = clock.after(place.patience(options.idleTimeout), 'an SMTP server gives up a silent client', () => {
      if (session.awaiting.kind === 'verdict') stirred();
      else end(farewell(setting, '4.4.2', 'idle for too long'));
    });
  };

  const write = (replies: readonly Reply[]): void => {
    if (replies.length === 0) return;
    stirred();
    if (socket.writable) socket.write(replies.map(formatReply).join(''));
  };

  const end = (...last: readonly Reply[]): void => {
    if (ending) return;
    ending = true;
    sleep();
    tellOver();
    write(last);
    socket.end();
    lingerThenDestroy(socket);
  };

  const perform = async (effect: Effect): Promise<void> => {
    switch (effect.kind) {
      case 'expect-message':
        framer.expectMessage(effect.limit);
        return;
      case 'expect-chunk':
        framer.expectChunk(effect.octets);
        return;
      case 'skip':
        framer.skip(effect.octets);
        return;
      case 'close':
        end();
        return;
      case 'accept': {
        const id = newQueueId();
        handed = effect.message.length;
        weigh();
        const verdict = await options.intake.store(handed, () => hand(id, effect));
        handed = 0;
        weigh();
        await apply(step(setting, session, { kind: 'verdict', id, verdict }));
        return;
      }
      default:
        assertNever(effect);
    }
  };

  const apply = async (outcome: Outcome): Promise<void> => {
    session = outcome.session;
    write(outcome.replies);
    for (const effect of outcome.effects) await perform(effect);
  };

  const hand = async (id: string, { envelope, message }: Extract<Effect, { kind: 'accept' }>) => {
    const stamped = stamp(message, envelope, id);
    const { user } = session;
    try {
      return await options.accept({
        envelope,
        message: stamped,
        messageId: messageIdOf(stamped),
        peer,
        id,
        user,
        over,
      });
    } catch (error) {
      return refusalFor(error);
    }
  };

  const stamp = (message: Buffer, envelope: Envelope, id: string): Buffer => {
    const date = clock.now();
    const received = receivedField({
      greeting: session.greeting?.name ?? 'unknown',
      reverseName: options.reverseName(peer.address),
      address: peer.address,
      by: setting.host,
      protocol: protocolOf(session, envelope),
      id,
      recipients: envelope.recipients,
      date,
    });
    const mended = setting.role === 'submission' ? mendSubmission(message, { host: setting.host, id, date }) : message;
    return withFieldsOnTop(mended, received);
  };

  const work = async (): Promise<void> => {
    if (working) return;
    working = true;
    while (!ending && !socket.destroyed) {
      if (shuttingDown) end(farewell(setting, '4.3.2', 'shutting down'));
      const frame = ending ? null : framer.next();
      if (!frame) break;
      place.expect('ours');
      slowly = false;
      await apply(step(setting, session, inputOf(frame)));
      place.expect(awaitedBy(session));
      stirred();
      if (socket.writableNeedDrain) await drained(socket);
    }
    working = false;
    weigh();
    if (inputEnded) end();
    else if (rest === null) socket.resume();
  };

  const takeARest = (): void => {
    socket.pause();
    rest ??= setTimeout(() => {
      rest = null;
      if (!working) socket.resume();
    }, REST);
  };

  socket.setNoDelay(true);
  socket.on('error', ignoreLoss);
  socket.on('data', (chunk: Buffer) => {
    if (ending) return;
    // A client that dribbles does not win time: what counts is a command that is whole, or enough of a letter.
    if (place.receive(chunk.length)) stirred();
    if (slowly) takeARest();
    framer.push(chunk);
    if (working) socket.pause();
    else void work();
  });
  // The client may have closed its half; every reply it has asked for still goes out.
  socket.on('end', () => {
    inputEnded = true;
    void work();
  });
  void apply(greet(setting));

  return {
    closed,
    shutDown() {
      shuttingDown = true;
      void work();
    },
    dismiss: () => end(farewell(setting, '4.3.2', 'makes room for others')),
  };
}

/** While a letter is being put on disk nobody waits for the client. */
function awaitedBy({ awaiting: { kind } }: Session): Awaited {
  if (kind === 'verdict') return 'ours';
  return kind === 'message' || kind === 'chunk' ? 'content' : 'command';
}

/** RFC 3848, RFC 6531 §4.3. */
function protocolOf({ greeting, user }: Session, { smtpUtf8 }: Envelope): ReceivedFacts['protocol'] {
  if (!greeting?.extended) return 'SMTP';
  if (smtpUtf8) return user === null ? 'UTF8SMTP' : 'UTF8SMTPA';
  return user === null ? 'ESMTP' : 'ESMTPA';
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
