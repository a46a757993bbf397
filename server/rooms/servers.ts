/** Starts the servers of a world, each with the rules it follows. */
import type { HostId, World } from '../../shared/world/world.ts';
import { WELL_KNOWN_PORT } from '../../shared/world/world.ts';
import { createWorldClock } from '../clock.ts';
import { startDnsServer } from '../dns/server.ts';
import { noFaults } from '../faults.ts';
import type { Listener } from '../network/contract.ts';
import type { RoomNetwork } from '../network/network.ts';
import { startPop3Server } from '../pop3/server.ts';
import type { Queue } from '../queue/queue.ts';
import type { RoomRecorder } from '../recorder.ts';
import { startSmtpServer } from '../smtp/receive.ts';
import type { Mailboxes } from './mailboxes.ts';
import { authenticate, mayDeliverTo, maySendAs, mayWriteTo, reverseNames } from './rules.ts';

/** DNS, the exchangers and POP3: everything that neither queues nor sends. */
export async function startServers(
  world: World,
  network: RoomNetwork,
  recorder: RoomRecorder,
  mailboxes: Mailboxes,
  now: () => Date,
): Promise<Listener[]> {
  const servers: Listener[] = [await startDnsServer({ network, host: world.dns, zones: () => world.zones })];
  for (const host of new Set(world.domains.flatMap(domain => domain.exchangers))) {
    const domains = world.domains.filter(domain => domain.exchangers.includes(host));
    servers.push(
      await startSmtpServer({
        network,
        host,
        port: WELL_KNOWN_PORT.smtp,
        role: 'exchanger',
        limits: world.limits,
        now,
        reverseName: reverseNames(world),
        recipient: address => mayDeliverTo(world, domains, host, address),
        accept: delivery => mailboxes.deliver(host, domains, delivery),
      }),
    );
  }
  for (const host of new Set(world.domains.map(domain => domain.pop))) {
    const domains = world.domains.filter(domain => domain.pop === host);
    servers.push(
      await startPop3Server({
        network,
        host,
        authenticate: (user, password, peer) => authenticate(world, domains, user, password, peer),
        maildrop: mailbox => mailboxes.maildrop(mailbox),
        recorder,
        clock: createWorldClock({ now }),
        faults: noFaults,
      }),
    );
  }
  return servers;
}

/** The submission server of `host`; what it takes is in the queue before its 250 (RFC 5321 §6.1). */
export function startSubmission(
  world: World,
  host: HostId,
  queue: Queue,
  network: RoomNetwork,
  now: () => Date,
): Promise<Listener> {
  const domains = world.domains.filter(domain => domain.submission === host);
  // RFC 5321 §4.5.1: the postmaster of this host is the one of the domain whose mail it sends.
  const known = (address: string): string =>
    address.toLowerCase() === `postmaster@${host}` ? `postmaster@${domains[0]?.name ?? host}` : address;
  return startSmtpServer({
    network,
    host,
    port: WELL_KNOWN_PORT.submission,
    role: 'submission',
    limits: world.limits,
    now,
    reverseName: reverseNames(world),
    authenticate: (user, password, peer) => authenticate(world, domains, user, password, peer),
    recipient: address => mayWriteTo(world, known(address)),
    sender: (reversePath, { user }) => maySendAs(reversePath, user),
    async accept({ id, envelope, message, messageId, peer, over }) {
      await queue.accept({
        id,
        envelope: { ...envelope, recipients: envelope.recipients.map(known) },
        message,
        messageId,
        connection: peer.connection,
        over,
      });
      return { ok: true };
    },
  });
}
