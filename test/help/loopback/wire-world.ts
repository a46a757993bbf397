/** A world of wires for the tests of what goes wrong on them: its faults, its clock, and mail servers of a few lines each. */
import type { Socket } from 'node:net';
import { createWorldClock, type WorldClock } from '../../../server/base/clock.ts';
import { createFaultBook } from '../../../server/base/faults.ts';
import { createNetwork, type NetworkOptions, type RoomNetwork } from '../../../server/network/network.ts';
import type { Fault } from '../../../shared/faults/fault.ts';
import type { Side } from '../../../shared/trace/event.ts';
import { blueAndGreen } from '../../../shared/world/presets.ts';
import { type MemoryRecorder, memoryRecorder } from './smtp-loopback.ts';

export const LAPTOP = 'alices-laptop.blue.example';
export const RELAY = 'smtp.blue.example';
export const MX = 'mx1.green.example';
export const MX_25 = { address: '198.51.100.25', port: 25 };
export const POP = 'pop.green.example';
export const POP_110 = { address: '198.51.100.110', port: 110 };

export interface WireWorld {
  readonly network: RoomNetwork;
  readonly recorder: MemoryRecorder;
  readonly clock: WorldClock;
  /** In force now; may be changed at any time. */
  faults: Fault[];
  /** The octets of one side that crossed so far, over all connections or one. */
  crossed(from: Side, connection?: string): string;
  close(): Promise<void>;
}

export function openWires(options: Partial<NetworkOptions> = {}): WireWorld {
  const recorder = memoryRecorder();
  const clock = createWorldClock();
  const book = createFaultBook(
    () => world.faults,
    (fault, where) => {
      recorder.append({ kind: 'fault.struck', fault, ...where });
      if (fault.times === 'next') world.faults = world.faults.filter(({ id }) => id !== fault.id);
    },
  );
  const network = createNetwork({ world: () => blueAndGreen, recorder, clock, faults: book, ...options });
  const world: WireWorld = {
    network,
    recorder,
    clock,
    faults: [],
    crossed: (from, connection) =>
      Buffer.concat(
        recorder
          .of('wire.bytes')
          .filter(event => event.from === from && (connection === undefined || event.connection === connection))
          .map(({ bytes }) => bytes),
      ).toString('latin1'),
    async close() {
      await network.close();
      clock.close();
    },
  };
  return world;
}

/** A socket with everything it hears. */
export interface End {
  readonly socket: Socket;
  heard: string;
  /** "end" in order, or the code of the error that broke it off; null while it is open. */
  readonly over: () => string | null;
  say(text: string): void;
}

export function endOf(socket: Socket): End {
  let over: string | null = null;
  const end: End = {
    socket,
    heard: '',
    over: () => over,
    say: text => {
      socket.write(text, 'latin1');
    },
  };
  socket.on('data', (chunk: Buffer) => {
    end.heard += chunk.toString('latin1');
  });
  socket.on('end', () => {
    over ??= 'end';
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    over = error.code ?? error.message;
  });
  return end;
}

/** Both ends of a new connection. `hello`: what the server says first. */
export async function pair(
  { network }: WireWorld,
  host: string,
  to: { readonly address: string; readonly port: number },
  { from = RELAY, hello = '' }: { readonly from?: string; readonly hello?: string } = {},
): Promise<{ client: End; server: End; connection: string }> {
  const accepted: End[] = [];
  await network.listen(host, to.port, socket => {
    accepted.push(endOf(socket));
    if (hello !== '') socket.write(hello);
  });
  const dialled = await network.dial(from, to);
  const client = endOf(dialled.socket);
  while (accepted.length === 0) await new Promise(setImmediate);
  const [server] = accepted;
  if (server === undefined) throw new Error('nothing was accepted');
  return { client, server, connection: dialled.connection };
}

export interface SmallServer {
  /** Every line it got outside of letters. */
  readonly lines: string[];
  /** Every letter that it said 250 to, dots stuffed. */
  readonly letters: string[];
  /** What it got of letters that never ended. */
  readonly torsos: string[];
}

/** An SMTP server that takes everything. */
export async function smallSmtp({ network }: WireWorld, host: string, port: number): Promise<SmallServer> {
  const server: SmallServer = { lines: [], letters: [], torsos: [] };
  await network.listen(host, port, socket => {
    let waiting = '';
    let content: string | null = null;
    const say = (line: string): boolean => socket.write(`${line}\r\n`);
    say(`220 ${host}`);
    socket.on('data', (chunk: Buffer) => {
      waiting += chunk.toString('latin1');
      for (;;) {
        if (content !== null) {
          content += waiting;
          waiting = '';
          const end = `\r\n${content}`.indexOf('\r\n.\r\n');
          if (end < 0) return;
          server.letters.push(content.slice(0, end));
          waiting = content.slice(end + 3);
          content = null;
          say('250 2.0.0 Stored');
        }
        const [line, ...rest] = waiting.split('\r\n');
        if (line === undefined || rest.length === 0) return;
        waiting = rest.join('\r\n');
        server.lines.push(line);
        const verb = line.slice(0, 4).toUpperCase();
        if (verb === 'EHLO') socket.write(`250-${host}\r\n250 PIPELINING\r\n`);
        else if (verb === 'DATA') {
          content = '';
          say('354 Go on');
        } else if (verb === 'QUIT') {
          say('221 Bye');
          socket.end();
        } else say(`250 2.1.0 ${verb} Ok`);
      }
    });
    const gone = (): void => {
      if (content !== null && content !== '') server.torsos.push(content);
      content = null;
    };
    socket.on('end', () => {
      gone();
      socket.end();
    });
    socket.on('error', gone);
  });
  return server;
}

/** Resolves once nothing of the connection is left. */
export async function closed({ recorder }: WireWorld, connection: string): Promise<void> {
  while (!recorder.of('tcp.closed').some(event => event.connection === connection)) {
    await new Promise(resolve => setTimeout(resolve, 2));
  }
}

/** What a client says, one line after the other, each when the one before was answered; ends where the connection does. */
export async function lockStep(client: End, lines: readonly string[]): Promise<void> {
  const answered = async (replies: number): Promise<boolean> => {
    while ((client.heard.match(/^(?:\d{3} |\+OK|-ERR).*\r\n/gm) ?? []).length < replies) {
      if (client.over() !== null) return false;
      await new Promise(setImmediate);
    }
    return true;
  };
  for (const [nth, line] of lines.entries()) {
    if (!(await answered(nth + 1))) return;
    client.say(line);
  }
  await answered(lines.length + 1);
}
