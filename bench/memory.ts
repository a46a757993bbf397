/** What a served mailscope takes of memory while very many letters pass, beside what docs/security.md promises. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createTransport } from 'nodemailer';
import { HERE, memoryOf, serve } from './served.ts';

const AT_ONCE = 8;
/** Letters after which the memory is what later ones are compared with. */
const SETTLED = 10_000;
/** Megabytes at most, and at the end at most so many times what they were as `SETTLED` letters had passed. */
const MOST = 220;
const MOST_TIMES = 1.15;
/** Milliseconds between two looks at the memory. What a collection of garbage happens to leave differs by 60 MB: medians are compared. */
const LOOK = 250;

const medianOf = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;

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
  let submitted = 0;
  /** Of the half of the first `SETTLED` letters that came later, and of as many at the end. */
  const [early, late]: [number[], number[]] = [[], []];
  async function look(): Promise<void> {
    const now = (await memoryOf(served.pid))?.now;
    if (now === undefined) return;
    if (submitted > SETTLED / 2 && submitted <= SETTLED) early.push(now);
    if (submitted > letters - SETTLED / 2) late.push(now);
  }
  const looking = setInterval(() => void look(), LOOK);
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
      if (nth % Math.ceil(letters / 10) !== 0) continue;
      const memory = await memoryOf(served.pid);
      if (memory === null) continue;
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
    if (letters <= SETTLED) return;
    const times = medianOf(late) / medianOf(early);
    say(
      `at the end ${MOST_TIMES} times what it was at ${SETTLED.toLocaleString('en')} letters`,
      `${medianOf(late).toFixed(0)} MB, ${times.toFixed(2)} times: ${verdict(times <= MOST_TIMES)}`,
    );
  } finally {
    clearInterval(looking);
    transport.close();
    await served.stop('SIGTERM');
    await rm(data, { recursive: true, force: true });
  }
}
