/** Takes the permissions of others away from a data folder that an earlier version, or a person, left open. */
import { chmod, lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';

const OURS = /^(?:lock|mail|clients|queue|traces|current\.trace\.ndjson|world\.)/;
/** A Maildir of 50,000 letters must not keep everybody else waiting. */
const A_TURN = 200;

/**
 * Makes everything of ours in it private. A folder is done after what lies in it, so one that is 0700 already has been seen to and
 * only the folders in it are looked at. `root` itself is changed where nothing but ours lies in it. Links are not followed.
 * What cannot be changed stays as it is: it is somebody else's.
 */
export async function makePrivate(root: string): Promise<void> {
  const entries = await readdir(root, { withFileTypes: true });
  for (const entry of entries) {
    if (!OURS.test(entry.name)) continue;
    if (entry.isDirectory()) await tidy(join(root, entry.name), DEPTH[entry.name] ?? 1);
    else if (entry.isFile()) await close(join(root, entry.name), 0o600);
  }
  if (entries.every(({ name }) => OURS.test(name))) await close(root, 0o700);
}

/** How many folders deep each goes: mail/ADDRESS/new. */
const DEPTH: Readonly<Record<string, number>> = { mail: 3, clients: 3, queue: 2 };

async function tidy(folder: string, depth: number): Promise<void> {
  const stats = await lstat(folder).catch(() => null);
  const open = stats !== null && (stats.mode & 0o77) !== 0;
  if (stats === null || (!open && depth === 1)) return;
  let seen = 0;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory() && depth > 1) await tidy(join(folder, entry.name), depth - 1);
    else if (entry.isFile() && open) {
      await close(join(folder, entry.name), 0o600);
      seen += 1;
      if (seen % A_TURN === 0) await nextTurn();
    }
  }
  if (open) await close(folder, 0o700);
}

async function close(path: string, mode: number): Promise<void> {
  const before = await lstat(path).catch(() => null);
  if (before === null || (before.mode & 0o77) === 0) return;
  await chmod(path, mode).catch(() => undefined);
}
