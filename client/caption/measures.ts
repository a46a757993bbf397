/** Times and sizes as a person reads them. */
import type { WireTime } from '../../shared/trace/event.ts';

/** "12.4 ms", or "3.20 s": since the trace began. */
export const wireClock = (at: WireTime): string =>
  at < 1_000_000 ? `${(at / 1000).toFixed(1)} ms` : `${(at / 1_000_000).toFixed(2)} s`;

export const bytesText = (octets: number): string => (octets === 1 ? '1 byte' : `${octets.toLocaleString('en')} bytes`);

const UNITS = [
  [86_400, 'day', 'days'],
  [3600, 'h', 'h'],
  [60, 'min', 'min'],
  [1, 's', 's'],
] as const;

/** Seconds in their two largest units: "4 h 15 min", "5 days", "40 s". */
export function spanText(seconds: number): string {
  let rest = Math.max(0, Math.round(seconds));
  const parts: string[] = [];
  for (const [size, one, many] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count} ${count === 1 ? one : many}`);
    else if (parts.length > 0) break;
  }
  return parts.length === 0 ? '0 s' : parts.slice(0, 2).join(' ');
}
