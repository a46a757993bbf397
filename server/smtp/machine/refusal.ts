/** What a client is answered where its letter could not be kept. */
import type { Verdict } from '../envelope.ts';

/** A disk that is full or out of reach is the outside's fault: try again later. Anything else is ours and must be seen. */
export function refusalFor(error: unknown): Verdict {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return { ok: false, code: 452, enhanced: '4.3.1', text: 'No room for this message now' };
  }
  // What says so never will: trying again would not help (RFC 3463 §3.4).
  if (code === 'entry-too-large') {
    return { ok: false, code: 552, enhanced: '5.3.4', text: 'The envelope is too large to be kept' };
  }
  if (typeof code !== 'string') {
    queueMicrotask(() => {
      throw error;
    });
  }
  return { ok: false, code: 451, enhanced: '4.3.0', text: 'The message could not be stored, try again later' };
}
