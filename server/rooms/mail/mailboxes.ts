/** Everybody's mail on disk: the maildrops that POP3 serves, and final delivery into them. */

import { domainOf } from '../../../shared/address.ts';
import type { ConnectionId } from '../../../shared/trace/event.ts';
import type { HostId, World } from '../../../shared/world/world.ts';
import { domainNamed } from '../../../shared/world/world.ts';
import type { DataFolder } from '../../disk/data-folder.ts';
import { isSystemError } from '../../disk/durable.ts';
import type { PlacedMessage } from '../../mailbox/delivery.ts';
import type { Maildir } from '../../mailbox/maildir.ts';
import { openMaildir } from '../../mailbox/maildir.ts';
import type { Maildrop } from '../../mailbox/maildrop.ts';
import { createMaildrop } from '../../mailbox/maildrop.ts';
import type { Recorder } from '../../record/recorder.ts';
import { withReturnPath } from '../../smtp/message/trace-fields.ts';

interface Mailbox {
  readonly address: string;
  readonly maildir: Maildir;
  readonly maildrop: Maildrop;
}

/** One copy for one mailbox. */
export interface Parcel {
  /** A user's address. */
  readonly mailbox: string;
  readonly reversePath: string;
  /** Whom the letter named, and who is this user in the end. */
  readonly recipients: readonly string[];
  readonly message: Buffer;
}

export interface PlacedParcels {
  /** Records `mail.stored`, and lets it be read. */
  show(): void;
  /** It was never there. */
  takeBack(): Promise<void>;
}

export interface Mailboxes {
  /** The one maildrop of a user. Throws where there is none. */
  maildrop(address: string): Maildrop;
  /** Octets that lie in the mailbox now. */
  octets(address: string): number;
  /** The host that holds it in the world of now. */
  hostOf(address: string): HostId;
  /** Durable in all mailboxes when it resolves, and nobody knows of it yet. Rejects with the file system's error, and none has it then. */
  place(
    parcels: readonly Parcel[],
    letter: { readonly messageId: string; readonly connection?: ConnectionId },
  ): Promise<PlacedParcels>;
  /** Opens the mailboxes of users who have none yet. */
  ensure(): Promise<void>;
  /** Records what the mailboxes hold, where they hold anything. */
  recordFound(): void;
  /** Leaves an index of each for the next start. */
  close(): Promise<void>;
}

export async function openMailboxes(world: () => World, folder: DataFolder, recorder: Recorder): Promise<Mailboxes> {
  const mailboxes = new Map<string, Mailbox>();
  const hostOf = (address: string): HostId => {
    const host = domainNamed(world(), domainOf(address))?.pop;
    if (host === undefined) throw new Error(`${address} has no domain in this world`);
    return host;
  };
  const named = (address: string): Mailbox => {
    const mailbox = mailboxes.get(address);
    if (mailbox === undefined) throw new Error(`there is no mailbox ${address}`);
    return mailbox;
  };

  const ensure = async (): Promise<void> => {
    for (const { address } of world().users) {
      if (mailboxes.has(address)) continue;
      const maildir = await openMaildir(folder.mailbox(address), hostOf(address));
      mailboxes.set(address, { address, maildir, maildrop: createMaildrop(address, maildir) });
    }
  };
  await ensure();

  return {
    maildrop: address => named(address).maildrop,
    octets: address => named(address).maildir.octets().octets,
    hostOf,
    ensure,

    async place(parcels, { messageId, connection }) {
      const brought = connection === undefined ? {} : { connection };
      const placed: { parcel: Parcel; size: number; message: PlacedMessage }[] = [];
      // One reply stands for all recipients, so the ones that worked are taken back before it says no.
      const takeBack = async (): Promise<void> => {
        const undone = await Promise.allSettled(placed.map(({ message }) => message.takeBack()));
        for (const each of undone) if (each.status === 'rejected' && !isSystemError(each.reason)) throw each.reason;
      };
      try {
        for (const parcel of parcels) {
          const message = withReturnPath(parcel.message, parcel.reversePath);
          placed.push({ parcel, size: message.length, message: await named(parcel.mailbox).maildir.place(message) });
        }
      } catch (error) {
        await takeBack();
        throw error;
      }
      const show = (): void => {
        // Recorded before anybody can read it: the story may not show a letter collected that was never stored.
        for (const { parcel, size, message } of placed) {
          const { mailbox, reversePath, recipients } = parcel;
          const { file } = message;
          const host = hostOf(mailbox);
          recorder.append({
            kind: 'mail.stored',
            host,
            mailbox,
            file,
            ...brought,
            messageId,
            reversePath,
            recipients,
            size,
          });
          message.show();
        }
      };
      return { show, takeBack };
    },

    recordFound() {
      for (const { address } of world().users) {
        // As they lie there, and not as POP3 counts, which would read each of them before anything else may begin.
        const { messages, octets } = named(address).maildir.shown();
        if (messages === 0) continue;
        recorder.append({
          kind: 'mailbox.found',
          host: hostOf(address),
          mailbox: address,
          messages,
          octets,
        });
      }
    },

    async close() {
      for (const { maildir } of mailboxes.values()) await maildir.close();
    },
  };
}
