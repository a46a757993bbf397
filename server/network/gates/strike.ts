/** The gate where faults strike: at the octet that begins a line, or in the middle of a letter; what came before it has crossed. */
import type { Span } from '../../../shared/decode/span.ts';
import type { Fault, FaultOf } from '../../../shared/faults/fault.ts';
import type { Side } from '../../../shared/trace/event.ts';
import type { Blow, CreateGate, Crossing } from './gate.ts';
import { createMoments } from './moments.ts';

/** Octets of which nobody can tell what they are wait for more; more than so many do not. */
const MOST_UNDECIDED = 16_384;

type LineFault = FaultOf<'delay' | 'drop' | 'reset' | 'cut' | 'stall' | 'lose-reply'>;

const strikesLines = (fault: Fault): fault is LineFault =>
  fault.kind === 'drop' ||
  fault.kind === 'reset' ||
  fault.kind === 'cut' ||
  fault.kind === 'stall' ||
  fault.kind === 'lose-reply' ||
  fault.kind === 'delay';

/** Whether only more octets say what is struck here. */
function isUndecided(side: Side, span: Span): boolean {
  switch (span.kind) {
    case 'verb':
    case 'argument':
    case 'secret':
      return span.command === null && span.role === 'command';
    case 'reply':
      return span.answers === null;
    case 'undecided':
      return side === 'client';
    default:
      return false;
  }
}

export const strikeGate: CreateGate = (place, { faults }) => {
  const where = { host: place.to.host, connection: place.connection };
  const moments = createMoments(place);
  const kept: Record<Side, Buffer> = { client: Buffer.alloc(0), server: Buffer.alloc(0) };

  let closed = false;

  const takeKept = (side: Side): Buffer => {
    const bytes = kept[side];
    kept[side] = Buffer.alloc(0);
    return bytes;
  };

  /** The blow that a span gets, `waited` octets of the same thing before it, and how many of all those cross before; null where it gets none. */
  function blowOn(side: Side, span: Span, waited: number): { readonly after: number; readonly blow: Blow } | null {
    if (span.kind === 'content') {
      if (side === 'server' || span.to === span.from) return null;
      const offset = span.offset - waited;
      const reached = (fault: FaultOf<'cut' | 'stall'>): boolean =>
        moments.isHere(fault) && fault.octets <= span.offset + span.to - span.from;
      const cut = faults.strike('cut', reached, where);
      if (cut) return { after: Math.max(0, cut.octets - offset), blow: 'reset' };
      const stall = faults.strike('stall', reached, where);
      return stall ? { after: Math.max(0, stall.octets - offset), blow: 'silence' } : null;
    }
    const answered = side === 'server' ? moments.ofReply(span) : [];
    // The banner is the only line of a server that is struck as such; every other is struck as an answer.
    const lines = side === 'client' ? moments.ofLine(span) : answered.filter(moment => moment === 'GREETING');
    if (lines.length > 0 && faults.strike('drop', moments.isAt(lines), where)) return { after: 0, blow: 'fin' };
    if (lines.length > 0 && faults.strike('reset', moments.isAt(lines), where)) return { after: 0, blow: 'reset' };
    if (answered.length === 0 || !faults.strike('lose-reply', moments.isAt(answered), where)) return null;
    return { after: 0, blow: 'reset' };
  }

  function meet({ side, bytes, spans }: Crossing, pass: (bytes: Buffer) => void): void {
    const before = takeKept(side);
    const whole = before.length === 0 ? bytes : Buffer.concat([before, bytes]);
    /** Where that begins of which nobody can tell yet what it is. */
    let undecided = before.length === 0 ? null : 0;
    for (const span of spans) {
      const from = undecided ?? span.from + before.length;
      if (isUndecided(side, span)) {
        undecided = from;
        continue;
      }
      undecided = null;
      const struck = blowOn(side, span, span.from + before.length - from);
      if (struck === null) continue;
      pass(whole.subarray(0, from + struck.after));
      place.strike(struck.blow);
      return;
    }
    const crossing = undecided === null || whole.length - undecided > MOST_UNDECIDED ? whole.length : undecided;
    kept[side] = whole.subarray(crossing);
    pass(whole.subarray(0, crossing));
  }

  return {
    pass(crossing, next) {
      if (closed) return;
      const { side } = crossing;
      const pass = (bytes: Buffer): void => {
        if (bytes.length > 0) next({ side, bytes, spans: [] });
      };
      if (faults.list().some(fault => strikesLines(fault) && moments.isHere(fault))) meet(crossing, pass);
      else if (kept[side].length === 0) next(crossing);
      else pass(Buffer.concat([takeKept(side), crossing.bytes]));
    },
    end(side, next) {
      const bytes = takeKept(side);
      next(closed || bytes.length === 0 ? null : { side, bytes, spans: [] });
    },
    full: () => false,
    waits: () => false,
    close() {
      closed = true;
    },
  };
};
