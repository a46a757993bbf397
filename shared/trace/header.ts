/** The first line of a trace: what is needed to show it with nothing else at hand. */
import type { PublicWorld } from '../world/world.ts';

export interface TraceHeader {
  readonly mailscope: 1;
  readonly title: string;
  /** ISO 8601 with milliseconds, UTC: the wall-clock moment of wire time 0. */
  readonly createdAt: string;
  readonly world: PublicWorld;
}
