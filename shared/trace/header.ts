/** The first line of a trace: what is needed to show it with nothing else at hand. */
import type { World } from '../world/world.ts';

/** Passwords never leave the machine that runs the world, so a trace's world has none. */
export type PublicWorld = Omit<World, 'users'> & {
  readonly users: readonly Omit<World['users'][number], 'password'>[];
};

export interface TraceHeader {
  readonly mailscope: 1;
  readonly title: string;
  /** ISO 8601 with milliseconds, UTC: the wall-clock moment of wire time 0. */
  readonly createdAt: string;
  readonly world: PublicWorld;
}
