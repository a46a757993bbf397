/** Says what lies among the letters of a data folder and is none: mailboxes step over it, and nobody would ever hear of it. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError } from './durable.ts';
import { filesIn } from './folder.ts';
import type { Report } from './put-aside.ts';

/** Looks through every Maildir below mail/ and clients/ once. What cannot be looked into has been told by whoever opened it. */
export async function sayOddMail(root: string, report: Report): Promise<void> {
  for (const kind of ['mail', 'clients'])
    for (const owner of await quietly(readdir(join(root, kind))))
      for (const part of ['new', 'cur']) await quietly(filesIn(join(root, kind, owner, part), report));
}

const quietly = (looking: Promise<readonly string[]>): Promise<readonly string[]> =>
  looking.catch((error: unknown) => {
    if (!isSystemError(error)) throw error;
    return [];
  });
