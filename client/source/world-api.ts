/** The requests that change the world itself: its facts, its faults, its clock and its queues; and a caller from outside it. */
import * as z from 'zod/mini';
import type { Fault, FaultWhat } from '../../shared/faults/fault.ts';
import { worldInHeader } from '../../shared/world/validate.ts';
import type { HostId, PublicWorld } from '../../shared/world/world.ts';
import { type Answer, ask, post } from './api.ts';

const worldAnswer = z.object({
  world: z.unknown(),
  revision: z.int(),
  canUndo: z.boolean(),
  canRedo: z.boolean(),
});
/** The world of now, wherever the viewer is in the story; `revision` rises with every change. */
export interface WorldFacts extends Omit<z.infer<typeof worldAnswer>, 'world'> {
  readonly world: PublicWorld;
}

function worldFacts(value: unknown): WorldFacts | null {
  const read = worldAnswer.safeParse(value);
  if (!read.success) return null;
  const world = worldInHeader(read.data.world);
  return world.ok ? { ...read.data, world: world.world } : null;
}

export const readWorld = (): Promise<Answer<WorldFacts>> => ask('/api/world', { cache: 'no-store' }, worldFacts);

/** `what`: the edit in one short sentence. `revision`: the world it was made on; another one by now is refused as `stale`. */
export const putWorld = (world: unknown, what: string, revision?: number): Promise<Answer<WorldFacts>> =>
  ask(
    '/api/world',
    { ...post({ world, what, ...(revision !== undefined && { revision }) }), method: 'PUT' },
    worldFacts,
  );
export const stepWorld = (which: 'undo' | 'redo' | 'reset'): Promise<Answer<WorldFacts>> =>
  ask(`/api/world/${which}`, post({}), worldFacts);

const done = (): true => true;

export const setFault = (what: FaultWhat, times: Fault['times']): Promise<Answer<true>> =>
  ask('/api/faults', post({ ...what, times }), done);
/** Null clears all. */
export const clearFault = (id: string | null): Promise<Answer<true>> =>
  ask(id === null ? '/api/faults' : `/api/faults/${encodeURIComponent(id)}`, { method: 'DELETE' }, done);

const clockAnswer = z.object({
  now: z.string(),
  jumped: z.number(),
  next: z.nullable(z.object({ in: z.number(), what: z.string() })),
});
/** World time; `jumped` and `in` in milliseconds, `what` is waited for in a few words. */
export type ClockFacts = z.infer<typeof clockAnswer>;
const clockFacts = (value: unknown): ClockFacts | null => {
  const read = clockAnswer.safeParse(value);
  return read.success ? read.data : null;
};
export const readClock = (): Promise<Answer<ClockFacts>> => ask('/api/clock', { cache: 'no-store' }, clockFacts);
/** `advance` in seconds. Answered once what came due has settled. */
export const moveClock = (to: { readonly advance: number } | { readonly to: 'next' }): Promise<Answer<ClockFacts>> =>
  ask('/api/clock', post(to), clockFacts);

/** Has every queue try now what it was going to try later. */
export const flushQueues = (): Promise<Answer<true>> => ask('/api/queue/flush', post({}), done);

export interface StrangersCall {
  readonly server: HostId;
  readonly port: 25 | 587;
  readonly helo?: string;
  readonly mailFrom: string;
  readonly rcptTo: readonly string[];
  /** The letter, header and body. `raw`: its lines end as they were typed, and nothing is stuffed. */
  readonly data?: string;
  readonly raw?: boolean;
  readonly login?: { readonly user: string; readonly password: string };
}
export const callAsStranger = (call: StrangersCall): Promise<Answer<true>> => ask('/api/strangers', post(call), done);
