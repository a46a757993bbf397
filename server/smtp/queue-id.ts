/** The name a server gives a letter when it takes it: in its `250 … queued as`, its `Received:` field and its queue. */
import { randomBytes } from 'node:crypto';

/** Ten upper-case hexadecimal digits by chance: short enough to read aloud, and 40 bits are enough for the queues of one room. */
export const newQueueId = (): string => randomBytes(5).toString('hex').toUpperCase();
