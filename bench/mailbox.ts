/** A mailbox, and a mail client's inbox, of very many letters: how soon mailscope is ready, how soon one may read, who waits meanwhile. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { blueAndGreen } from '../shared/world/presets.ts';
import { putManyLetters } from '../test/fixtures/many-letters.ts';

const BIN = fileURLToPath(new URL('../bin/mailscope.js', import.meta.url));
const ANY = ['--port', '--submission-port', '--smtp-port', '--pop3-port', '--dns-port'].flatMap(each => [each, '0']);
const INDEX = '.mailscope-index';
/** Milliseconds between two questions after its health. */
const PULSE = 10;

/** Times in milliseconds, memory in octets. */
interface MailboxFigures {
  /** From the start of the process to its line. */
  readonly ready: number;
  readonly resident: number;
  readonly pass: number;
  /** The same session: LIST and UIDL, then a QUIT after DELE of all; null where it deleted none. */
  readonly lists: number;
  readonly quit: number | null;
  /** Of the answers of /healthz while the session ran. */
  readonly pulses: readonly number[];
  readonly residentAfter: number;
}

interface Running {
  readonly ready: number;
  readonly url: string;
  readonly pop3: number;
  resident(): Promise<number>;
  stop(): Promise<void>;
}

async function serve(data: string): Promise<Running> {
  const began = performance.now();
  const child = spawn(process.execPath, [BIN, 'serve', ...ANY, '--json', '--data', data], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>(resolve => child.once('close', () => resolve()));
  const line = await new Promise<string>((resolve, reject) => {
    let heard = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      heard += chunk;
      if (heard.includes('\n')) resolve(heard);
    });
    child.once('close', () => reject(new Error('mailscope ended before it was ready')));
  });
  const ready = performance.now() - began;
  const { url, pop3 } = JSON.parse(line) as { url: string; pop3: { port: number } };
  return {
    ready,
    url,
    pop3: pop3.port,
    async resident() {
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Says one line, or many at once, and resolves once `end` has come `times` times; milliseconds. */
function talk(port: number): {
  say(lines: string, end: string, times?: number): Promise<number>;
  close(): void;
} {
  const socket = connect(port, '127.0.0.1').setNoDelay(true);
  let tail = '';
  let count = 0;
  let wanted: { end: string; times: number; done: () => void } | null = null;
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    if (wanted === null) return;
    const text = tail + chunk;
    const parts = text.split(wanted.end);
    count += parts.length - 1;
    tail = (parts.at(-1) ?? '').slice(1 - wanted.end.length);
    if (count >= wanted.times) wanted.done();
  });
  return {
    async say(lines, end, times = 1) {
      const began = performance.now();
      count = 0;
      tail = '';
      const heard = new Promise<void>(done => {
        wanted = { end, times, done };
      });
      if (lines !== '') socket.write(lines);
      await heard;
      return performance.now() - began;
    },
    close: () => socket.destroy(),
  };
}

async function session(data: string, deletes: number): Promise<MailboxFigures> {
  const running = await serve(data);
  const { ready } = running;
  const resident = await running.resident();
  const pulses: number[] = [];
  let over = false;
  const pulse = (async () => {
    while (!over) {
      const began = performance.now();
      await (await fetch(new URL('/healthz', running.url))).text();
      pulses.push(performance.now() - began);
      await new Promise(done => setTimeout(done, PULSE));
    }
  })();
  const bob = blueAndGreen.users.find(({ address }) => address.startsWith('bob@'));
  const { say, close } = talk(running.pop3);
  await say('', '\r\n');
  await say(`USER ${bob?.address}\r\n`, '\r\n');
  const pass = await say(`PASS ${bob?.password}\r\n`, '\r\n');
  const lists = (await say('LIST\r\n', '\r\n.\r\n')) + (await say('UIDL\r\n', '\r\n.\r\n'));
  let quit: number | null = null;
  if (deletes > 0) {
    await say(Array.from({ length: deletes }, (_, nth) => `DELE ${nth + 1}\r\n`).join(''), '\r\n', deletes);
    quit = await say('QUIT\r\n', '\r\n');
  }
  close();
  over = true;
  await pulse;
  const residentAfter = await running.resident();
  await running.stop();
  return { ready, resident, pass, lists, quit, pulses: pulses.sort((one, other) => one - other), residentAfter };
}

/** Without an index, with the one that the first session left, and once more to delete everything. */
export async function benchMailbox(letters: number, say: (what: string, value: string) => void): Promise<void> {
  const data = await mkdtemp(path.join(tmpdir(), 'mailscope-bench-mailbox-'));
  const ms = (time: number | null): string => (time === null ? 'none' : `${time.toFixed(0)} ms`);
  const mb = (octets: number): string => `${(octets / 1_000_000).toFixed(0)} MB`;
  try {
    const mailbox = path.join(data, 'mail', 'bob@green.example');
    if (letters > 0) {
      putManyLetters(mailbox, { count: letters });
      putManyLetters(path.join(data, 'clients', 'bob@green.example'), { count: letters });
    }
    const many = letters.toLocaleString('en');
    await rm(path.join(mailbox, INDEX), { force: true });
    for (const [how, deletes] of [
      ['no index yet', 0],
      ['with its index', 0],
      ['all of it deleted', letters],
    ] as const) {
      const { ready, resident, pass, lists, quit, pulses, residentAfter } = await session(data, deletes);
      const p95 = pulses[Math.min(pulses.length - 1, Math.floor(pulses.length * 0.95))] ?? 0;
      say(`${many} letters, ${how}: ready line; memory then`, `${ms(ready)}; ${mb(resident)}`);
      say(`${many} letters, ${how}: PASS; LIST and UIDL; QUIT`, `${ms(pass)}; ${ms(lists)}; ${ms(quit)}`);
      say(
        `${many} letters, ${how}: /healthz p95 / max; memory`,
        `${ms(p95)} / ${ms(pulses.at(-1) ?? 0)}; ${mb(residentAfter)}`,
      );
    }
  } finally {
    await rm(data, { recursive: true, force: true });
  }
}
