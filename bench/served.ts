/** A real `mailscope serve --json` as a child process, of this checkout or of another: for the attacks and the soak. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The checkout that this file is in. */
export const HERE = fileURLToPath(new URL('..', import.meta.url));

export interface Door {
  readonly host: string;
  readonly port: number;
}

/** What the line of `--json` says (docs/api.md). */
export interface Ready {
  readonly url: string;
  readonly submission: Door;
  readonly smtp: Door;
  readonly pop3: Door;
  readonly dns: Door;
  readonly users: readonly { readonly address: string; readonly user: string; readonly password: string }[];
  readonly audience?: readonly string[];
}

export interface Served {
  readonly ready: Ready;
  readonly pid: number;
  /** Milliseconds from the start of the process to its line. */
  readonly startedIn: number;
  /** What it said on stderr so far. */
  said(): string;
  alive(): boolean;
  /** Resolves once it is gone. */
  stop(signal: NodeJS.Signals): Promise<void>;
}

/** It ended, or said nothing in time. */
export class NotServed extends Error {
  readonly said: string;
  /** Null where it had to be killed because it said nothing. */
  readonly status: number | null;
  constructor(said: string, status: number | null) {
    super(status === null ? 'it did not listen in time' : `it ended with ${status}: ${said.trim()}`);
    this.name = 'NotServed';
    this.said = said;
    this.status = status;
  }
}

export interface ServeOptions {
  /** The checkout whose bin/mailscope.js runs; its packages are installed. */
  readonly root: string;
  readonly data: string;
  readonly args?: readonly string[];
  /** Milliseconds until it must listen; default two minutes, in which it may build the page. */
  readonly within?: number;
}

const PORTS = ['--port', '--submission-port', '--smtp-port', '--pop3-port', '--dns-port'];

/** Rejects with NotServed. */
export async function serve({ root, data, args = [], within = 120_000 }: ServeOptions): Promise<Served> {
  const began = performance.now();
  const child: ChildProcess = spawn(
    process.execPath,
    [
      path.join(root, 'bin', 'mailscope.js'),
      'serve',
      '--json',
      '--data',
      data,
      ...PORTS.flatMap(each => [each, '0']),
      ...args,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const { stdout, stderr, pid } = child;
  if (stdout === null || stderr === null || pid === undefined) throw new NotServed('node cannot be started', 1);
  const gone = once(child, 'exit');
  let said = '';
  stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString('utf8')).slice(-65_536);
  });
  let timer: NodeJS.Timeout | undefined;
  const line = await Promise.race([
    once(createInterface(stdout), 'line').then(([text]) => String(text)),
    gone.then(() => null),
    new Promise<null>(late => {
      timer = setTimeout(() => late(null), within);
    }),
  ]);
  clearTimeout(timer);
  if (line === null) {
    const status = child.exitCode;
    child.kill('SIGKILL');
    await gone;
    throw new NotServed(said, status);
  }
  stdout.resume();
  return {
    // What our own command prints, by its own contract.
    ready: JSON.parse(line) as Ready,
    pid,
    startedIn: performance.now() - began,
    said: () => said,
    alive: () => child.exitCode === null && child.signalCode === null,
    async stop(signal) {
      child.kill(signal);
      const harder = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await gone;
      clearTimeout(harder);
    },
  };
}

/** Resident memory of a process in MB, now and at its highest; null where this system does not tell. */
export async function memoryOf(pid: number): Promise<{ readonly now: number; readonly highest: number } | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => null);
  if (status === null) return null;
  const kilobytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
  return { now: kilobytes('VmRSS') / 1024, highest: kilobytes('VmHWM') / 1024 };
}
