/** The gate of what is late: slow cables and hosts, and replies that a fault delays. What is late keeps its order. */
import type { Span } from '../../../shared/decode/span.ts';
import { createLag, type Late } from '../cable/lag.ts';
import type { CreateGate, Crossing } from './gate.ts';
import { createMoments } from './moments.ts';
import { portionOf } from './portion.ts';

export const lagGate: CreateGate = (place, setting) => {
  const { connection, from, to } = place;
  const { faults } = setting;
  const moments = createMoments(place);
  const lag = createLag(setting, { connection, client: from.host, server: to.host });

  /** The reply that this span begins comes so much later; null where it does not. */
  function delayOf(span: Span): Late | null {
    const answered = moments.ofReply(span);
    if (answered.length === 0) return null;
    const fault = faults.strike('delay', moments.isAt(answered), { host: to.host, connection });
    if (fault === null) return null;
    const { milliseconds, at } = fault;
    const what = at.verb === 'GREETING' ? 'its greeting' : `its answer to ${at.verb}`;
    return { milliseconds, what: `${at.server} is late with ${what}` };
  }

  function send(crossing: Crossing, late: Late | undefined, next: (crossing: Crossing) => void): void {
    const { side, bytes } = crossing;
    if (late === undefined && lag.calm(side)) next(crossing);
    else lag.pass(side, bytes.length, () => next(crossing), late);
  }

  /** A reply that is late begins a piece of its own. */
  function sendReplies(crossing: Crossing, next: (crossing: Crossing) => void): void {
    let begun = 0;
    let late: Late | undefined;
    for (const span of crossing.spans) {
      const delay = delayOf(span);
      if (delay === null) continue;
      if (span.from > begun) send(portionOf(crossing, begun, span.from), late, next);
      begun = span.from;
      late = delay;
    }
    send(portionOf(crossing, begun, crossing.bytes.length), late, next);
  }

  function sliced(crossing: Crossing): readonly Crossing[] {
    if (lag.calm(crossing.side)) return [crossing];
    let at = 0;
    return lag.slices(crossing.side, crossing.bytes).map(({ length }) => {
      at += length;
      return portionOf(crossing, at - length, at);
    });
  }

  return {
    pass(crossing, next) {
      for (const slice of sliced(crossing)) {
        if (slice.side === 'client' || faults.list().length === 0) send(slice, undefined, next);
        else sendReplies(slice, next);
      }
    },
    end: (side, next) => lag.afterwards(side, () => next(null)),
    full: lag.full,
    waits: lag.waits,
    close: lag.close,
  };
};
