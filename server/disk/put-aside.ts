/** What cannot be read is put aside under another name, never deleted and never over something older; what is no file of ours is left where it lies. Both are said. */
import { lstat, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Trouble } from '../../shared/explain/troubles.ts';
import { isSystemError, syncDirectory } from './durable.ts';
import { OddFileError } from './regular-file.ts';

/** Where troubles go. `file` of each is its path, which whoever opened the data folder makes a name in it. */
export type Report = (trouble: Trouble) => void;

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    (error: unknown) => {
      if (isSystemError(error) && error.code === 'ENOENT') return false;
      throw error;
    },
  );

/** `path`, or `path.2`, `path.3` …: the first for which nothing is called `<it><suffix>`. */
async function freeName(path: string, suffix: string): Promise<string> {
  if (!(await exists(path + suffix))) return path;
  for (let number = 2; ; number += 1) {
    const name = `${path}.${number}`;
    if (!(await exists(name + suffix))) return name;
  }
}

/** Renames it to `<path>.unreadable`, or `<path>.2.unreadable` …, and says so. Says that it was left where even that cannot be done. */
export async function putFileAside(path: string, reason: string, report: Report): Promise<void> {
  try {
    const free = await freeName(path, '.unreadable');
    await rename(path, `${free}.unreadable`);
    await syncDirectory(dirname(path));
    report({ code: 'put-aside', file: free, reason });
  } catch (error) {
    if (!isSystemError(error)) throw error;
    report({ code: 'left-alone', file: path, reason: `${reason}; it cannot be put aside (${error.code})` });
  }
}

/** Names that are said one by one; the others are counted. */
const MOST_NAMED = 3;

/** Things in one folder that are none of ours, said together once. */
export function reportForeignFiles(
  folder: string,
  odd: readonly { name: string; what: string }[],
  report: Report,
): void {
  const [first] = odd;
  if (first === undefined) return;
  const named = odd.slice(0, MOST_NAMED).map(({ name, what }, nth) => (nth === 0 ? what : `${shown(name)}: ${what}`));
  const others = odd.length - named.length;
  report({
    code: 'left-alone',
    file: join(folder, shown(first.name)),
    reason: [...named, ...(others > 0 ? [`and ${others} more`] : [])].join('; '),
  });
}

/** The name without what a terminal would obey; short. */
const shown = (name: string): string =>
  basename(name)
    .replace(/[\p{Cc}\p{Cf}]/gu, '\ufffd')
    .slice(0, 120);

/** The whole process or the machine is short of something: the file is not to blame. */
const SHORTAGES = new Set(['EMFILE', 'ENFILE', 'ENOMEM']);

/** Why a file could not be read, as it is said. Throws what the file is not to blame for. */
export const whyUnread = (error: unknown): string => {
  if (!isSystemError(error) || SHORTAGES.has(error.code)) throw error;
  return error instanceof OddFileError ? error.what : error.code;
};
