/** Everybody's mail on disk: the maildrops that POP3 serves, and final delivery into them. */
import type { Domain, HostId, World } from '../../shared/world/world.ts';
import { domainNamed, domainOf } from '../../shared/world/world.ts';
import type { Maildir, PlacedMessage } from '../mailbox/maildir.ts';
import { openMaildir } from '../mailbox/maildir.ts';
import type { Maildrop } from '../mailbox/maildrop.ts';
import { createMaildrop } from '../mailbox/maildrop.ts';
import type { Recorder } from '../recorder.ts';
import type { Verdict } from '../smtp/envelope.ts';
import type { Delivery } from '../smtp/receive.ts';
import { withReturnPath } from '../smtp/trace-fields.ts';
import type { DataFolder } from './data-folder.ts';
import { mailboxFor } from './rules.ts';

interface Mailbox {
  readonly address: string;
  /** The host that holds it. */
  readonly host: HostId;
  readonly maildir: Maildir;
  readonly maildrop: Maildrop;
}

export interface Mailboxes {
  /** The one maildrop of a user. Throws where there is no such user. */
  maildrop(address: string): Maildrop;
  /**
   * Final delivery by an exchanger of `domains`; durable, and recorded, when it resolves. Rejects with the file system's error,
   * and no mailbox has it then.
   */
  deliver(
    exchanger: HostId,
    domains: readonly Domain[],
    delivery: Delivery,
  ): Promise<Verdict & { readonly text: string }>;
  /** Records what the mailboxes hold, where they hold anything. */
  recordFound(): Promise<void>;
}

export async function openMailboxes(world: World, folder: DataFolder, recorder: Recorder): Promise<Mailboxes> {
  const mailboxes = new Map<string, Mailbox>();
  for (const { address } of world.users) {
    const host = domainNamed(world, domainOf(address))?.pop;
    if (host === undefined) throw new Error(`${address} has no domain in this world`);
    const maildir = await openMaildir(folder.mailbox(address), host);
    mailboxes.set(address, { address, host, maildir, maildrop: createMaildrop(address, maildir) });
  }
  const named = (address: string): Mailbox => {
    const mailbox = mailboxes.get(address);
    if (mailbox === undefined) throw new Error(`there is no mailbox ${address}`);
    return mailbox;
  };

  return {
    maildrop: address => named(address).maildrop,

    async deliver(exchanger, domains, delivery) {
      const { envelope, messageId, peer } = delivery;
      const recipients = new Map<Mailbox, string[]>();
      for (const recipient of envelope.recipients) {
        const user = mailboxFor(world, domains, exchanger, recipient);
        if (!user) throw new Error(`${recipient} was accepted and has no mailbox`);
        const mailbox = named(user.address);
        recipients.set(mailbox, [...(recipients.get(mailbox) ?? []), recipient]);
      }
      const message = withReturnPath(delivery.message, envelope.reversePath);
      const placed: { mailbox: Mailbox; message: PlacedMessage }[] = [];
      try {
        for (const mailbox of recipients.keys())
          placed.push({ mailbox, message: await mailbox.maildir.place(message) });
      } catch (error) {
        // One reply stands for all recipients, so the ones that worked are taken back before it says no.
        for (const { message } of placed) await message.takeBack();
        throw error;
      }
      // Recorded before anybody can read it: the story may not show a letter collected that was never stored.
      for (const { mailbox, message: stored } of placed) {
        recorder.append({
          kind: 'mail.stored',
          host: mailbox.host,
          mailbox: mailbox.address,
          file: stored.file,
          connection: peer.connection,
          messageId,
          reversePath: envelope.reversePath,
          recipients: recipients.get(mailbox) ?? [],
          size: message.length,
        });
        stored.show();
      }
      return { ok: true, text: `Ok: stored as ${delivery.id}` };
    },

    async recordFound() {
      for (const { address, host, maildir } of mailboxes.values()) {
        const messages = await maildir.list();
        if (messages.length === 0) continue;
        const octets = messages.reduce((sum, message) => sum + message.size, 0);
        recorder.append({ kind: 'mailbox.found', host, mailbox: address, messages: messages.length, octets });
      }
    },
  };
}
