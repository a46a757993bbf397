/** The bodies of requests: read only so far, and counted in the budget of octets under way until what they asked for is done. */
import type { IncomingMessage } from 'node:http';
import { createOctetBudget, type OctetBudget } from '../../base/octet-budget.ts';
import { HttpError } from './answer.ts';

/** Octets of each body that are not counted: a letter of usual size finds room while somebody fills the budget with large ones. */
const UNCOUNTED = 64 * 1024;

/** Octets of all bodies at once, so that those of the API never take all that mail needs. */
const MOST_BODIES = 64 * 1024 * 1024;

export interface Bodies {
  /** A request's body, of at most `most` octets. Throws HttpError. */
  octets(request: IncomingMessage, most: number): Promise<Buffer>;
  /** The JSON of it. */
  json(request: IncomingMessage, most: number): Promise<unknown>;
  /** Keeps it counted until `work` is over, too. */
  keepUntil(request: IncomingMessage, work: Promise<unknown>): void;
  /** The request has been answered. */
  done(request: IncomingMessage): void;
}

interface Counted {
  octets: number;
  /** Those that still need it: the answer, and work that goes on. */
  users: number;
}

const full = (): HttpError =>
  new HttpError('busy', 'So much is under way that there is no room for this now; try again in a moment.', {
    'retry-after': '1',
    connection: 'close',
  });

export function createBodies(budget: OctetBudget): Bodies {
  const own = createOctetBudget(MOST_BODIES);
  const counted = new Map<IncomingMessage, Counted>();

  function reserve(octets: number): boolean {
    if (!own.reserve(octets)) return false;
    if (budget.reserve(octets)) return true;
    own.release(octets);
    return false;
  }

  /** Whoever has begun to fill it has room for all that they announced: many at once do not each come half the way. */
  function count(request: IncomingMessage, size: number, announced: number): void {
    if (size <= UNCOUNTED) return;
    const octets = Math.max(size, announced) - UNCOUNTED;
    const entry = counted.get(request) ?? { octets: 0, users: 1 };
    if (!reserve(octets - entry.octets)) throw full();
    entry.octets = octets;
    counted.set(request, entry);
  }

  function letGo(request: IncomingMessage): void {
    const entry = counted.get(request);
    if (entry === undefined) return;
    entry.users -= 1;
    if (entry.users > 0) return;
    counted.delete(request);
    own.release(entry.octets);
    budget.release(entry.octets);
  }

  async function octets(request: IncomingMessage, most: number): Promise<Buffer> {
    const tooLarge = () =>
      new HttpError('too-large', `The body may have at most ${most} octets.`, { connection: 'close' });
    const announced = Number(request.headers['content-length'] ?? 0);
    if (announced > most) throw tooLarge();
    let whole = Buffer.alloc(0);
    let size = 0;
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) {
        const next = size + chunk.length;
        if (next > most) throw tooLarge();
        count(request, next, announced);
        // Doubled, or as large as announced: copied a few times at most, and never twice at the end.
        if (next > whole.length) {
          const larger = Buffer.allocUnsafe(
            next <= UNCOUNTED ? 2 * next : Math.min(most, Math.max(announced, 2 * next)),
          );
          whole.copy(larger, 0, 0, size);
          whole = larger;
        }
        chunk.copy(whole, size);
        size = next;
      }
    } catch (error) {
      // Whoever asked went away in the middle; there is nobody to answer.
      throw error instanceof HttpError || !request.destroyed
        ? error
        : new HttpError('incomplete', 'The body broke off.');
    }
    return whole.subarray(0, size);
  }

  return {
    octets,
    async json(request, most) {
      const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
      if (type !== 'application/json')
        throw new HttpError('not-json', 'The body must be application/json.', { connection: 'close' });
      const body = await octets(request, most);
      try {
        return JSON.parse(body.toString('utf8'));
      } catch {
        throw new HttpError('bad-json', 'The body is not JSON.');
      }
    },
    keepUntil(request, work) {
      const entry = counted.get(request);
      if (entry === undefined) return;
      entry.users += 1;
      const over = (): void => letGo(request);
      work.then(over, over);
    },
    done: letGo,
  };
}
