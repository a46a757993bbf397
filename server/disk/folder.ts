/** Folders that only their owner may look into, and the files in them that are any of our business. */
import { mkdir, readdir } from 'node:fs/promises';
import { type Report, reportForeignFiles } from './put-aside.ts';
import { kindOf } from './regular-file.ts';

/** Makes the folder where it is missing; one that was left open was closed when the data folder was opened. Rejects with the file system's error. */
export async function privateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
}

/** Names of the regular files in it. What else lies there is left alone, and said: a folder, a FIFO, a name that is not UTF-8. */
export async function filesIn(folder: string, report: Report): Promise<readonly string[]> {
  const names: string[] = [];
  const odd: { name: string; what: string }[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const what = oddity(entry);
    if (what === null) names.push(entry.name);
    else odd.push({ name: entry.name, what });
  }
  reportForeignFiles(folder, odd, report);
  return names;
}

/** What is wrong with an entry that should be a file, or null. */
function oddity(entry: Parameters<typeof kindOf>[0] & { readonly name: string }): string | null {
  const kind = kindOf(entry);
  if (kind !== 'file') return `it is a ${kind} and no file`;
  // What Node puts in the place of octets that are not UTF-8; no call finds the file by that name.
  return entry.name.includes('\ufffd') ? 'its name is not UTF-8' : null;
}
