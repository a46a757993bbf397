/** What is asked and answered about a room's world: its edits, its faults, its clock and its queues. */
import * as z from 'zod/mini';
import type { Fault, FaultWhat } from '../faults/fault.ts';
import { eachService } from '../protocols.ts';
import { type WorldEdit, worldEdit } from '../world/world-edit.ts';

const place = z.object({ host: z.string(), port: z.int() });

/** Where this machine's own mail programs reach the world's servers, and with which passwords. */
const connectFacts = z.object({
  ...eachService(() => place),
  users: z.readonly(z.array(z.object({ address: z.string(), user: z.string(), password: z.string() }))),
});
export type ConnectFacts = Readonly<z.infer<typeof connectFacts>>;

/** How far a world has been edited: members of whatever tells of it. `revision` rises with every change. */
export const edited = { revision: z.int(), canUndo: z.boolean(), canRedo: z.boolean() };

/**
 * The answer of GET /api/world, and of whatever edits it. `world` has no passwords. `connect` is null in a room that other programs
 * do not reach: a story's.
 */
export const worldAnswer = z.object({
  world: z.unknown(),
  ...edited,
  remarks: z.readonly(z.array(z.object({ path: z.string(), message: z.string() }))),
  connect: z.nullable(connectFacts),
});
export type WorldAnswer = Readonly<z.infer<typeof worldAnswer>>;

/**
 * The body of PUT /api/world. `edit`: what was changed; or `what`: one short sentence of the caller's own. `revision`: the world that it was made on; where it is another
 * by now, the edit is refused as `stale`.
 */
export const editRequest = z.object({
  world: z.unknown(),
  edit: z.exactOptional(worldEdit),
  what: z.exactOptional(z.string().check(z.minLength(1), z.maxLength(200))),
  revision: z.exactOptional(z.int()),
});
export type EditRequest = Readonly<Omit<z.infer<typeof editRequest>, 'edit'>> & { readonly edit?: WorldEdit };

/** The body of POST /api/faults. */
export type FaultRequest = FaultWhat & { readonly times: Fault['times'] };
export type FaultSet = { readonly id: string };

/** A month of world time at once, in seconds. */
export const LONGEST_ADVANCE = 31 * 24 * 3600;

/** The body of POST /api/clock; `advance` in seconds. */
export const moveRequest = z.union([
  z.object({ to: z.literal('next') }),
  z.object({ advance: z.number().check(z.positive(), z.maximum(LONGEST_ADVANCE)) }),
]);
export type MoveRequest = Readonly<z.infer<typeof moveRequest>>;

/** World time: `now` in ISO 8601; how far it has been moved on altogether, and what is waited for, in milliseconds and in a few words. */
export const clockAnswer = z.object({
  now: z.string(),
  jumped: z.number(),
  next: z.nullable(z.object({ in: z.number(), what: z.string() })),
});
export type ClockFacts = Readonly<z.infer<typeof clockAnswer>>;

/** The answer of GET /api/queue. */
export interface QueueAnswer {
  readonly entries: readonly {
    readonly host: string;
    readonly id: string;
    readonly messageId: string;
    readonly reversePath: string;
    /** Recipients that still wait. */
    readonly pending: readonly string[];
    readonly octets: number;
    readonly attempts: number;
    /** ISO 8601; null while it is not waited for. */
    readonly nextAt: string | null;
    readonly lastReason: string;
  }[];
}
/** The answer of POST /api/queue/flush: how many letters are tried. */
export type Flushed = { readonly tried: number };
