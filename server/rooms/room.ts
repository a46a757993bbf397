/** A room: one world that runs, its trace, and what people outside may ask of it. */
import type { HostId, PublicWorld, World } from '../../shared/world/world.ts';
import { domainNamed, domainOf, hostOf, userAt, WELL_KNOWN_PORT } from '../../shared/world/world.ts';
import { createWorldClock } from '../clock.ts';
import { createResolver } from '../dns/resolver.ts';
import { noFaults } from '../faults.ts';
import type { Draft } from '../mail-client/draft.ts';
import type { MailClient } from '../mail-client/mail-client.ts';
import { createMailClient } from '../mail-client/mail-client.ts';
import { openMaildir } from '../mailbox/maildir.ts';
import type { Address } from '../network/contract.ts';
import type { RoomNetwork } from '../network/network.ts';
import { createNetwork } from '../network/network.ts';
import type { CollectOutcome } from '../pop3/client.ts';
import type { QueuePolicy } from '../queue/policy.ts';
import type { Queue } from '../queue/queue.ts';
import { openQueue } from '../queue/queue.ts';
import type { RoomRecorder } from '../recorder.ts';
import { openRecorder } from '../recorder.ts';
import { sendMail } from '../smtp/send.ts';
import { openDataFolder, openIn } from './data-folder.ts';
import type { Fate, Follower } from './journey.ts';
import { followLetter } from './journey.ts';
import { noteLulls } from './lull.ts';
import type { Mailboxes } from './mailboxes.ts';
import { openMailboxes } from './mailboxes.ts';
import type { Ports, Published } from './publish.ts';
import { publishServers } from './publish.ts';
import { startServers, startSubmission } from './servers.ts';

export interface RoomOptions {
  readonly world: World;
  /** Folder to keep mail, queue and traces in; null keeps nothing beyond the room. */
  readonly data: string | null;
  /** Where servers are offered to other programs on this machine; null: nowhere. */
  readonly ports: Ports | null;
  /** Default true; false for comparing in the bench. */
  readonly recording?: boolean;
  readonly policy?: Partial<QueuePolicy>;
  readonly now?: () => Date;
  /** Something went wrong outside that does not stop the room: one sentence. */
  readonly onTrouble?: (sentence: string) => void;
}

type Submission = Awaited<ReturnType<MailClient['send']>['done']>;

/** How one letter went: what submission answered, and each queued recipient's fate. Fetched, too, where that was asked for. */
export interface Journey {
  readonly submission: Submission;
  readonly fates: readonly Fate[];
}

export interface Room {
  readonly world: World;
  readonly publicWorld: PublicWorld;
  readonly recorder: RoomRecorder;
  readonly brake: RoomNetwork['brake'];
  readonly published: Published | null;
  /** The user's mail client submits the letter; null where the world has no such user. `collect`: its recipients fetch it then. */
  send(
    draft: Draft,
    options?: { readonly collect?: boolean },
  ): { readonly id: string; readonly finished: Promise<Journey> } | null;
  /** The user's mail client fetches the mail; null where the world has no such user. */
  collect(address: string): Promise<CollectOutcome> | null;
  close(): Promise<void>;
}

/** A world without what only its keeper may know. */
const publicWorldOf = (world: World): PublicWorld => ({
  ...world,
  users: world.users.map(({ password: _password, ...user }) => user),
});

/** Every world has somebody outside it, whom programs on this machine are shown as. */
function withVisitor(world: World): World {
  if (world.hosts.some(host => host.kind === 'visitor')) return world;
  const isFree = (wanted: string): boolean =>
    world.hosts.every(({ id, addresses }) => id !== wanted && !addresses.includes(wanted));
  const numbers = Array.from({ length: 254 }, (_, nth) => nth + 1);
  const id = ['your-computer.example', ...numbers.map(number => `your-computer-${number}.example`)].find(isFree);
  const address = ['203.0.113.77', ...numbers.map(number => `203.0.113.${number}`)].find(isFree);
  if (id === undefined || address === undefined) throw new Error('this world has no room for a visitor');
  const visitor = { id, kind: 'visitor', label: 'Your mail client', addresses: [address], services: [] } as const;
  return { ...world, hosts: [...world.hosts, visitor] };
}

/** Starts everything. Rejects with DataFolderError or PortError for what the outside got wrong; nothing is left running then. */
export async function openRoom(options: RoomOptions): Promise<Room> {
  const closers: (() => Promise<unknown>)[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    return await start(options, closers, closeAll);
  } catch (error) {
    await closeAll();
    throw error;
  }
}

async function start(
  options: RoomOptions,
  closers: (() => Promise<unknown>)[],
  closeAll: () => Promise<void>,
): Promise<Room> {
  const world = withVisitor(options.world);
  const publicWorld = publicWorldOf(world);
  const now = options.now ?? (() => new Date());
  const folder = await openDataFolder(options.data);
  closers.push(() => folder.close());
  const opening = openRecorder({
    header: { mailscope: 1, title: world.name, createdAt: now().toISOString(), world: publicWorld },
    file: folder.trace,
    recording: options.recording ?? true,
    onTrouble: options.onTrouble ?? (() => undefined),
  });
  const recorder = await openIn(folder, opening);
  closers.push(() => recorder.close());
  // What the mail clients do ends when everything they talk to has ended, and may still be recorded and written.
  const busy = new Set<Promise<unknown>>();
  let closing = false;
  closers.push(() => Promise.allSettled(busy));
  const whileOpen = <T>(work: Promise<T>): Promise<T> => {
    const watched = work.catch(() => undefined).finally(() => busy.delete(watched));
    busy.add(watched);
    return work;
  };
  const network = createNetwork({ world, recorder, first: recorder.next, observing: options.recording ?? true });
  closers.push(() => network.close());
  const mailboxes = await openIn(folder, openMailboxes(world, folder, recorder));
  if (recorder.length === 0) await openIn(folder, mailboxes.recordFound());

  const addressOf = (id: HostId, port: number): Address => {
    const address = hostOf(world, id)?.addresses[0];
    if (address === undefined) throw new Error(`there is no host ${id} in this world`);
    return { address, port };
  };
  const servers = await startServers(world, network, recorder, mailboxes, now);
  closers.push(() => Promise.all(servers.map(server => server.close())));

  const queues = new Map<HostId, Queue>();
  closers.push(() => Promise.all([...queues.values()].map(queue => queue.close())));
  for (const host of new Set(world.domains.map(domain => domain.submission))) {
    const opened = openQueue({
      directory: folder.queue(host),
      host,
      helloName: host,
      network,
      resolver: createResolver({ network, from: host, server: addressOf(world.dns, WELL_KNOWN_PORT.dns) }),
      recorder,
      now,
      addresses: hostOf(world, host)?.addresses ?? [],
      ...(options.policy === undefined ? {} : { policy: options.policy }),
    });
    const queue = await openIn(folder, opened);
    queues.set(host, queue);
    const server = await startSubmission(world, host, queue, network, now);
    // Before its queue, so that what is being accepted still finds it open.
    closers.push(() => server.close());
  }
  const stopCarrying = carryOver(recorder, mailboxes, queues, options.onTrouble ?? (() => undefined));
  closers.push(async () => stopCarrying());
  const stopListening = noteLulls(recorder);
  closers.push(async () => stopListening());

  const followers = new Set<Follower>();
  closers.push(async () => {
    for (const follower of followers) follower.stop();
  });
  const clock = createWorldClock({ now });
  const clients = new Map<string, MailClient>();
  for (const user of world.users) {
    const domain = domainNamed(world, domainOf(user.address));
    if (domain === undefined) throw new Error(`${user.address} has no domain in this world`);
    const client = createMailClient({
      network,
      recorder,
      user: () => user,
      submission: () => addressOf(domain.submission, WELL_KNOWN_PORT.submission),
      pop3: () => addressOf(domain.pop, WELL_KNOWN_PORT.pop3),
      inbox: await openIn(folder, openMaildir(folder.client(user.address), user.client)),
      clock,
      faults: noFaults,
      style: () => hostOf(world, user.client)?.sends ?? 'lock-step',
      sendMail,
    });
    clients.set(user.address, client);
  }
  const published = options.ports === null ? null : await publishServers(world, network, options.ports);
  const clientOf = (address: string): MailClient | undefined => clients.get(userAt(world, address)?.address ?? '');

  return {
    world,
    publicWorld,
    recorder,
    brake: network.brake,
    published,
    send(draft, { collect = false } = {}) {
      const client = clientOf(draft.from.address);
      if (client === undefined) return null;
      const { id, done } = client.send(draft);
      const follower = followLetter(recorder, id);
      const finish = async (): Promise<Journey> => {
        const submission = await done;
        const queued = !('kind' in submission) && submission.recipients.some(each => each.verdict === 'accepted');
        if (!queued) follower.stop();
        const fates = await follower.settled;
        const mailboxesReached = new Set(fates.flatMap(fate => (fate.kind === 'stored' ? [fate.mailbox] : [])));
        for (const mailbox of mailboxesReached) if (collect && !closing) await clientOf(mailbox)?.collect();
        return { submission, fates };
      };
      followers.add(follower);
      void follower.settled.then(() => followers.delete(follower));
      return { id, finished: whileOpen(finish()) };
    },
    collect(address) {
      const client = clientOf(address);
      return client === undefined ? null : whileOpen(client.collect());
    },
    close() {
      closing = true;
      return closeAll();
    },
  };
}

/** A new trace begins with what the mailboxes hold and with the letters that still wait. */
function carryOver(
  recorder: RoomRecorder,
  mailboxes: Mailboxes,
  queues: ReadonlyMap<HostId, Queue>,
  onTrouble: (sentence: string) => void,
): () => void {
  return recorder.watch(notice => {
    if (notice.kind !== 'trace') return;
    for (const [host, queue] of queues)
      for (const { id, envelope, messageId, pending, octets } of queue.entries())
        recorder.append({
          kind: 'mail.queued',
          host,
          queueId: id,
          messageId,
          reversePath: envelope.reversePath,
          recipients: pending,
          size: octets,
        });
    mailboxes.recordFound().catch((error: unknown) => {
      onTrouble(`The mailboxes cannot be read: ${error instanceof Error ? error.message : String(error)}.`);
    });
  });
}
