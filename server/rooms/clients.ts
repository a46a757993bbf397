/** The mail clients of everybody in the world, made anew where an edit has moved their servers. */
import type { HostId, User, World } from '../../shared/world/world.ts';
import { domainNamed, domainOf, hostOf, userAt, WELL_KNOWN_PORT } from '../../shared/world/world.ts';
import type { WorldClock } from '../clock.ts';
import type { FaultBook } from '../faults.ts';
import { createMailClient, type MailClient } from '../mail-client/mail-client.ts';
import { openMaildir } from '../mailbox/maildir.ts';
import type { Address, Network } from '../network/contract.ts';
import type { Recorder } from '../recorder.ts';
import { sendMail } from '../smtp/send.ts';
import type { DataFolder } from './data-folder.ts';

export interface MailClients {
  /** Null where the world of now has no such user. */
  at(address: string): MailClient | null;
  /** Makes those that the world of now wants and has not. */
  ensure(): Promise<void>;
}

export interface MailClientsOptions {
  readonly world: () => World;
  readonly folder: DataFolder;
  readonly network: Network;
  readonly recorder: Recorder;
  readonly clock: WorldClock;
  readonly faults: FaultBook;
}

/** The address of a host's service. Throws where the world has no such host: it was validated. */
export function addressOf(world: World, id: HostId, port: number): Address {
  const address = hostOf(world, id)?.addresses[0];
  if (address === undefined) throw new Error(`there is no host ${id} in this world`);
  return { address, port };
}

export function createMailClients({ world, folder, ...ground }: MailClientsOptions): MailClients {
  const clients = new Map<string, { readonly settings: string; readonly client: MailClient }>();

  const make = async (user: User): Promise<void> => {
    const now = world();
    const domain = domainNamed(now, domainOf(user.address));
    if (domain === undefined) throw new Error(`${user.address} has no domain in this world`);
    const submission = addressOf(now, domain.submission, WELL_KNOWN_PORT.submission);
    const pop3 = addressOf(now, domain.pop, WELL_KNOWN_PORT.pop3);
    const settings = JSON.stringify([user.client, submission, pop3]);
    if (clients.get(user.address)?.settings === settings) return;
    const client = createMailClient({
      ...ground,
      user: () => userAt(world(), user.address) ?? user,
      style: () => hostOf(world(), user.client)?.sends ?? 'lock-step',
      submission,
      pop3,
      inbox: await openMaildir(folder.client(user.address), user.client),
      sendMail,
    });
    clients.set(user.address, { settings, client });
  };

  return {
    at(address) {
      const user = userAt(world(), address);
      return user === undefined ? null : (clients.get(user.address)?.client ?? null);
    },
    async ensure() {
      for (const user of world().users) await make(user);
    },
  };
}
