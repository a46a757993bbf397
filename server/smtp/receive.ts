/** SMTP servers: real sockets around the pure machine, for submission (587) and for a domain's exchangers (25). */
import type { Socket } from 'node:net';
import { assertNever, type HostId, type Limits } from '../../shared/world/world.ts';
import type { Listener, Network, Peer } from '../network/contract.ts';
import type { Envelope, Verdict } from './envelope.ts';
import { createFramer, type Frame } from './framing.ts';
import { withFieldsOnTop } from './header-fields.ts';
import { banner, farewell, step } from './machine.ts';
import { mendSubmission } from './originate.ts';
import { newQueueId } from './queue-id.ts';
import { formatReply, type Reply, reply } from './reply.ts';
import { type Effect, type Input, newSession, type Outcome, type Setting } from './session.ts';
import { messageIdOf, receivedField } from './trace-fields.ts';

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

export interface SmtpServerOptions {
  readonly network: Network;
  readonly host: HostId;
  readonly port: number;
  readonly role: Setting['role'];
  readonly limits: Limits;
  readonly now: () => Date;
  /** The PTR name of a world address, for `Received:`. */
  readonly reverseName?: (address: string) => string | null;
  /** Gives the address this user may send as; absent or null: nobody. */
  readonly authenticate?: (user: string, password: string, peer: Peer) => string | null;
  /** `address` as given, domain in lower case. */
  readonly recipient: Setting['recipient'];
  /** Never asked about the null reverse-path. */
  readonly sender?: Setting['sender'];
  /** Must have made the message durable when it resolves with `ok` (RFC 5321 §6.1). Rejecting counts as 4yz: nothing is kept. */
  readonly accept: (delivery: Delivery) => Promise<Verdict & { readonly text?: string }>;
  /** Milliseconds of silence before 421; RFC 5321 §4.5.3.2.7 wants at least five minutes. */
  readonly idleTimeout?: number;
  readonly maxConnections?: number;
  readonly maxErrors?: number;
}

const FIVE_MINUTES = 5 * 60_000;
/** How long a connection that we have ended may take to end at the other side. */
const LINGER = 2_000;

interface Conversation {
  /** 421 now, or after the message that is being put on disk. */
  shutDown(): void;
  readonly closed: Promise<void>;
}

/** Serves one host's port until closed. Rejects only where the network cannot listen. */
export async function startSmtpServer(options: SmtpServerOptions): Promise<Listener> {
  const conversations = new Set<Conversation>();
  const maxConnections = options.maxConnections ?? 100;
  const listener = await options.network.listen(options.host, options.port, (socket, peer) => {
    if (conversations.size >= maxConnections) {
      socket.on('error', ignoreLoss);
      socket.end(formatReply(reply(421, null, `${options.host} too many connections, try again later`)));
      socket.resume();
      lingerThenDestroy(socket);
      return;
    }
    const conversation = converse(socket, peer, options);
    conversations.add(conversation);
    void conversation.closed.then(() => conversations.delete(conversation));
  });
  return {
    async close() {
      const stopped = listener.close();
      const open = [...conversations];
      for (const conversation of open) conversation.shutDown();
      await Promise.all(open.map(({ closed }) => closed));
      await stopped;
    },
  };
}

/** A lost connection is a RSET and a QUIT (RFC 5321 §3.8); 'close' follows and does what there is to do. */
const ignoreLoss = (): void => undefined;

function lingerThenDestroy(socket: Socket): void {
  const timer = setTimeout(() => socket.destroy(), LINGER);
  socket.once('close', () => clearTimeout(timer));
}

function converse(socket: Socket, peer: Peer, options: SmtpServerOptions): Conversation {
  const setting: Setting = {
    host: options.host,
    role: options.role,
    limits: options.limits,
    maxErrors: options.maxErrors ?? 20,
    authenticate: (user, password) => options.authenticate?.(user, password, peer) ?? null,
    recipient: options.recipient,
    sender: options.sender ?? (() => ({ ok: true })),
  };
  const framer = createFramer();
  let session = newSession;
  let working = false;
  let inputEnded = false;
  let ending = false;
  let shuttingDown = false;
  let tellOver = (): void => undefined;
  const over = new Promise<void>(resolve => {
    tellOver = resolve;
  });
  const closed = new Promise<void>(resolve => {
    socket.once('close', () => {
      tellOver();
      resolve();
    });
  });

  const write = (replies: readonly Reply[]): void => {
    if (replies.length > 0 && socket.writable) socket.write(replies.map(formatReply).join(''));
  };

  const end = (...last: readonly Reply[]): void => {
    if (ending) return;
    ending = true;
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
      case 'skip':
        framer.skip(effect.octets);
        return;
      case 'close':
        end();
        return;
      case 'accept': {
        const id = newQueueId();
        await apply(step(setting, session, { kind: 'verdict', id, verdict: await hand(id, effect) }));
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

  const stamp = (message: Buffer, { recipients }: Envelope, id: string): Buffer => {
    const date = options.now();
    const protocol = session.greeting?.extended ? (session.user === null ? 'ESMTP' : 'ESMTPA') : 'SMTP';
    const received = receivedField({
      greeting: session.greeting?.name ?? 'unknown',
      reverseName: options.reverseName?.(peer.address) ?? null,
      address: peer.address,
      by: options.host,
      protocol,
      id,
      recipients,
      date,
    });
    const mended = options.role === 'submission' ? mendSubmission(message, { host: options.host, id, date }) : message;
    return withFieldsOnTop(mended, received);
  };

  const work = async (): Promise<void> => {
    if (working) return;
    working = true;
    while (!ending && !socket.destroyed) {
      if (shuttingDown) end(farewell(setting, '4.3.2', 'shutting down'));
      const frame = ending ? null : framer.next();
      if (!frame) break;
      await apply(step(setting, session, inputOf(frame)));
      if (socket.writableNeedDrain) await drained(socket);
    }
    working = false;
    if (inputEnded) end();
    else socket.resume();
  };

  socket.setNoDelay(true);
  socket.setTimeout(options.idleTimeout ?? FIVE_MINUTES);
  socket.on('timeout', () => {
    if (session.awaiting.kind !== 'verdict') end(farewell(setting, '4.4.2', 'idle for too long'));
  });
  socket.on('error', ignoreLoss);
  socket.on('data', (chunk: Buffer) => {
    if (ending) return;
    framer.push(chunk);
    if (working) socket.pause();
    else void work();
  });
  // The client may have closed its half; every reply it has asked for still goes out.
  socket.on('end', () => {
    inputEnded = true;
    void work();
  });
  write([banner(setting)]);

  return {
    closed,
    shutDown() {
      shuttingDown = true;
      void work();
    },
  };
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

/** A disk that is full or out of reach is the outside's fault: try again later. Anything else is ours and must be seen. */
function refusalFor(error: unknown): Verdict {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return { ok: false, code: 452, enhanced: '4.3.1', text: 'No room for this message now' };
  }
  if (typeof code !== 'string') {
    queueMicrotask(() => {
      throw error;
    });
  }
  return { ok: false, code: 451, enhanced: '4.3.0', text: 'The message could not be stored, try again later' };
}
