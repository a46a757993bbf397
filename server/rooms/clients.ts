/** The mail clients of everybody in the world, as it is edited. */

import { domainOf } from '../../shared/address.ts';
import { SERVICES } from '../../shared/protocols.ts';
import type { Domain, HostId, User, World } from '../../shared/world/world.ts';
import { domainNamed, hostOf, userAt } from '../../shared/world/world.ts';
import type { WorldClock } from '../base/clock.ts';
import type { FaultBook } from '../base/faults.ts';
import type { DataFolder } from '../disk/data-folder.ts';
import type { Report } from '../disk/put-aside.ts';
import { createMailClient, type MailClient } from '../mail-client/mail-client.ts';
import { openInbox } from '../mailbox/delivery.ts';
import type { Address, Network } from '../network/contract.ts';
import type { Recorder } from '../record/recorder.ts';
import { sendMail } from '../smtp/client/send.ts';

export interface MailClients {
  /** Null where the world of now has no such user. */
  at(address: string): MailClient | null;
  /** Makes those that the world of now wants and has not. */
  ensure(): Promise<void>;
  /** Tells whenever a client may have other unsent letters than before; returns how to stop. */
  onOutboxChange(listener: () => void): () => void;
}

export interface MailClientsOptions {
  readonly world: () => World;
  readonly folder: DataFolder;
  readonly network: Network;
  readonly recorder: Recorder;
  readonly clock: WorldClock;
  readonly faults: FaultBook;
  /** Told of every file in a client's folder that is put aside or left alone. */
  readonly onTrouble: Report;
}

/** The address of a host's service. Throws where the world has no such host: it was validated. */
export function addressOf(world: World, id: HostId, port: number): Address {
  const address = hostOf(world, id)?.addresses[0];
  if (address === undefined) throw new Error(`there is no host ${id} in this world`);
  return { address, port };
}

export function createMailClients({ world, folder, ...ground }: MailClientsOptions): MailClients {
  const outboxListeners = new Set<() => void>();
  const clients = new Map<string, { readonly host: HostId; readonly client: MailClient }>();

  const make = async (user: User): Promise<void> => {
    if (clients.get(user.address)?.host === user.client) return;
    const { address, client: host } = user;
    const home = (): Domain => {
      const domain = domainNamed(world(), domainOf(address));
      if (domain === undefined) throw new Error(`${address} has no domain in this world`);
      return domain;
    };
    const client = createMailClient({
      ...ground,
      user: () => userAt(world(), address) ?? user,
      style: () => hostOf(world(), host)?.sends ?? 'lock-step',
      submission: () => addressOf(world(), home().submission, SERVICES.submission.port),
      pop3: () => addressOf(world(), home().pop, SERVICES.pop3.port),
      inbox: await openInbox(folder.client(address), host),
      sendMail,
      onOutboxChange() {
        for (const listener of outboxListeners) listener();
      },
    });
    clients.set(address, { host, client });
  };

  return {
    at(address) {
      const user = userAt(world(), address);
      return user === undefined ? null : (clients.get(user.address)?.client ?? null);
    },
    async ensure() {
      for (const user of world().users) await make(user);
    },
    onOutboxChange(listener) {
      outboxListeners.add(listener);
      return () => {
        outboxListeners.delete(listener);
      };
    },
  };
}
