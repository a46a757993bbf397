/** A room: one world that runs, its trace, and what people outside may ask of it. */
import type { HostId, World } from '../../shared/world/world.ts';
import { hostOf } from '../../shared/world/world.ts';
import { seededBy } from '../chance.ts';
import { createWorldClock } from '../clock.ts';
import { type DataFolder, openDataFolder, openIn } from '../disk/data-folder.ts';
import { sayOddMail } from '../disk/odd-mail.ts';
import type { Report } from '../disk/put-aside.ts';
import { createResolver } from '../dns/resolver.ts';
import { createStranger } from '../mail-client/stranger.ts';
import { createNetwork } from '../network/network.ts';
import { silentTap } from '../network/tap.ts';
import { createOctetBudget } from '../octet-budget.ts';
import type { Home } from '../queue/delivery.ts';
import type { Queue } from '../queue/queue.ts';
import { openQueue } from '../queue/queue.ts';
import type { RoomRecorder } from '../recorder.ts';
import { openRecorder } from '../recorder.ts';
import { createIntake } from '../smtp/intake.ts';
import { createTroubles, type Troubles } from '../troubles.ts';
import { advance } from './advance.ts';
import { carryOver } from './carry-over.ts';
import { createMailClients } from './clients.ts';
import type { Room, RoomOptions } from './contract.ts';
import type { Exchanger } from './exchange.ts';
import type { Follower, Journey } from './journey.ts';
import { followLetter } from './journey.ts';
import { createWorldKeeper, keptWorld } from './kept-world.ts';
import { createLivingWorld, publicWorldOf } from './living-world.ts';
import { noteLulls } from './lull.ts';
import { openMailboxes } from './mailboxes.ts';
import { dnsServerFor, OUTSIDE_EXCHANGER, OUTSIDE_RESOLVER, withOutsiders } from './outside.ts';
import { createPower, type Power } from './power.ts';
import type { Publisher } from './publish.ts';
import { publishServers } from './publish.ts';
import { reportSuccess } from './report.ts';

export type { Room, RoomOptions };

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
  const machineNow = options.now ?? (() => new Date());
  const onTrouble = options.onTrouble ?? (() => undefined);
  const { resolver = null, mxPort = null } = options.outside ?? {};
  const outside = resolver === null && mxPort === null ? null : { resolver, mxPort };
  const troubles = createTroubles(onTrouble);
  const folder = await openDataFolder(options.data);
  closers.push(() => folder.close());
  const given = withOutsiders({ ...options.world, retry: { ...options.world.retry, ...options.retry } }, outside);
  const tell: Report = trouble =>
    troubles.report(trouble.file === undefined ? trouble : { ...trouble, file: folder.nameOf(trouble.file) });
  const first = await openIn(folder, keptWorld(folder.world, given, tell));
  const recorder = await openIn(folder, record(options, folder, first, machineNow, troubles));
  closers.push(() => recorder.close());
  const begins = recorder.length === 0;
  troubles.recordIn(recorder);
  const keeper = createWorldKeeper(folder.world, given, tell);
  closers.push(() => keeper.close());
  const living = createLivingWorld({ given, now: first, recorder, keep: keeper.keep });
  const { faults, now: world } = living;
  const clock = createWorldClock({
    now: machineNow,
    jumped: recorder.jumped / 1000,
    onJump: milliseconds => recorder.append({ kind: 'clock.jumped', by: Math.round(milliseconds * 1000) }),
  });
  closers.push(async () => clock.close());
  // What the mail clients do ends when everything they talk to has ended, and may still be recorded and written.
  const busy = new Set<Promise<unknown>>();
  let closing = false;
  closers.push(() => Promise.allSettled(busy));
  const whileOpen = <T>(work: Promise<T>): Promise<T> => {
    const watched = work.catch(() => undefined).finally(() => busy.delete(watched));
    busy.add(watched);
    return work;
  };
  const network = createNetwork({
    world,
    recorder,
    faults,
    clock,
    first: recorder.next,
    ...(options.recording === false && { tap: silentTap }),
    ...(outside === null
      ? {}
      : {
          outside: {
            resolver: outside.resolver === null ? null : { ...outside.resolver, host: OUTSIDE_RESOLVER },
            exchangers: outside.mxPort === null ? null : { port: outside.mxPort, host: OUTSIDE_EXCHANGER },
          },
        }),
  });
  closers.push(() => network.close());
  const mailboxes = await openIn(folder, openMailboxes(world, folder, recorder));
  closers.push(() => mailboxes.close());
  if (begins) mailboxes.recordFound();

  const budget = options.budget ?? createOctetBudget();
  const queueAt = (host: HostId, home: Home): Promise<Queue> =>
    openQueue({
      directory: folder.queue(host),
      host,
      helloName: host,
      domain: domainServedBy(world(), host),
      network,
      resolver: createResolver({
        network,
        from: host,
        serverFor: dnsServerFor(world, outside?.resolver ?? null),
        recorder,
        clock,
        random: seededBy(() => world().seed, host),
      }),
      recorder,
      clock,
      policy: () => world().retry,
      style: () => hostOf(world(), host)?.sends ?? 'lock-step',
      addresses: hostOf(world(), host)?.addresses ?? [],
      home,
      onTrouble: tell,
      budget,
      ...(options.abreast !== undefined && { concurrency: options.abreast }),
    });
  let publisher: Publisher | null = null;
  const report: Exchanger['report'] = (host, delivery, action, recipients) =>
    reportSuccess(power.queues().get(host) ?? null, clock, delivery, action, recipients);
  const power: Power = createPower({
    ground: {
      ...{ world, network, recorder, clock, faults, mailboxes, beyond: outside !== null, report },
      ...{ budget, intake: createIntake(budget) },
    },
    openQueue: (host, home) => openIn(folder, queueAt(host, home)),
    onChange: async () => publisher?.follow(),
  });
  closers.push(() => power.close());
  const clients = createMailClients({ world, folder, network, recorder, clock, faults, onTrouble: tell });
  const follow = async (): Promise<void> => {
    await openIn(folder, mailboxes.ensure());
    await openIn(folder, clients.ensure());
    await power.follow();
  };
  await follow();
  const lookedThrough = folder.trace === null ? null : sayOddMail(folder.path, tell);
  closers.push(async () => lookedThrough);
  const unfollow = living.onChange(() => {
    if (!closing) whileOpen(follow()).catch((error: unknown) => onTrouble(sentenceOf(error)));
  });
  closers.push(async () => unfollow());
  const stopCarrying = carryOver(recorder, mailboxes, power);
  closers.push(async () => stopCarrying());
  const stopListening = noteLulls(recorder);
  closers.push(async () => stopListening());

  const followers = new Set<Follower>();
  closers.push(async () => {
    for (const follower of followers) follower.stop();
  });
  if (options.ports !== null) {
    const { ports } = options;
    publisher = await publishServers({ world: world(), network, ports, serviceOf: power.serviceOf, onTrouble });
  }
  const visitor = world().hosts.find(host => host.kind === 'visitor');
  if (visitor === undefined) throw new Error('a world without a visitor');

  const stranger = createStranger({ network, from: visitor.id, recorder, clock });
  const isIdle = (): boolean => busy.size === 0 && [...power.queues().values()].every(queue => queue.isIdle());
  const fetchFor = async (mailboxesReached: readonly string[]): Promise<void> => {
    for (const mailbox of mailboxesReached) if (!closing) await clients.at(mailbox)?.collect();
  };

  return {
    get world() {
      return world();
    },
    get publicWorld() {
      return publicWorldOf(world());
    },
    living,
    async change(next, made) {
      living.edit(withOutsiders(next, outside), made);
      await follow();
    },
    follow,
    recorder,
    brake: network.brake,
    published: publisher?.published ?? null,
    clock,
    advance: by => advance({ clock, recorder, isIdle }, by),
    queues: () => power.queues(),
    isIdle,
    send(draft, { collect = false } = {}) {
      const client = clients.at(draft.from.address);
      if (client === null) return null;
      // What arrives after a later attempt, or as a report, is fetched as it comes.
      let settled = false;
      const { id, done } = client.send(draft);
      const follower = followLetter(recorder, id, () => {
        if (settled && collect) void whileOpen(fetchFor(follower.reached()));
      });
      followers.add(follower);
      void follower.over.then(() => followers.delete(follower));
      const finish = async (): Promise<Journey> => {
        const submission = await done;
        const queued = !('kind' in submission) && submission.recipients.some(each => each.verdict === 'accepted');
        if (!queued) follower.stop();
        const fates = await follower.settled;
        if (collect) await fetchFor(follower.reached());
        settled = true;
        return { submission, fates };
      };
      return { id, finished: whileOpen(finish()) };
    },
    unsent: address => clients.at(address)?.unsent() ?? null,
    onOutboxChange: clients.onOutboxChange,
    resend(address, id) {
      const client = clients.at(address);
      return client === null ? null : whileOpen(client.resend(id));
    },
    collect(address, request) {
      const client = clients.at(address);
      return client === null ? null : whileOpen(client.collect(request));
    },
    call(host, port, words) {
      const address = hostOf(world(), host)?.addresses[0];
      return address === undefined ? null : whileOpen(stranger.call({ address, port }, words));
    },
    close() {
      closing = true;
      return closeAll();
    },
  };
}

/** The domain in whose name a host writes to senders. */
const domainServedBy = ({ domains }: World, host: HostId): string =>
  domains.find(({ submission, exchangers }) => submission === host || exchangers.includes(host))?.name ?? host;

const sentenceOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function record(
  { recording = true, archives }: RoomOptions,
  folder: DataFolder,
  world: World,
  now: () => Date,
  { report }: Troubles,
): Promise<RoomRecorder> {
  return openRecorder({
    header: { mailscope: 1, title: world.name, createdAt: now().toISOString(), world: publicWorldOf(world) },
    file: folder.trace,
    recording,
    report,
    ...(archives !== undefined && { archives }),
  });
}
