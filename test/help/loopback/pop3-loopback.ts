/** A small internet for tests of the mailbox: real loopback sockets, no wire in between, and a list for a recorder. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Listener, type Network, NetworkError } from '../../../server/network/contract.ts';
import type { Recorder } from '../../../server/record/recorder.ts';
import { type Fact, wireTime } from '../../../shared/trace/event.ts';
import { blueAndGreen } from '../../../shared/world/presets.ts';
import { hostOf } from '../../../shared/world/world.ts';

export interface Loopback {
  readonly network: Network;
  /** Everything appended so far, in order. */
  readonly facts: Fact[];
  readonly recorder: Recorder;
  /** The real port of a world address. */
  portOf(address: string, port: number): number;
  close(): Promise<void>;
}

const addressOf = (host: string): string => hostOf(blueAndGreen, host)?.addresses[0] ?? host;

export function openLoopback(): Loopback {
  const all = new Set<Server>();
  /** Who answers at "address:port": whoever listened last. */
  const servers = new Map<string, Server>();
  const sockets = new Set<Socket>();
  const facts: Fact[] = [];
  let connections = 0;

  const portOf = (address: string, port: number): number => {
    const bound = servers.get(`${address}:${port}`)?.address();
    if (typeof bound !== 'object' || bound === null)
      throw new NetworkError('ECONNREFUSED', { code: 'words', text: 'nobody listens there' });
    return bound.port;
  };
  const track = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.once('close', () => sockets.delete(socket));
  };
  const network: Network = {
    async listen(host, port, accept): Promise<Listener> {
      const key = `${addressOf(host)}:${port}`;
      const server = createServer({ allowHalfOpen: true }, socket => {
        connections++;
        const peer = { host: 'your-computer.example', address: '203.0.113.77', port: socket.remotePort ?? 0 };
        accept(track(socket), { ...peer, connection: `c${connections}` });
      });
      await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
      servers.set(key, server);
      all.add(server);
      return {
        close: () =>
          new Promise(resolve => {
            servers.delete(key);
            server.close(() => resolve());
          }),
      };
    },
    async dial(_from, to) {
      const socket = track(connect({ port: portOf(to.address, to.port), host: '127.0.0.1', allowHalfOpen: true }));
      await new Promise<void>((resolve, reject) => socket.once('error', reject).once('connect', resolve));
      return { socket, connection: `d${socket.localPort}` };
    },
    listenDatagrams: () => Promise.reject(new Error('no datagrams here')),
    datagrams: () => Promise.reject(new Error('no datagrams here')),
  };
  return {
    network,
    facts,
    portOf,
    recorder: {
      append(fact) {
        facts.push(fact);
        return { ...fact, seq: facts.length, at: wireTime(facts.length) };
      },
      now: () => wireTime(facts.length),
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await Promise.all([...all].map(server => new Promise(resolve => server.close(resolve))));
    },
  };
}

/** A folder for one test; call the second to remove it. */
export async function temporaryFolder(): Promise<readonly [string, () => Promise<void>]> {
  const folder = await mkdtemp(join(tmpdir(), 'mailscope-test-'));
  return [folder, () => rm(folder, { recursive: true, force: true })];
}

/** Whether a foreign client is installed; a test that needs it says so where it is not. */
export const installed = (program: string): boolean => spawnSync(program, ['--version']).error === undefined;

export interface Ran {
  readonly status: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs a foreign client to its end. */
export const runProgram = (program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> =>
  new Promise(resolve => {
    const options = { encoding: 'buffer' as const, maxBuffer: 64 * 1024 * 1024, env: { ...process.env, ...env } };
    execFile(program, args, options, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ status, stdout, stderr: stderr.toString('utf8') });
    });
  });
