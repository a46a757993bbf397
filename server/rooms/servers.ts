/** The servers of one host, each with the rules it follows; what they may do is looked up in the world of the moment. */
import { SERVICES } from '../../shared/protocols.ts';
import type { Domain, HostId, World } from '../../shared/world/world.ts';
import type { WorldClock } from '../base/clock.ts';
import type { FaultBook } from '../base/faults.ts';
import type { OctetBudget } from '../base/octet-budget.ts';
import { startDnsServer } from '../dns/server.ts';
import type { Listener } from '../network/contract.ts';
import type { RoomNetwork } from '../network/network.ts';
import { startPop3Server } from '../pop3/server.ts';
import type { Queue } from '../queue/queue.ts';
import type { RoomRecorder } from '../record/recorder.ts';
import type { Envelope } from '../smtp/envelope.ts';
import type { Intake } from '../smtp/machine/intake.ts';
import { type SmtpServerOptions, startSmtpServer } from '../smtp/machine/receive.ts';
import { destinationOf } from './mail/destination.ts';
import { type Exchanger, takeIn } from './mail/exchange.ts';
import type { Mailboxes } from './mail/mailboxes.ts';
import { authenticate, mayDeliverTo, maySendAs, mayWriteTo, reverseNames } from './mail/rules.ts';

/** What every server of a room stands on. */
export interface Ground {
  readonly world: () => World;
  readonly network: RoomNetwork;
  readonly recorder: RoomRecorder;
  readonly clock: WorldClock;
  readonly faults: FaultBook;
  readonly mailboxes: Mailboxes;
  /** The queue of a host, or null while it has none. */
  readonly queueOf: (host: HostId) => Queue | null;
  /** True while the host has no power. */
  readonly isOff: (host: HostId) => boolean;
  /** Letters may go to real servers on this machine. */
  readonly beyond: boolean;
  readonly report: Exchanger['report'];
  /** Octets under way, and those of them that are letters being received. */
  readonly budget: OctetBudget;
  readonly intake: Intake;
}

const domainsWhere =
  ({ world }: Ground, holds: (domain: Domain) => boolean) =>
  (): readonly Domain[] =>
    world().domains.filter(holds);

const smtp = (
  ground: Ground,
  host: HostId,
): Pick<SmtpServerOptions, 'network' | 'host' | 'limits' | 'clock' | 'faults' | 'reverseName' | 'intake'> => ({
  network: ground.network,
  host,
  limits: () => ground.world().limits,
  clock: ground.clock,
  faults: ground.faults,
  intake: ground.intake,
  reverseName: address => reverseNames(ground.world())(address),
});

/** Answers for every zone of the world, on UDP and TCP. */
export const serveDns = ({ network, faults, clock, world }: Ground, host: HostId): Promise<Listener> =>
  startDnsServer({ network, host, faults, clock, zones: () => world().zones });

/** What `host` does with letters for the domains whose exchanger it is. */
export const exchangerAt = (ground: Ground, host: HostId): Exchanger => ({
  host,
  world: ground.world,
  domains: domainsWhere(ground, domain => domain.exchangers.includes(host)),
  mailboxes: ground.mailboxes,
  queue: () => ground.queueOf(host),
  recorder: ground.recorder,
  isOff: ground.isOff,
  report: ground.report,
});

/** Takes mail on port 25 for the domains whose exchanger `host` is. */
export function serveExchanger(ground: Ground, host: HostId): Promise<Listener> {
  const { world, mailboxes } = ground;
  const exchanger = exchangerAt(ground, host);
  return startSmtpServer({
    ...smtp(ground, host),
    port: SERVICES.smtp.port,
    role: 'exchanger',
    holdsMailbox: address => destinationOf(world(), exchanger.domains(), host, address).kind === 'mailbox',
    recipient: (address, { reversePath }) =>
      mayDeliverTo(
        { world: world(), domains: exchanger.domains(), host, octets: mailboxes.octets },
        address,
        reversePath,
      ),
    accept: ({ id, envelope, message, messageId, peer, over }) =>
      takeIn(exchanger, { id, envelope, message, messageId, connection: peer.connection, over }),
  });
}

/** Opens the mailboxes of its domains to their owners. */
export function servePop3(ground: Ground, host: HostId): Promise<Listener> {
  const { network, recorder, clock, faults, mailboxes, world, budget } = ground;
  const domains = domainsWhere(ground, domain => domain.pop === host);
  return startPop3Server({
    network,
    host,
    clock,
    faults,
    authenticate: (user, password, peer) => authenticate(world(), domains(), user, password, peer),
    maildrop: mailbox => mailboxes.maildrop(mailbox),
    recorder,
    budget,
  });
}

/** The envelope with each recipient as `known` has it, and what was asked for them likewise. */
function withKnown(envelope: Envelope, known: (address: string) => string): Envelope {
  const recipients = envelope.recipients.map(known);
  if (envelope.dsn === undefined) return { ...envelope, recipients };
  const dsn = Object.fromEntries(Object.entries(envelope.dsn).map(([address, wish]) => [known(address), wish]));
  return { ...envelope, recipients, dsn };
}

/** The submission server of `host`; what it takes is in its queue before its 250 (RFC 5321 §6.1). */
export function serveSubmission(ground: Ground, host: HostId): Promise<Listener> {
  const { world, beyond } = ground;
  const domains = domainsWhere(ground, domain => domain.submission === host);
  // RFC 5321 §4.5.1: the postmaster of this host is the one of the domain whose mail it sends.
  const known = (address: string): string =>
    address.toLowerCase() === `postmaster@${host}` ? `postmaster@${domains()[0]?.name ?? host}` : address;
  return startSmtpServer({
    ...smtp(ground, host),
    port: SERVICES.submission.port,
    role: 'submission',
    authenticate: (user, password, peer) => authenticate(world(), domains(), user, password, peer),
    recipient: address => mayWriteTo(world(), known(address), beyond),
    sender: (reversePath, { user }) => maySendAs(reversePath, user),
    async accept({ id, envelope, message, messageId, peer, over }) {
      const queue = ground.queueOf(host);
      if (queue === null) return { ok: false, code: 451, enhanced: '4.3.2', text: 'Not now: the queue is closed' };
      await queue.accept({
        id,
        envelope: withKnown(envelope, known),
        message,
        messageId,
        connection: peer.connection,
        over,
      });
      return { ok: true };
    },
  });
}
