/** One attempt to bring a letter to all its recipients of one domain: find the hosts, try them in order, keep each answer (RFC 5321 §5.1). */

import { causeText } from '../../shared/explain/causes.ts';
import type { Cause } from '../../shared/trace/cause.ts';
import { assertNever, type Host, type HostId } from '../../shared/world/world.ts';
import type { WorldClock } from '../base/clock.ts';
import type { Resolver } from '../dns/resolver.ts';
import { type Dialled, type Network, NetworkError } from '../network/contract.ts';
import { type RecipientOutcome, type SmtpTimeouts, sendMail } from '../smtp/client/send.ts';
import type { Envelope } from '../smtp/envelope.ts';
import { replyText } from '../smtp/reply.ts';
import type { Fate } from './fate.ts';

/** The mailboxes of the host itself: what is for them never leaves it. */
export interface Home {
  /** Whether the host delivers mail for this domain itself. */
  takes(domain: string): boolean;
  /** Every recipient's fate; all are of such a domain. */
  take(letter: {
    readonly id: string;
    readonly envelope: Envelope;
    readonly message: Buffer;
    readonly messageId: string;
  }): Promise<readonly Fate[]>;
}

export interface Carrier {
  /** Who delivers: dials as this host, and is never its own next hop. */
  readonly host: HostId;
  readonly helloName: string;
  /** Its own world addresses, so that an exchanger that is itself under another name is known. */
  readonly addresses: readonly string[];
  readonly home: Home | null;
  readonly network: Network;
  readonly resolver: Resolver;
  readonly clock: WorldClock;
  readonly smtpPort: number;
  /** How it speaks; asked anew for each connection. */
  readonly style: () => NonNullable<Host['sends']>;
  readonly timeouts: Partial<SmtpTimeouts>;
}

export interface Errand {
  readonly domain: string;
  /** All its recipients are of `domain`. */
  readonly envelope: Envelope;
  readonly message: Buffer;
}

interface Stop {
  readonly exchange: string;
  readonly addresses: readonly string[];
}

type Plan =
  | { readonly kind: 'stops'; readonly stops: AsyncIterable<Stop | Failure> }
  | { readonly kind: 'failure'; readonly failure: Failure };

type Failure = Omit<Fate, 'recipient' | 'verdict'> & { readonly verdict: 'later' | 'never' };

const failure =
  (verdict: Failure['verdict']) =>
  (status: string, cause: Cause, exchange: string | null = null): Failure => ({
    verdict,
    status,
    cause,
    exchange,
    reply: null,
    relayedWithDsn: false,
  });
const later = failure('later');
const never = failure('never');

/** Rejects with the signal's reason once it is aborted; what the promise becomes afterwards is nobody's business. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    void promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** RFC 7505 §4.2: as if a server had answered so. */
function refusesMail(domain: string): Failure {
  const cause: Cause = { code: 'null-mx', domain };
  return { ...never('5.1.10', cause), reply: { code: 556, lines: [`5.1.10 ${causeText(cause)}`] } };
}

async function plan(carrier: Carrier, domain: string, signal: AbortSignal): Promise<Plan> {
  const failed = (failure: Failure): Plan => ({ kind: 'failure', failure });
  const route = await unlessAborted(carrier.resolver.exchangers(domain), signal);
  switch (route.kind) {
    case 'null-mx':
      return failed(refusesMail(domain));
    case 'no-such-domain':
      return failed(never('5.1.2', { code: 'no-such-domain', domain }));
    case 'no-service':
      return failed(never('5.4.4', { code: 'no-mail-host', domain, because: route.cause }));
    case 'unknown':
      return failed(later('4.4.3', { code: 'route-unknown', domain, because: route.cause }));
    case 'hosts': {
      // RFC 5321 §5.1: whoever is in the list drops itself and everybody who is not better placed.
      const own = route.hosts.find(({ exchange }) => exchange.toLowerCase() === carrier.host.toLowerCase());
      const better = own ? route.hosts.filter(({ preference }) => preference < own.preference) : route.hosts;
      if (better.length === 0) return failed(never('5.4.6', { code: 'mail-loop', name: domain }));
      return {
        kind: 'stops',
        stops: walk(
          carrier,
          better.map(({ exchange }) => exchange),
          signal,
        ),
      };
    }
    default:
      return assertNever(route);
  }
}

/** Each exchange with its addresses, asked for only when its turn comes. */
async function* walk(
  carrier: Carrier,
  exchanges: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<Stop | Failure> {
  for (const exchange of exchanges) {
    const answer = await unlessAborted(carrier.resolver.addresses(exchange), signal);
    switch (answer.kind) {
      case 'none':
        yield never('5.4.4', { code: 'exchange-without-address', exchange, because: answer.cause }, exchange);
        break;
      case 'unknown':
        yield later('4.4.3', { code: 'exchange-address-unknown', exchange, because: answer.cause }, exchange);
        break;
      case 'addresses':
        if (answer.addresses.some(address => carrier.addresses.includes(address))) {
          yield never('5.4.6', { code: 'mail-loop', name: exchange }, exchange);
          return;
        }
        yield { exchange, addresses: answer.addresses };
        break;
      default:
        assertNever(answer);
    }
  }
}

async function dial(carrier: Carrier, address: string, signal: AbortSignal): Promise<Dialled | NetworkError> {
  try {
    const dialled = await carrier.network.dial(carrier.host, { address, port: carrier.smtpPort });
    const hangUp = (): void => {
      dialled.socket.destroy();
    };
    if (signal.aborted) hangUp();
    signal.addEventListener('abort', hangUp, { once: true });
    dialled.socket.once('close', () => signal.removeEventListener('abort', hangUp));
    return dialled;
  } catch (error) {
    if (error instanceof NetworkError) return error;
    throw error;
  }
}

const fateAt = (exchange: string, outcome: RecipientOutcome): Fate => {
  const { recipient, verdict, status, cause: because, reply, relayedWithDsn } = outcome;
  const cause: Cause = reply
    ? { code: 'exchange-answered', exchange, reply: replyText(reply) }
    : { code: 'exchange-failed', exchange, because };
  return { recipient, verdict, status, cause, reply, exchange, relayedWithDsn };
};

/** So many recipients that the host wants the rest in another transaction (RFC 5321 §4.5.3.1.10). */
const isTooMany = ({ verdict, status }: RecipientOutcome): boolean => verdict === 'later' && status === '4.5.3';

/** Every recipient's fate, in any order. Rejects with the signal's reason when aborted. */
export async function deliver(carrier: Carrier, errand: Errand, signal: AbortSignal): Promise<readonly Fate[]> {
  const settled: Fate[] = [];
  // What the hosts said so far about those who have no answer of their own; a host that may recover keeps hope alive.
  const hopes = new Map<string, Failure>();
  let waiting = errand.envelope.recipients;

  const disappoint = (recipients: readonly string[], failure: Failure): void => {
    for (const recipient of recipients) {
      if (failure.verdict === 'later' || hopes.get(recipient)?.verdict !== 'later') hopes.set(recipient, failure);
    }
  };
  const finish = (): readonly Fate[] => [
    ...settled,
    ...waiting.map(recipient => ({
      ...(hopes.get(recipient) ?? never('5.4.4', { code: 'no-host-takes-it', domain: errand.domain })),
      recipient,
    })),
  ];

  const tryAddress = async (exchange: string, address: string): Promise<void> => {
    const dialled = await unlessAborted(dial(carrier, address, signal), signal);
    if (dialled instanceof NetworkError) {
      const cause: Cause = { code: 'exchange-unreachable', exchange, address, because: dialled.cause };
      disappoint(waiting, later('4.4.1', cause, exchange));
      return;
    }
    const outcome = await sendMail({
      socket: dialled.socket,
      helloName: carrier.helloName,
      envelope: { ...errand.envelope, recipients: waiting },
      message: errand.message,
      timeouts: carrier.timeouts,
      style: carrier.style(),
      clock: carrier.clock,
    });
    signal.throwIfAborted();
    const again = outcome.recipients.some(({ verdict }) => verdict === 'accepted')
      ? outcome.recipients.filter(isTooMany).map(({ recipient }) => recipient)
      : [];
    const unanswered: string[] = [];
    for (const one of outcome.recipients) {
      const fate = fateAt(exchange, one);
      if (again.includes(one.recipient)) continue;
      if (one.about === 'letter') settled.push(fate);
      else {
        unanswered.push(one.recipient);
        disappoint([one.recipient], { ...fate, verdict: one.verdict === 'never' ? 'never' : 'later' });
      }
    }
    if (again.length > 0) {
      waiting = again;
      await tryAddress(exchange, address);
      waiting = [...waiting, ...unanswered];
    } else waiting = unanswered;
  };

  const planned = await plan(carrier, errand.domain, signal);
  if (planned.kind === 'failure') {
    disappoint(waiting, planned.failure);
    return finish();
  }
  for await (const stop of planned.stops) {
    if ('verdict' in stop) {
      disappoint(waiting, stop);
      continue;
    }
    for (const address of stop.addresses) {
      await tryAddress(stop.exchange, address);
      if (waiting.length === 0) return finish();
    }
  }
  return finish();
}
