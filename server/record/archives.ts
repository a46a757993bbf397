/** The folder of finished traces: the current one is put there, and the oldest go where all together take too much room. */
import { basename, dirname, join } from 'node:path';
import type { TraceDisk } from './disk.ts';

/** A file takes at least so much, however little is in it. */
const BLOCK = 4096;
/** Finished traces, and what was put aside because nobody could read it. */
const ARCHIVED = /\.trace\.ndjson(?:\.unreadable)?$/;

const folderOf = (file: string): string => join(dirname(file), 'traces');
const stampOf = (createdAt: string): string => createdAt.replaceAll(':', '-');

/** Moves the trace in `file` to traces/<stamp>.trace.ndjson. Rejects as the file system does; then it lies where it was. */
export async function archive(disk: TraceDisk, file: string, createdAt: string): Promise<void> {
  await disk.mkdir(folderOf(file), { recursive: true, mode: 0o700 });
  await disk.rename(file, join(folderOf(file), `${stampOf(createdAt)}.trace.ndjson`));
}

/** Moves what is no trace out of the way; gives its name from the data folder, without `.unreadable`. */
export async function putTraceAside(disk: TraceDisk, file: string): Promise<string> {
  await disk.mkdir(folderOf(file), { recursive: true, mode: 0o700 });
  const name = join(basename(folderOf(file)), `${stampOf(new Date().toISOString())}.trace.ndjson`);
  await disk.rename(file, join(dirname(file), `${name}.unreadable`));
  return name;
}

/** Removes the oldest until all together take at most `most` octets. Rejects as the file system does. */
export async function prune(disk: TraceDisk, file: string, most: number): Promise<void> {
  const folder = folderOf(file);
  const names = (await disk.readdir(folder)).filter(name => ARCHIVED.test(name)).toSorted();
  const kept = await Promise.all(
    names.map(async name => ({ name, size: Math.max(BLOCK, (await disk.stat(join(folder, name))).size) })),
  );
  let sum = kept.reduce((octets, { size }) => octets + size, 0);
  for (const { name, size } of kept) {
    if (sum <= most) return;
    await disk.rm(join(folder, name));
    sum -= size;
  }
}
