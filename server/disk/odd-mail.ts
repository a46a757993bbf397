/** Reports files among the letters of a data folder that are no letters: mailboxes skip them without a word. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError } from './durable.ts';
import { filesIn } from './folder.ts';
import type { Report } from './put-aside.ts';

/** Looks through every Maildir below mail/ and clients/ once. What cannot be looked into has been told by whoever opened it. */
export async function reportOddMail(root: string, report: Report): Promise<void> {
  for (const kind of ['mail', 'clients'])
    for (const owner of await quietly(readdir(join(root, kind))))
      for (const part of ['new', 'cur']) await quietly(filesIn(join(root, kind, owner, part), report));
}

const quietly = (looking: Promise<readonly string[]>): Promise<readonly string[]> =>
  looking.catch((error: unknown) => {
    if (!isSystemError(error)) throw error;
    return [];
  });
