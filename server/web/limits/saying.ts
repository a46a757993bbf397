/** How much and how often one WebSocket may say something: octets of any kind, and messages of each type. */
import type { Duplex } from 'node:stream';
import { createTokenBucket, type Rate, type TokenBucket } from './token-bucket.ts';

/** Fragments that a message may come in (RFC 6455 §5.4); a browser sends one. */
export const MOST_FRAGMENTS = 16;

/** Counts what comes by `raw`, frames and all, in the bucket that holds now; `tooMuch` is told each time there is no room in it. */
export function limitOctets(raw: Duplex, bucket: () => TokenBucket, tooMuch: () => void): void {
  raw.on('data', (chunk: Buffer) => {
    if (bucket().take(chunk.length) > 0) tooMuch();
  });
}

/** Whether a message of this type may come now. */
export function limitTypes<T extends string>(
  rates: Readonly<Record<T, Rate>>,
  now: () => number,
): (type: T) => boolean {
  const buckets = new Map<T, TokenBucket>();
  return type => {
    const { burst, perSecond } = rates[type];
    const bucket = buckets.get(type) ?? createTokenBucket(burst, perSecond, now);
    buckets.set(type, bucket);
    return bucket.take() === 0;
  };
}
