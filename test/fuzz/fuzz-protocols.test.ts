/** A second of nonsense for each of the protocols; `npm run fuzz` goes on for longer. */
import { expect, test } from 'vitest';
import { fuzzDns, fuzzPop3, fuzzSmtp } from './protocols.ts';

test.each([
  ['SMTP', fuzzSmtp, 150],
  ['POP3', fuzzPop3, 150],
  ['DNS', fuzzDns, 300],
])(
  '%s: whatever is said, nothing breaks or stands still, and the next honest user is served',
  async (_, fuzz, times) => {
    const { served, longestStall } = await fuzz(times, 10);
    expect(served).toBeGreaterThan(3);
    expect(longestStall).toBeLessThan(200);
  },
);
