/** What mailscope takes of memory while letters pass: `tsx bench/memory.ts [letters]`; prints VmRSS at each tenth, and the most. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createTransport } from 'nodemailer';

const LETTERS = Number(process.argv[2] ?? 10_000);
const AT_ONCE = 8;
const BIN = fileURLToPath(new URL('../bin/mailscope.js', import.meta.url));

interface Ready {
  readonly submission: { readonly host: string; readonly port: number };
  readonly users: readonly { readonly user: string; readonly password: string }[];
}

const megabytes = async (pid: number): Promise<number> => {
  const [, kilobytes = '0'] = /^VmRSS:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1000;
};

const data = await mkdtemp(join(tmpdir(), 'mailscope-memory-'));
const ports = ['', 'submission-', 'smtp-', 'pop3-', 'dns-'].flatMap(kind => [`--${kind}port`, '0']);
const child = spawn(process.execPath, [BIN, '--json', '--data', data, ...ports], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const { pid } = child;
if (pid === undefined) throw new Error('mailscope does not start');
const [line] = await once(createInterface({ input: child.stdout }), 'line');
const ready: Ready = JSON.parse(String(line));
const alice = ready.users[0];
const transport = createTransport({
  host: ready.submission.host,
  port: ready.submission.port,
  pool: true,
  maxConnections: AT_ONCE,
  maxMessages: 100,
  auth: { user: alice?.user ?? '', pass: alice?.password ?? '' },
});
let most = 0;
const watch = setInterval(() => {
  void megabytes(pid).then(now => {
    most = Math.max(most, now);
  });
}, 200);
const began = performance.now();
let next = 0;
const worker = async (): Promise<void> => {
  while (next++ < LETTERS) {
    const nth = next;
    await transport.sendMail({
      from: 'alice@blue.example',
      to: 'bob@green.example',
      subject: `Letter ${nth}`,
      text: 'Are you free at noon?\n.\nSee you.',
    });
    if (nth % (LETTERS / 10) !== 0) continue;
    const rate = nth / ((performance.now() - began) / 1000);
    console.log(
      `${nth} letters: ${(await megabytes(pid)).toFixed(0)} MB now, at most ${most.toFixed(0)}; ${rate.toFixed(0)}/s`,
    );
  }
};
await Promise.all(Array.from({ length: AT_ONCE }, worker));
clearInterval(watch);
transport.close();
child.kill('SIGTERM');
await once(child, 'exit');
await rm(data, { recursive: true, force: true });
