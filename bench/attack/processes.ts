/** Processes of our own that speak JSON with who started them: TypeScript, as it stands. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const LOADER = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** `file`: beside this one. */
export const forkBeside = (file: string): ChildProcess =>
  fork(path.join(import.meta.dirname, file), [], {
    execArgv: ['--import', LOADER],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });

/** Its next message; null where it ends or `within` milliseconds pass. */
export async function messageFrom<T>(child: ChildProcess, within: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const message = await Promise.race([
    // Both ends are ours, and of one commit.
    once(child, 'message').then(([value]) => value as T),
    once(child, 'exit').then(() => null),
    new Promise<null>(late => {
      timer = setTimeout(() => late(null), within);
    }),
  ]);
  clearTimeout(timer);
  return message;
}
