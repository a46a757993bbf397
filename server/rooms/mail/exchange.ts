/** What an exchanger does with a letter it has been handed: into mailboxes, on to other addresses, to a list's members, or into its own queue. */
import type { ConnectionId } from '../../../shared/trace/event.ts';
import type { Domain, HostId, MailingList, World } from '../../../shared/world/world.ts';
import { assertNever, bouncesAddress } from '../../../shared/world/world.ts';
import { tolerate } from '../../queue/attempt.ts';
import type { PlacedLetter, Queue } from '../../queue/queue.ts';
import type { Recorder } from '../../record/recorder.ts';
import type { Envelope, RecipientDsn, Verdict } from '../../smtp/envelope.ts';
import type { Delivery } from '../../smtp/machine/receive.ts';
import { fieldValue, headerFields, withFieldsOnTop } from '../../smtp/message/header-fields.ts';
import { inLines } from '../../smtp/message/recode.ts';
import { newQueueId } from '../../smtp/queue-id.ts';
import { destinationOf, type Target } from './destination.ts';
import type { Mailboxes, Parcel, PlacedParcels } from './mailboxes.ts';

export interface Exchanger {
  readonly host: HostId;
  readonly world: () => World;
  /** The domains it takes mail for now. */
  readonly domains: () => readonly Domain[];
  readonly mailboxes: Mailboxes;
  /** Its own queue; null while its power is out. */
  readonly queue: () => Queue | null;
  readonly recorder: Recorder;
  /** True while the host cannot be reached. */
  readonly isOff: (host: HostId) => boolean;
  /** Told of recipients whose sender wants to hear that the letter has arrived, or has gone on to others (RFC 3461 §5.2). */
  readonly report: (
    host: HostId,
    delivery: Arrival,
    action: 'delivered' | 'expanded',
    recipients: readonly string[],
  ) => Promise<void>;
}

/** A letter that has come to its exchanger: on a connection, or out of the host's own queue. */
export type Arrival = Pick<Delivery, 'id' | 'envelope' | 'message' | 'messageId'> & {
  readonly connection?: ConnectionId;
  readonly over?: Promise<void>;
};

/** What leaves again, as one queue entry. */
interface Outgoing {
  readonly reversePath: string;
  readonly recipients: string[];
  readonly dsn: Record<string, RecipientDsn>;
  readonly message: Buffer;
}

const no = (code: number, enhanced: string, text: string): Verdict => ({ ok: false, code, enhanced, text });

const listId = ({ address }: MailingList): string => `<${address.replace('@', '.')}>`;

/** RFC 2919 and RFC 2369: what a list adds to a letter, so that its members know where it comes from and how to leave. */
const listFields = (list: MailingList): string =>
  [
    `List-Id: "${list.name.replace(/["\\\r\n]/g, '')}" ${listId(list)}`,
    `List-Post: <mailto:${list.address}>`,
    `List-Unsubscribe: <mailto:${list.owner}?subject=unsubscribe>`,
    'Precedence: list',
  ]
    .map(line => `${line}\r\n`)
    .join('');

const hasPassed = (list: MailingList, message: Buffer): boolean =>
  headerFields(message).some(field => field.name === 'list-id' && fieldValue(message, field).includes(listId(list)));

const wantsSuccess = (envelope: Envelope, recipient: string): boolean =>
  envelope.dsn?.[recipient]?.notify?.includes('SUCCESS') ?? false;

/** Resolves once everything that was taken is durable. Rejects with the file system's error; what was placed has been taken back then. */
export async function takeIn(at: Exchanger, delivery: Arrival): Promise<Verdict & { readonly text?: string }> {
  const { host, mailboxes, recorder } = at;
  const { envelope, message, messageId } = delivery;
  const brought = delivery.connection === undefined ? {} : { connection: delivery.connection };
  const world = at.world();
  const domains = at.domains();
  const parcels = new Map<string, Parcel & { readonly recipients: string[] }>();
  const outgoing = new Map<string, Outgoing>();
  const expanded: {
    readonly address: string;
    readonly as: 'alias' | 'list' | 'backup';
    readonly recipients: string[];
  }[] = [];
  const delivered: string[] = [];

  /** POP3 knows lines only, so what is binary is recoded where it ends; whoever it is sent on to gets it as it came. */
  const recoded = new Map<Buffer, Buffer>();
  const readable = (copy: Buffer): Buffer => {
    if (envelope.body !== 'BINARYMIME') return copy;
    const lines = recoded.get(copy) ?? inLines(copy);
    recoded.set(copy, lines);
    return lines;
  };
  const put = (mailbox: string, reversePath: string, recipient: string, copy: Buffer): void => {
    const key = `${reversePath} ${mailbox}`;
    const parcel = parcels.get(key) ?? { mailbox, reversePath, recipients: [], message: readable(copy) };
    parcel.recipients.push(recipient);
    parcels.set(key, parcel);
  };
  const sendOn = (key: string, reversePath: string, copy: Buffer, address: string, dsn?: RecipientDsn): void => {
    const entry = outgoing.get(key) ?? { reversePath, recipients: [], dsn: {}, message: copy };
    if (!entry.recipients.includes(address)) entry.recipients.push(address);
    if (dsn !== undefined) entry.dsn[address] = dsn;
    outgoing.set(key, entry);
  };
  const spread = (
    targets: readonly Target[],
    key: string,
    reversePath: string,
    copy: Buffer,
    recipient: string,
  ): void => {
    const wish = key === 'alias' ? envelope.dsn?.[recipient] : undefined;
    for (const target of targets)
      if (target.kind === 'mailbox') put(target.user.address, reversePath, recipient, copy);
      else sendOn(key, reversePath, copy, target.address, wish);
  };
  const namesOf = (targets: readonly Target[]): string[] =>
    targets.map(target => (target.kind === 'mailbox' ? target.user.address : target.address));

  for (const recipient of envelope.recipients) {
    const destination = destinationOf(world, domains, host, recipient);
    switch (destination.kind) {
      case 'mailbox':
        put(destination.user.address, envelope.reversePath, recipient, message);
        if (wantsSuccess(envelope, recipient)) delivered.push(recipient);
        break;
      case 'alias':
        expanded.push({ address: recipient, as: 'alias', recipients: namesOf(destination.targets) });
        spread(destination.targets, 'alias', envelope.reversePath, message, recipient);
        break;
      case 'list': {
        const { list, targets } = destination;
        if (hasPassed(list, message))
          return no(554, '5.4.6', `this letter has been on the list ${list.address} before`);
        expanded.push({ address: recipient, as: 'list', recipients: namesOf(targets) });
        const copy = withFieldsOnTop(message, listFields(list));
        spread(targets, `list ${list.address}`, bouncesAddress(list), copy, recipient);
        break;
      }
      case 'backup':
        sendOn('backup', envelope.reversePath, message, recipient, envelope.dsn?.[recipient]);
        break;
      // The world was edited between RCPT and the end of the letter.
      case 'unknown-user':
      case 'foreign':
      case 'loop':
        return no(550, '5.1.1', `<${recipient}>: there is no such address any more`);
      default:
        assertNever(destination);
    }
  }
  const backup = outgoing.get('backup');
  if (backup !== undefined)
    expanded.push({ address: backup.recipients[0] ?? '', as: 'backup', recipients: backup.recipients });

  const refused = roomFor(at, world, [...parcels.values()]);
  if (refused !== null) return refused;
  const queue = at.queue();
  if (outgoing.size > 0 && queue === null) return no(451, '4.3.2', 'not now: the queue of this server is closed');
  const kept = await keepAll(mailboxes, queue, delivery, [...parcels.values()], [...outgoing.values()]);
  kept.inMailboxes.show();
  for (const { address, as, recipients } of expanded)
    recorder.append({
      kind: 'mail.expanded',
      host,
      address,
      as,
      recipients,
      messageId,
      reversePath: envelope.reversePath,
      ...brought,
    });
  for (const letter of kept.inQueue) letter.show();
  const lists = expanded.filter(({ as, address }) => as !== 'backup' && wantsSuccess(envelope, address));
  const expandedLists = lists.map(({ address }) => address);
  // The letter is kept: that its sender cannot be told so now is no reason to have it brought a second time.
  if (delivered.length > 0) await tolerate(at.report(host, delivery, 'delivered', delivered));
  if (lists.length > 0) await tolerate(at.report(host, delivery, 'expanded', expandedLists));
  const stored = parcels.size > 0;
  return { ok: true, text: stored ? `Ok: stored as ${delivery.id}` : `Ok: queued as ${delivery.id}` };
}

/** Puts it wherever it is to be, durably, or nowhere: one reply stands for all of it. Rejects with the file system's error. */
async function keepAll(
  mailboxes: Mailboxes,
  queue: Queue | null,
  { id: first, envelope, messageId, over, ...delivery }: Arrival,
  parcels: readonly Parcel[],
  outgoing: readonly Outgoing[],
): Promise<{ readonly inMailboxes: PlacedParcels; readonly inQueue: readonly PlacedLetter[] }> {
  const brought = delivery.connection === undefined ? {} : { connection: delivery.connection };
  const inMailboxes = await mailboxes.place(parcels, { messageId, ...brought });
  const inQueue: PlacedLetter[] = [];
  try {
    for (const { reversePath, recipients, dsn, message } of outgoing) {
      const { ret, envid, smtpUtf8, body } = envelope;
      const placed = await queue?.place({
        id: inQueue.length === 0 ? first : newQueueId(),
        envelope: {
          reversePath,
          recipients,
          dsn,
          ...(ret === undefined ? {} : { ret }),
          ...(envid === undefined ? {} : { envid }),
          ...(smtpUtf8 === undefined ? {} : { smtpUtf8 }),
          ...(body === undefined ? {} : { body }),
        },
        message,
        messageId,
        ...brought,
        ...(over === undefined ? {} : { over }),
      });
      if (placed !== undefined) inQueue.push(placed);
    }
  } catch (error) {
    for (const letter of inQueue) await letter.takeBack();
    await inMailboxes.takeBack();
    throw error;
  }
  return { inMailboxes, inQueue };
}

/** Why the mailboxes cannot take the letter now, or null. One reply stands for all of them (RFC 5321 §4.2.5). */
function roomFor({ mailboxes, isOff }: Exchanger, world: World, parcels: readonly Parcel[]): Verdict | null {
  for (const { mailbox, message } of parcels) {
    const pop = mailboxes.hostOf(mailbox);
    if (isOff(pop)) return no(451, '4.3.2', `not now: the mailbox host ${pop} cannot be reached`);
    const quota = world.users.find(({ address }) => address === mailbox)?.quota;
    if (quota !== undefined && mailboxes.octets(mailbox) + message.length > quota)
      return no(552, '5.2.2', `<${mailbox}>: mailbox full, there is no room for ${message.length} octets more`);
  }
  return null;
}
