/** What a mail client tells the person in front of it when something did not work, and how it mistypes a password. Pure. */
import type { Cause, Refusals } from '../../shared/trace/cause.ts';
import type { RecipientOutcome } from '../smtp/client/send.ts';

/**
 * The recipients who do not get the letter, those with the same cause together. `perhaps`: the connection was lost before the
 * answer, so that they may get it all the same (RFC 5321 §4.2.5).
 */
export function notTaken(refused: readonly RecipientOutcome[], perhaps: boolean): Cause {
  const groups = new Map<string, Refusals & { readonly recipients: string[] }>();
  for (const { recipient, cause: because } of refused) {
    const key = JSON.stringify(because);
    const group = groups.get(key) ?? { recipients: [], because };
    group.recipients.push(recipient);
    groups.set(key, group);
  }
  return { code: perhaps ? 'perhaps-taken' : 'not-taken', refusals: [...groups.values()] };
}

/** The password with its last character wrong, as a slip of the finger has it: never the same, and as long in characters. */
export function mistyped(password: string): string {
  const characters = Array.from(password);
  const last = characters.pop();
  return [...characters, last === 'x' ? 'y' : 'x'].join('');
}
