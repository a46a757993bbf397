/** The faults of a world as one conversation of one SMTP server meets them. */
import { domainOf } from '../../../shared/address.ts';
import type { HostId } from '../../../shared/world/world.ts';
import type { WorldClock } from '../../base/clock.ts';
import type { FaultBook } from '../../base/faults.ts';
import type { Peer } from '../../network/contract.ts';
import type { Greylist } from './greylist.ts';
import type { Mishaps, Setting } from './state.ts';

export interface MishapsOptions {
  readonly faults: FaultBook;
  readonly host: HostId;
  readonly port: number;
  readonly role: Setting['role'];
  readonly peer: Peer;
  readonly clock: WorldClock;
  /** One for all conversations of the server. */
  readonly greylist: Greylist;
  /** Whether mail for this address ends in a mailbox here; a backup exchanger holds none. */
  readonly holdsMailbox: (address: string) => boolean;
}

const isSender = (reversePath: string, sender: string): boolean => {
  const meant = sender.toLowerCase();
  return meant.includes('@') ? reversePath.toLowerCase() === meant : domainOf(reversePath) === meant;
};

/** Asks and strikes: what has struck is recorded before the reply that tells of it. */
export function mishapsOf(options: MishapsOptions): Mishaps {
  const { faults, host, port, role, peer, clock, greylist } = options;
  const where = { host, connection: peer.connection };
  return {
    answer: moment =>
      faults.strike(
        'answer',
        ({ at }) =>
          at.server === host &&
          at.port === port &&
          at.verb === moment &&
          (at.client === undefined || at.client === peer.host),
        where,
      ),
    lacks: keyword =>
      faults.strike('lacks-extension', fault => fault.host === host && fault.keyword === keyword, where) !== null,
    refusesSender: reversePath =>
      faults.strike('refuses-sender', fault => fault.host === host && isSender(reversePath, fault.sender), where) !==
      null,
    greylists(reversePath, recipient) {
      // Whoever logs in is known, and not kept waiting.
      if (role === 'submission') return null;
      const fault = faults.find('greylist', each => each.host === host);
      if (fault === null) return null;
      const wait = fault.seconds * 1000;
      const left = greylist.remaining(peer.address, reversePath, recipient, wait, clock.now().getTime());
      if (left === 0) return null;
      faults.strike('greylist', each => each.id === fault.id, where);
      return Math.ceil(left / 1000);
    },
    mailboxFull: recipient =>
      role === 'exchanger' &&
      options.holdsMailbox(recipient) &&
      faults.strike('mailbox-full', fault => fault.mailbox.toLowerCase() === recipient.toLowerCase(), where) !== null,
    diskFull: () => faults.strike('disk-full', fault => fault.host === host, where) !== null,
  };
}
