/** How often something may be asked for over HTTP; it is asked before a body is read, so that what is refused takes no memory. */
import { HttpError } from './answer.ts';
import { createTokenBucket, type Rate } from './token-bucket.ts';

/** `what` is many of it: "letters". Gives what throws HttpError 429 where it is too much. */
export function limitAsking({ burst, perSecond }: Rate, what: string): () => void {
  const bucket = createTokenBucket(burst, perSecond, () => performance.now());
  return () => {
    const wait = bucket.take();
    if (wait > 0)
      throw new HttpError('too-many-requests', `Too many ${what} at once; try again in a moment.`, {
        'retry-after': `${Math.ceil(wait / 1000)}`,
        connection: 'close',
      });
  };
}
