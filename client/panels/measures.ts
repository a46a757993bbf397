/** Times and sizes as a person reads them. */
import type { WireTime } from '../../shared/trace/event.ts';

/** "12.4 ms", or "3.20 s": since the trace began. */
export const wireClock = (at: WireTime): string =>
  at < 1_000_000 ? `${(at / 1000).toFixed(1)} ms` : `${(at / 1_000_000).toFixed(2)} s`;

export const bytesText = (octets: number): string => (octets === 1 ? '1 byte' : `${octets.toLocaleString('en')} bytes`);
