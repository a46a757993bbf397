/** A room: one world that runs, its trace, and what people outside may ask of it. Here it is put together. */

import { createOctetBudget } from '../base/octet-budget.ts';
import { openIn } from '../disk/data-folder.ts';
import { sayOddMail } from '../disk/odd-mail.ts';
import { createIntake } from '../smtp/machine/intake.ts';
import { advance } from './advance.ts';
import { carryOver } from './carry-over.ts';
import { createMailClients } from './clients.ts';
import type { Room, RoomOptions } from './contract.ts';
import { openFoundation } from './foundation.ts';
import { withOutsiders } from './outside.ts';
import { createPower } from './power.ts';
import { type Publisher, publishServers } from './publish.ts';
import { openQueueAt } from './queues.ts';
import { createRequests } from './requests.ts';
import { type Closers, createClosers } from './running/closers.ts';
import { createInTurn } from './running/in-turn.ts';
import { noteLulls } from './running/lull.ts';
import { publicWorldOf } from './world/living-world.ts';

export type { Room, RoomOptions };

/** Starts everything. Rejects with DataFolderError or PortError for what the outside got wrong; nothing is left running then. */
export async function openRoom(options: RoomOptions): Promise<Room> {
  const closers = createClosers();
  try {
    return await start(options, closers);
  } catch (error) {
    await closers.closeAll();
    throw error;
  }
}

async function start(options: RoomOptions, closers: Closers): Promise<Room> {
  const { ports, abreast, onTrouble = () => undefined, budget = createOctetBudget() } = options;
  const foundation = await openFoundation(options, closers);
  const { folder, outside, recorder, living, clock, underway, network, mailboxes, report } = foundation;
  const { faults, now: world } = living;
  const ground = { world, network, recorder, clock, faults, mailboxes, budget };
  const queuesOptions = { ...ground, folder, outside, report, ...(abreast !== undefined && { abreast }) };
  const power = createPower({
    ground: { ...ground, beyond: outside !== null, intake: createIntake(budget) },
    openQueue: (host, home) => openIn(folder, openQueueAt(queuesOptions, host, home)),
  });
  closers.add(() => power.close());
  const clients = createMailClients({ world, folder, network, recorder, clock, faults, onTrouble: report });
  let publisher: Publisher | null = null;
  const follow = createInTurn(async () => {
    await openIn(folder, mailboxes.ensure());
    await openIn(folder, clients.ensure());
    await power.follow();
    await publisher?.follow();
  });
  await follow();
  const lookedThrough = folder.trace === null ? null : sayOddMail(folder.path, report);
  closers.add(() => lookedThrough);
  closers.add(
    living.onChange(() => {
      if (!underway.isClosing) underway.watch(follow()).catch((error: unknown) => onTrouble(sentenceOf(error)));
    }),
  );
  closers.add(carryOver(recorder, mailboxes, power));
  closers.add(noteLulls(recorder));
  const { stop, ...requests } = createRequests({ world, clients, network, recorder, clock, underway });
  closers.add(stop);
  if (ports !== null)
    publisher = await publishServers({ world, network, ports, serviceOf: power.serviceOf, onTrouble });
  const isIdle = (): boolean => underway.isEmpty() && [...power.queues().values()].every(queue => queue.isIdle());

  return {
    ...requests,
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
    get published() {
      return publisher?.published ?? null;
    },
    clock,
    advance: by => advance({ clock, recorder, isIdle }, by),
    queues: power.queues,
    isIdle,
    close() {
      underway.beginClosing();
      return closers.closeAll();
    },
  };
}

const sentenceOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
