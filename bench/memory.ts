/** What a served mailscope takes of memory while very many letters pass, beside what docs/security.md promises. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createTransport } from 'nodemailer';
import { HERE, memoryOf, serve } from './served.ts';

const AT_ONCE = 8;
/** Letters after which the memory is what later ones are compared with. */
const SETTLED = 10_000;
/** Megabytes at most, and at most so many times what they were after `SETTLED` letters. */
const MOST = 220;
const MOST_TIMES = 1.15;

/** Submits `letters` letters by nodemailer, eight at a time, to one mailbox; says the resident memory at each tenth, and whether it holds. */
export async function benchMemory(letters: number, say: (what: string, value: string) => void): Promise<void> {
  const data = await mkdtemp(path.join(tmpdir(), 'mailscope-bench-memory-'));
  const served = await serve({ root: HERE, data });
  const [alice] = served.ready.users;
  const transport = createTransport({
    host: served.ready.submission.host,
    port: served.ready.submission.port,
    pool: true,
    maxConnections: AT_ONCE,
    maxMessages: 100,
    auth: { user: alice?.user ?? '', pass: alice?.password ?? '' },
  });
  const began = performance.now();
  let settled: number | null = null;
  let submitted = 0;
  async function submit(): Promise<void> {
    while (submitted < letters) {
      submitted += 1;
      const nth = submitted;
      await transport.sendMail({
        from: 'alice@blue.example',
        to: 'bob@green.example',
        subject: `Letter ${nth}`,
        text: 'Are you free at noon?\n.\nSee you.',
      });
      if (nth % Math.ceil(letters / 10) !== 0 && nth !== SETTLED) continue;
      const memory = await memoryOf(served.pid);
      if (memory === null) continue;
      if (nth === SETTLED) settled = memory.highest;
      const rate = nth / ((performance.now() - began) / 1000);
      say(
        `memory after ${nth.toLocaleString('en')} letters`,
        `${memory.now.toFixed(0)} MB, at most ${memory.highest.toFixed(0)} (${rate.toFixed(0)} letters/s)`,
      );
    }
  }
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, submit));
    const most = (await memoryOf(served.pid))?.highest ?? 0;
    const verdict = (holds: boolean): string => (holds ? 'held' : 'BROKEN');
    say(`at most ${MOST} MB`, `${most.toFixed(0)} MB: ${verdict(most <= MOST)}`);
    if (settled !== null && letters > SETTLED)
      say(
        `at most ${MOST_TIMES} times what ${SETTLED.toLocaleString('en')} letters took`,
        `${(most / settled).toFixed(2)} times: ${verdict(most <= MOST_TIMES * settled)}`,
      );
  } finally {
    transport.close();
    await served.stop('SIGTERM');
    await rm(data, { recursive: true, force: true });
  }
}
