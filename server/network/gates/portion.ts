/** A part of a chunk, with what its octets are. */
import type { Span } from '../../../shared/decode/span.ts';
import { assertNever } from '../../../shared/world/world.ts';
import type { Crossing } from './gate.ts';

/** What is left of a span in the octets from `from` to `to`, counted from `from`. */
function cutSpan(span: Span, from: number, to: number): Span {
  const begins = span.from >= from;
  const whole = span.to <= to;
  const range = { from: Math.max(span.from, from) - from, to: Math.min(span.to, to) - from };
  switch (span.kind) {
    case 'verb':
    case 'argument':
    case 'secret':
      return { ...span, ...range, first: span.first && begins, ends: span.ends && whole };
    case 'reply':
      return { ...span, ...range, first: span.first && begins, ends: span.ends && whole, last: span.last && whole };
    case 'content':
      return { ...span, ...range, offset: span.offset + Math.max(0, from - span.from), ends: span.ends && whole };
    case 'end':
      return { kind: whole ? 'end' : 'undecided', ...range };
    case 'undecided':
    case 'opaque':
      return { ...span, ...range };
    default:
      return assertNever(span);
  }
}

export function portionOf(crossing: Crossing, from: number, to: number): Crossing {
  const { side, bytes, spans } = crossing;
  if (from === 0 && to === bytes.length) return crossing;
  const within = spans.filter(span => span.from < to && span.to > from);
  return { side, bytes: bytes.subarray(from, to), spans: within.map(span => cutSpan(span, from, to)) };
}
