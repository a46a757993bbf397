/** Where a fault strikes in the octets that are about to cross: what still crosses before it, and what becomes of the connection. */

import type { Fault, FaultOf } from '../../shared/faults/fault.ts';
import type { LineAt, LineVerb } from '../../shared/faults/fields.ts';
import type { ConnectionId, Side } from '../../shared/trace/event.ts';
import { assertNever, type HostId } from '../../shared/world/world.ts';
import type { FaultBook } from '../faults.ts';
import type { Part } from './follow.ts';
import type { Late } from './lag.ts';

/** A line longer than this is no longer waited for. */
const LONGEST_LINE = 16_384;

/** `fin`: both ends find it closed. `reset`: both find it broken off. `silence`: nothing crosses any more, and nobody is told. */
export type Blow = 'fin' | 'reset' | 'silence';

/** What crosses now, in whole or not at all, and whether it was the last. */
interface Crossing {
  readonly bytes: Buffer;
  readonly blow: Blow | null;
}

export interface Striker {
  /** Looks at what is about to cross. A line that may be struck waits here until it is whole. */
  meet(side: Side, chunk: Buffer, parts: readonly Part[]): Crossing;
  /** What waits of this side goes on its way after all: nothing more will come. */
  leftover(side: Side): Buffer;
  /** The reply that a part begins comes so much later, in milliseconds; null where it does not. */
  delay(part: Part): Late | null;
}

type LineFault = FaultOf<'delay' | 'drop' | 'reset' | 'cut' | 'stall' | 'lose-reply'>;

const strikesLines = (fault: Fault): fault is LineFault =>
  fault.kind === 'drop' ||
  fault.kind === 'reset' ||
  fault.kind === 'cut' ||
  fault.kind === 'stall' ||
  fault.kind === 'lose-reply' ||
  fault.kind === 'delay';

export function createStriker(
  faults: FaultBook,
  place: {
    readonly connection: ConnectionId;
    readonly client: HostId;
    readonly server: HostId;
    readonly port: number;
  },
): Striker {
  const { connection, client, server, port } = place;
  const where = { host: server, connection };
  const kept: Record<Side, Buffer> = { client: Buffer.alloc(0), server: Buffer.alloc(0) };

  const here = ({ at }: { readonly at: LineAt }): boolean =>
    at.server === server && at.port === port && (at.client === undefined || at.client === client);
  const says =
    (verbs: readonly LineVerb[]) =>
    (fault: { readonly at: LineAt }): boolean =>
      verbs.includes(fault.at.verb) && here(fault);

  /** The blow that a part gets and the octets of it that cross before; null where it gets none. */
  function blowOn({ kind, verbs, bytes, offset }: Part): { readonly after: number; readonly blow: Blow } | null {
    switch (kind) {
      case 'line':
        if (faults.strike('drop', says(verbs), where)) return { after: 0, blow: 'fin' };
        return faults.strike('reset', says(verbs), where) ? { after: 0, blow: 'reset' } : null;
      case 'reply': {
        // The banner is the only line of a server that is struck as such; every other is struck as an answer.
        const banner = verbs.filter(verb => verb === 'GREETING');
        if (faults.strike('drop', says(banner), where)) return { after: 0, blow: 'fin' };
        if (faults.strike('reset', says(banner), where)) return { after: 0, blow: 'reset' };
        return faults.strike('lose-reply', says(verbs), where) ? { after: 0, blow: 'reset' } : null;
      }
      case 'content': {
        const reached = (fault: FaultOf<'cut' | 'stall'>): boolean =>
          here(fault) && fault.octets <= offset + bytes.length;
        const cut = faults.strike('cut', reached, where);
        if (cut) return { after: Math.max(0, cut.octets - offset), blow: 'reset' };
        const stall = faults.strike('stall', reached, where);
        return stall ? { after: Math.max(0, stall.octets - offset), blow: 'silence' } : null;
      }
      case 'begun':
      case 'rest':
        return null;
      default:
        return assertNever(kind);
    }
  }

  return {
    meet(side, chunk, parts) {
      const watching = faults.list().some(fault => strikesLines(fault) && here(fault));
      if (!watching && kept[side].length === 0) return { bytes: chunk, blow: null };
      const before = kept[side];
      kept[side] = Buffer.alloc(0);
      const whole = before.length === 0 ? chunk : Buffer.concat([before, chunk]);
      let crossed = 0;
      for (const [nth, part] of parts.entries()) {
        const waited = nth === 0 ? before.length : 0;
        const bytes = whole.subarray(crossed, crossed + waited + part.bytes.length);
        if (part.kind === 'begun' && watching && bytes.length <= LONGEST_LINE) {
          kept[side] = bytes;
          break;
        }
        const struck = watching ? blowOn({ ...part, bytes, offset: part.offset - waited }) : null;
        if (struck) return { bytes: whole.subarray(0, crossed + struck.after), blow: struck.blow };
        crossed += bytes.length;
      }
      return { bytes: whole.subarray(0, crossed), blow: null };
    },
    leftover(side) {
      const left = kept[side];
      kept[side] = Buffer.alloc(0);
      return left;
    },
    delay({ kind, verbs }) {
      const fault = kind === 'reply' ? faults.strike('delay', says(verbs), where) : null;
      if (fault === null) return null;
      const { milliseconds, at } = fault;
      return {
        milliseconds,
        what: `${at.server} is late with ${at.verb === 'GREETING' ? 'its greeting' : `its answer to ${at.verb}`}`,
      };
    },
  };
}
