/** What a room is opened with, and what people outside may ask of it. */
import type { HostId, PublicWorld, RetryPolicy, World } from '../../shared/world/world.ts';
import type { WorldEdit } from '../../shared/world/world-edit.ts';
import type { WorldClock } from '../base/clock.ts';
import type { OctetBudget } from '../base/octet-budget.ts';
import type { CollectWishes } from '../mail-client/collector.ts';
import type { Draft } from '../mail-client/draft.ts';
import type { UnsentLetter } from '../mail-client/outbox.ts';
import type { Exchange } from '../mail-client/stranger.ts';
import type { StrangerWords } from '../mail-client/stranger-call.ts';
import type { RoomNetwork } from '../network/network.ts';
import type { CollectOutcome } from '../pop3/client.ts';
import type { Queue } from '../queue/queue.ts';
import type { RoomRecorder } from '../record/recorder.ts';
import type { Journey } from './journey.ts';
import type { OutsideServers } from './outside.ts';
import type { Ports, Published } from './publish.ts';
import type { Recording } from './recording.ts';
import type { LivingWorld } from './world/living-world.ts';

export interface RoomOptions {
  readonly world: World;
  /** Folder to keep mail, queue, traces and edits of the world in; null keeps nothing beyond the room. */
  readonly data: string | null;
  /** Where servers are offered to other programs on this machine; null: nowhere. */
  readonly ports: Ports | null;
  /** How it is recorded; default whole. */
  readonly recording?: Recording;
  /** In place of the world's own. */
  readonly retry?: Partial<RetryPolicy>;
  /** Real servers of this machine that take the place of the world's; default none. */
  readonly outside?: OutsideServers;
  readonly now?: () => Date;
  /** Octets under way, shared with whatever else the process does; default: a budget of its own. */
  readonly budget?: OctetBudget;
  /** Octets that the finished traces in `data` may take together; default 200 million. */
  readonly archives?: number;
  /** Letters that each queue tries at once, default 4; one after the other goes the same way every time. */
  readonly abreast?: number;
  /** Something went wrong outside that does not stop the room: one sentence. */
  readonly onTrouble?: (sentence: string) => void;
}

export interface Room {
  /** As they are now. */
  readonly world: World;
  readonly publicWorld: PublicWorld;
  readonly living: LivingWorld;
  /** Makes a validated world the one of now; resolves when its servers run. Rejects as the data folder does. */
  change(next: World, made: WorldEdit): Promise<void>;
  /** Resolves when what runs is what the world of now says. */
  follow(): Promise<void>;
  readonly recorder: RoomRecorder;
  readonly brake: RoomNetwork['brake'];
  readonly published: Published | null;
  readonly clock: WorldClock;
  /** Moves world time on, in milliseconds or to what comes next; resolves when what came due has settled. */
  advance(by: number | 'next'): Promise<void>;
  queues(): ReadonlyMap<HostId, Queue>;
  /** True while no mail client is under way and no queue tries a letter. */
  isIdle(): boolean;
  /** The user's mail client submits the letter; null where the world has no such user. `collect`: whoever it reaches fetches it then. */
  send(
    draft: Draft,
    options?: { readonly collect?: boolean },
  ): { readonly id: string; readonly finished: Promise<Journey> } | null;
  /** Letters that the user's mail client could not hand over; null where the world has no such user. Rejects with the file system's error. */
  unsent(address: string): Promise<readonly UnsentLetter[]> | null;
  /** Tells whenever some client may have other unsent letters than before; returns how to stop. */
  onOutboxChange(listener: () => void): () => void;
  /** Tries one of them again; null where the world has no such user. */
  resend(address: string, id: string): Promise<unknown> | null;
  /** The user's mail client fetches the mail; null where the world has no such user. */
  collect(address: string, request?: CollectWishes): Promise<CollectOutcome> | null;
  /** Somebody from outside calls a server; null where the world has no such host. */
  call(host: HostId, port: number, words: StrangerWords): Promise<readonly Exchange[]> | null;
  close(): Promise<void>;
}
