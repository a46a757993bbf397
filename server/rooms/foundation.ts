/** What a room stands on: its folder, its record, its world, its clock, its network and its mailboxes, opened in that order. */
import type { World } from '../../shared/world/world.ts';
import { createWorldClock, type WorldClock } from '../base/clock.ts';
import { type DataFolder, openDataFolder, openIn } from '../disk/data-folder.ts';
import type { Report } from '../disk/put-aside.ts';
import { createNetwork, type RoomNetwork } from '../network/network.ts';
import type { RoomRecorder } from '../record/recorder.ts';
import { createTroubles } from '../record/troubles.ts';
import type { RoomOptions } from './contract.ts';
import { type Mailboxes, openMailboxes } from './mail/mailboxes.ts';
import { type OutsideServers, outsideFor, withOutsiders } from './outside.ts';
import { wholeRecording } from './recording.ts';
import type { Closers } from './running/closers.ts';
import { createUnderway, type Underway } from './running/underway.ts';
import { createWorldKeeper, keptWorld } from './world/kept-world.ts';
import { createLivingWorld, type LivingWorld, publicWorldOf } from './world/living-world.ts';

export interface Foundation {
  readonly folder: DataFolder;
  /** Real servers of this machine; null: none. */
  readonly outside: OutsideServers | null;
  readonly recorder: RoomRecorder;
  readonly living: LivingWorld;
  readonly clock: WorldClock;
  readonly underway: Underway;
  readonly network: RoomNetwork;
  readonly mailboxes: Mailboxes;
  /** Records what went wrong with a file, by its name in the folder. */
  readonly report: Report;
}

function outsideOf({ outside }: RoomOptions): OutsideServers | null {
  const { resolver = null, mxPort = null } = outside ?? {};
  return resolver === null && mxPort === null ? null : { resolver, mxPort };
}

/** Rejects with DataFolderError; what has been opened by then is in `closers`. */
export async function openFoundation(options: RoomOptions, closers: Closers): Promise<Foundation> {
  const machineNow = options.now ?? (() => new Date());
  const troubles = createTroubles(options.onTrouble ?? (() => undefined));
  const outside = outsideOf(options);
  const folder = await openDataFolder(options.data);
  closers.add(() => folder.close());
  const report: Report = trouble =>
    troubles.report(trouble.file === undefined ? trouble : { ...trouble, file: folder.nameOf(trouble.file) });
  const retry = { ...options.world.retry, ...options.retry };
  const given: World = withOutsiders({ ...options.world, retry }, outside);
  const first = await openIn(folder, keptWorld(folder.world, given, report));
  const { recording = wholeRecording, archives } = options;
  const recorder = await openIn(
    folder,
    recording.open({
      header: {
        mailscope: 1,
        title: first.name,
        createdAt: machineNow().toISOString(),
        world: publicWorldOf(first),
      },
      file: folder.trace,
      report: troubles.report,
      ...(archives !== undefined && { archives }),
    }),
  );
  closers.add(() => recorder.close());
  const begins = recorder.length === 0;
  troubles.recordIn(recorder);
  const keeper = createWorldKeeper(folder.world, given, report);
  closers.add(() => keeper.close());
  const living = createLivingWorld({ given, now: first, recorder, keep: keeper.keep });
  const { faults, now: world } = living;
  const clock = createWorldClock({
    now: machineNow,
    jumped: recorder.jumped / 1000,
    onJump: milliseconds => recorder.append({ kind: 'clock.jumped', by: Math.round(milliseconds * 1000) }),
  });
  closers.add(() => clock.close());
  // What the mail clients do ends when everything they talk to has ended, and may still be recorded and written.
  const underway = createUnderway();
  closers.add(() => underway.settled());
  const network = createNetwork({
    world,
    recorder,
    faults,
    clock,
    first: recorder.next,
    tap: recording.tapFor(recorder),
    ...(outside !== null && { outside: outsideFor(outside) }),
  });
  closers.add(() => network.close());
  const mailboxes = await openIn(folder, openMailboxes(world, folder, recorder));
  closers.add(() => mailboxes.close());
  if (begins) mailboxes.recordFound();
  return { folder, outside, recorder, living, clock, underway, network, mailboxes, report };
}
