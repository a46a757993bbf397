/** SMTP servers: for submission (587) and for a domain's exchangers (25), one conversation a connection. */
import type { HostId, Limits } from '../../../shared/world/world.ts';
import type { WorldClock } from '../../base/clock.ts';
import type { FaultBook } from '../../base/faults.ts';
import { createOctetBudget } from '../../base/octet-budget.ts';
import type { Listener, Network, Peer } from '../../network/contract.ts';
import { createCallerPlaces } from '../../network/places.ts';
import type { Verdict } from '../envelope.ts';
import { formatReply, reply } from '../reply.ts';
import { Conversation, type Delivery, ignoreLoss, lingerThenDestroy } from './conversation.ts';
import { createGreylist } from './greylist.ts';
import { createIntake, type Intake } from './intake.ts';
import { mishapsOf } from './mishaps.ts';
import type { Setting } from './state.ts';

export type { Delivery };

export interface SmtpServerOptions {
  readonly network: Network;
  readonly host: HostId;
  readonly port: number;
  readonly role: Setting['role'];
  readonly limits: () => Limits;
  readonly clock: WorldClock;
  readonly faults: FaultBook;
  /** The PTR name of a world address, for `Received:`. */
  readonly reverseName?: (address: string) => string | null;
  /** Gives the address this user may send as; absent or null: nobody. */
  readonly authenticate?: (user: string, password: string, peer: Peer) => string | null;
  /** `address` as given, domain in lower case. */
  readonly recipient: Setting['recipient'];
  /** Never asked about the null reverse-path. */
  readonly sender?: Setting['sender'];
  /** Whether mail for this address ends in a mailbox here, which may then be full; default: all that is accepted. */
  readonly holdsMailbox?: (address: string) => boolean;
  /** Must have made the message durable when it resolves with `ok` (RFC 5321 §6.1). Rejecting counts as 4yz: nothing is kept. */
  readonly accept: (delivery: Delivery) => Promise<Verdict & { readonly text?: string }>;
  /** Milliseconds of world time in silence before 421; RFC 5321 §4.5.3.2.7 wants at least five minutes. */
  readonly idleTimeout?: number;
  /** Of hosts of the world, and as many again of callers from outside; default 100. */
  readonly maxConnections?: number;
  /** What letters that are being received may hold in memory, with those of other servers; default: as much as they like. */
  readonly intake?: Intake;
  readonly maxErrors?: number;
}

const FIVE_MINUTES = 5 * 60_000;

/** Serves one host's port until closed. Rejects only where the network cannot listen. */
export async function startSmtpServer(options: SmtpServerOptions): Promise<Listener> {
  const conversations = new Set<Conversation>();
  const { maxConnections: most = 100, clock } = options;
  const places = createCallerPlaces({ clock, own: most, outside: most });
  const greylist = createGreylist();
  const intake = options.intake ?? createIntake(createOctetBudget(Number.POSITIVE_INFINITY));
  const settingFor = (peer: Peer): Setting => ({
    host: options.host,
    role: options.role,
    limits: options.limits,
    maxErrors: options.maxErrors ?? 20,
    authenticate: (user, password) => options.authenticate?.(user, password, peer) ?? null,
    recipient: options.recipient,
    sender: options.sender ?? (() => ({ ok: true })),
    mishaps: mishapsOf({ ...options, peer, greylist, holdsMailbox: options.holdsMailbox ?? (() => true) }),
  });
  const listener = await options.network.listen(options.host, options.port, (socket, peer) => {
    let conversation: Conversation | null = null;
    const place = places.enter({
      peer,
      dismiss: () => conversation?.dismiss(),
      cutOff: () => socket.resetAndDestroy(),
    });
    if (place === null) {
      socket.on('error', ignoreLoss);
      socket.end(formatReply(reply(421, null, `${options.host} too many connections, try again later`)));
      socket.resume();
      lingerThenDestroy(socket);
      return;
    }
    const begun = new Conversation(socket, peer, settingFor(peer), {
      clock,
      place,
      accept: options.accept,
      reverseName: options.reverseName ?? (() => null),
      idleTimeout: options.idleTimeout ?? FIVE_MINUTES,
      intake,
    });
    conversation = begun;
    conversations.add(begun);
    void begun.closed.then(() => {
      place.leave();
      conversations.delete(begun);
    });
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
