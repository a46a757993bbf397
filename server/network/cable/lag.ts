/** How late things cross: slow cables, slow hosts, late replies. What is late keeps its order, and a jump of world time ends the wait. */

import type { Fault, FaultOf } from '../../../shared/faults/fault.ts';
import type { ConnectionId, Side } from '../../../shared/trace/event.ts';
import type { HostId } from '../../../shared/world/world.ts';
import type { WorldClock } from '../../base/clock.ts';
import type { FaultBook } from '../../base/faults.ts';

/** Octets of one side that may be under way before no more are read from it: a window, as TCP has one. */
const WINDOW = 65_536;
/** A narrow cable takes so much at a time, or a quarter of a second's worth where that is more. */
const SLICE = 512;

/** What the conversations of one network share. */
export interface LagSetting {
  readonly faults: FaultBook;
  readonly clock: WorldClock;
  /** When a cable is free again, by fault and direction, in milliseconds of world time. */
  readonly busy: Map<string, number>;
}

/** Whose way it is; a UDP exchange counts as a connection. */
export interface LagPlace {
  readonly connection: ConnectionId;
  readonly client: HostId;
  readonly server: HostId;
}

/** Milliseconds on top of what the cable and the host take, and why, in a few words. */
export interface Late {
  readonly milliseconds: number;
  readonly what: string;
}

/** One conversation's way between its two ends. */
export interface Lag {
  /** Whether nothing is late and nothing waits: what this side sends is there at once. */
  calm(from: Side): boolean;
  /** Calls `go` when so many octets of this side have arrived, behind everything it sent before. */
  pass(from: Side, octets: number, go: () => void, more?: Late): void;
  /** Calls `go` behind everything that this side sent before. */
  afterwards(from: Side, go: () => void): void;
  /** The same octets as pieces that a narrow cable takes one after the other. */
  slices(from: Side, chunk: Buffer): readonly Buffer[];
  /** No more should be read from this side for now. */
  full(from: Side): boolean;
  /** Something is under way, in either direction. */
  waits(): boolean;
  /** Nothing of it arrives any more. */
  close(): void;
}

interface Coming {
  readonly octets: number;
  readonly go: () => void;
  cancel: () => void;
}

/** What one side sent and has not arrived. */
interface Line {
  coming: Coming[];
  octets: number;
  /** Nothing arrives before what was sent before it. */
  last: number;
}

/** Whether the cable of this fault lies between the two, whichever is which. */
export const cableBetween =
  (one: HostId, other: HostId) =>
  ({ between: [a, b] }: FaultOf<'slow-cable'>): boolean =>
    (a === one && b === other) || (a === other && b === one);

export function createLag({ faults, clock, busy }: LagSetting, { connection, client, server }: LagPlace): Lag {
  const lines: Record<Side, Line> = {
    client: { coming: [], octets: 0, last: 0 },
    server: { coming: [], octets: 0, last: 0 },
  };
  let cable: FaultOf<'slow-cable'> | null = null;
  let slow: FaultOf<'host-slow'> | null = null;

  /** A fault strikes a conversation once and stays with it; one that is in force always may be edited or cleared meanwhile. */
  function inForce<Kind extends 'slow-cable' | 'host-slow'>(
    kind: Kind,
    matches: (fault: FaultOf<Kind>) => boolean,
    known: FaultOf<Kind> | null,
  ): FaultOf<Kind> | null {
    const before: Fault | null = known;
    if (before?.times === 'next') return known;
    const found = faults.find(kind, matches);
    const now: Fault | null = found;
    const same = now === null || now.id === before?.id;
    return same ? found : faults.strike(kind, matches, { host: server, connection });
  }
  function look(from: Side): void {
    cable = inForce('slow-cable', cableBetween(client, server), cable);
    if (from === 'server') slow = inForce('host-slow', fault => fault.host === server, slow);
  }
  const calm = (from: Side): boolean =>
    cable === null && slow === null && lines[from].coming.length === 0 && faults.list().length === 0;

  /** When so many octets arrive that this side sends now. */
  function arrival(from: Side, octets: number, now: number): number {
    look(from);
    const late = from === 'server' ? (slow?.milliseconds ?? 0) : 0;
    if (cable === null) return now + late;
    const { id, latency, bytesPerSecond } = cable;
    if (bytesPerSecond <= 0) return now + late + latency;
    const way = `${id} ${from === 'server' ? server : client}`;
    const through = Math.max(now + late, busy.get(way) ?? 0) + (octets / bytesPerSecond) * 1000;
    busy.set(way, through);
    return through + latency;
  }
  const reason = (): string =>
    cable === null ? `${server} is slow to answer` : `the cable between ${client} and ${server} is slow`;

  function wait(line: Line, octets: number, what: string, go: () => void): void {
    const coming: Coming = { octets, go, cancel: () => undefined };
    line.coming.push(coming);
    line.octets += octets;
    coming.cancel = clock.after(line.last - clock.now().getTime(), what, () => arrive(line, coming));
  }
  function arrive(line: Line, until: Coming): void {
    // Whoever is due takes along what was sent before it.
    for (let first = line.coming.shift(); first !== undefined; first = line.coming.shift()) {
      first.cancel();
      line.octets -= first.octets;
      first.go();
      if (first === until) return;
    }
  }

  return {
    calm,
    pass(from, octets, go, more) {
      const line = lines[from];
      const now = clock.now().getTime();
      line.last = Math.max(arrival(from, octets, now) + (more?.milliseconds ?? 0), line.last);
      if (line.coming.length === 0 && line.last <= now) {
        go();
        return;
      }
      wait(line, octets, more?.what ?? reason(), go);
    },
    afterwards(from, go) {
      const line = lines[from];
      if (line.coming.length === 0) go();
      else wait(line, 0, reason(), go);
    },
    slices(from, chunk) {
      look(from);
      if (cable === null || cable.bytesPerSecond <= 0) return [chunk];
      const size = Math.max(SLICE, Math.ceil(cable.bytesPerSecond / 4));
      return Array.from({ length: Math.ceil(chunk.length / size) }, (_, nth) =>
        chunk.subarray(nth * size, (nth + 1) * size),
      );
    },
    waits: () => lines.client.coming.length > 0 || lines.server.coming.length > 0,
    full: from => lines[from].octets > WINDOW,
    close() {
      for (const line of [lines.client, lines.server]) {
        for (const { cancel } of line.coming) cancel();
        line.coming = [];
        line.octets = 0;
      }
    },
  };
}
