/** The server of a soak: killed, restarted and starved of disk while everybody else goes on; whoever acts on it asks where it is now. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { fillDisk } from '../attack/with/disk.ts';
import { memoryOf, type Served, serve } from '../served.ts';

export interface Undead {
  /** The server as it is now; null while it is dead. */
  now(): Served | null;
  /** SIGKILL, and a new life. Rejects with NotServed. */
  killAndRestart(): Promise<void>;
  /** The disk is full for so many milliseconds; with nothing to fill, nothing happens. */
  starve(milliseconds: number): Promise<void>;
  /** Starts it again where it has ended by itself: true then. Rejects with NotServed. */
  revive(): Promise<boolean>;
  /** Megabytes, once a second, over all lives. */
  readonly memory: readonly number[];
  end(): Promise<void>;
}

/** `small`: the folder is a small file system of its own, which can be filled. */
export async function raise(root: string, data: string, small: boolean): Promise<Undead> {
  let served: Served | null = await serve({ root, data });
  const memory: number[] = [];
  const ballast = path.join(data, 'ballast');
  const sampling = setInterval(() => {
    if (served !== null)
      void memoryOf(served.pid).then(read => {
        if (read !== null && read.now > 0) memory.push(read.now);
      });
  }, 1000);
  const again = async (): Promise<void> => {
    served = null;
    served = await serve({ root, data });
  };
  return {
    now: () => served,
    async killAndRestart() {
      const victim = served;
      served = null;
      await victim?.stop('SIGKILL');
      await again();
    },
    async starve(milliseconds) {
      if (!small) return;
      const end = performance.now() + milliseconds;
      while (performance.now() < end) {
        await fillDisk(ballast);
        await new Promise(rest => setTimeout(rest, 100));
      }
      await rm(ballast, { force: true });
    },
    async revive() {
      if (served?.alive() !== false) return false;
      await again();
      return true;
    },
    memory,
    async end() {
      clearInterval(sampling);
      await served?.stop('SIGKILL');
      served = null;
    },
  };
}
