/** A folder that is a file system of its own and soon full: root may mount one, others may not. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Mounts so many octets at `folder`; gives what takes it away again, or null where this user may not. */
export async function mountSmallDisk(folder: string, octets: number): Promise<(() => Promise<void>) | null> {
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${octets},mode=0700`, 'tmpfs', folder]);
  } catch {
    return null;
  }
  return async () => {
    await run('umount', ['-l', folder]);
  };
}
