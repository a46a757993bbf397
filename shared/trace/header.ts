/** The first line of a trace: what is needed to show it with nothing else at hand. */
import type { PublicWorld } from '../world/world.ts';
import type { WireTime } from './event.ts';

export interface TraceHeader {
  readonly mailscope: 1;
  readonly title: string;
  /** ISO 8601 with milliseconds, UTC: the wall-clock moment of wire time 0. */
  readonly createdAt: string;
  readonly world: PublicWorld;
}

/**
 * "09:42:07": the wall clock at a moment of wire time, UTC, as a Received: field of these servers has it, so that one trace has
 * one picture in every time zone; '' where that is no moment of any calendar.
 */
export function wallClock(createdAt: string, at: WireTime): string {
  const moment = new Date(Date.parse(createdAt) + at / 1000);
  return Number.isNaN(moment.getTime()) ? '' : moment.toISOString().replace(/^.*T(.{8}).*$/, '$1');
}
