/** What a mail client tells the person in front of it when something did not work. Pure. */
import type { RecipientOutcome } from '../smtp/send.ts';

/** Nobody was there to take the letter. `reason` is a sentence. */
export const notSent = (reason: string): string => `${reason} The letter waits in the outbox.`;

/**
 * The recipients who do not get the letter, those with the same reason together. `perhaps`: the connection was lost before the
 * answer, so that they may get it all the same (RFC 5321 §4.2.5).
 */
export function notTaken(refused: readonly RecipientOutcome[], perhaps: boolean): string {
  const byReason = new Map<string, string[]>();
  for (const { recipient, reason } of refused) byReason.set(reason, [...(byReason.get(reason) ?? []), recipient]);
  const reasons = [...byReason].map(([reason, recipients]) => `${recipients.join(', ')}: ${reason}`).join('; ');
  return `${reasons.replace(/\.$/, '')}. The letter waits in the outbox${perhaps ? ', though the server may have taken it all the same' : ''}.`;
}

/** `deleted`: how many were marked before the line broke. */
export const brokenOff = (deleted: number): string =>
  `The connection was broken off before QUIT, so the server removes nothing${
    deleted === 0
      ? ''
      : `: ${deleted} ${deleted === 1 ? 'message' : 'messages'} marked as deleted will be there next time`
  }.`;

/** The password with its last character wrong, as a slip of the finger has it: never the same, and as long in characters. */
export function mistyped(password: string): string {
  const characters = Array.from(password);
  const last = characters.pop();
  return [...characters, last === 'x' ? 'y' : 'x'].join('');
}
