/** Whatever the moment of death, what was accepted is in a queue or a mailbox, and whoever must be told is told (RFC 5321 §6.1). */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createTransport } from 'nodemailer';
import { build } from 'vite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRoom } from '../../../server/rooms/room.ts';
import { blueAndGreen } from '../../../shared/world/presets.ts';
import type { Listening, Sentence } from '../../help/doomed-room.ts';
import { temporaryFolder } from '../../help/loopback/pop3-loopback.ts';

/** `MAILSCOPE_KILLS=200 npx vitest run test/server/queue/queue-kill.test.ts` is the long run; each life is killed at a moment of its own. */
const LIVES = Number(process.env.MAILSCOPE_KILLS ?? 25);
/** Milliseconds. */
const timeout = 120_000 + LIVES * 10_000;
const LETTERS_A_LIFE = 4;
const ALICE = 'alice@blue.example';
const BOB = 'bob@green.example';
const NOBODY = 'nobody@green.example';
/** To one, to two domains, to nobody: that one comes back. */
const RECIPIENTS = [[BOB], [BOB, ALICE], [NOBODY], [BOB]] as const;

let folder: string;
let data: string;
let removeFolder: () => Promise<void>;
let children: ChildProcess[];
beforeEach(async () => {
  [folder, removeFolder] = await temporaryFolder();
  data = join(folder, 'data');
  children = [];
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await removeFolder();
});

/** Numbers from a seed, each below its bound: the same moments in every run. */
function seeded(seed: number): (bound: number) => number {
  let state = seed;
  return bound => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

/** The child as one file, because it is started again and again. */
async function bundled(): Promise<string> {
  await build({
    configFile: false,
    logLevel: 'silent',
    ssr: { noExternal: true },
    build: {
      ssr: join(import.meta.dirname, '../../help/doomed-room.ts'),
      outDir: folder,
      emptyOutDir: false,
      rolldownOptions: { output: { entryFileNames: 'doomed-room.mjs' } },
    },
  });
  return join(folder, 'doomed-room.mjs');
}

function conceive(script: string): ChildProcess {
  const child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  return child;
}

/** Sends four letters at the life that is given, and names those that were accepted. */
async function live(child: ChildProcess, sentence: Sentence, life: number): Promise<readonly string[]> {
  if (child.stdin === null || child.stdout === null) throw new Error('no pipes');
  const dead = once(child, 'exit');
  child.stdin.write(`${JSON.stringify(sentence)}\n`);
  const { port } = JSON.parse(String((await once(createInterface(child.stdout), 'line'))[0])) as Listening;
  const accepted: string[] = [];
  const transport = createTransport({
    host: '127.0.0.1',
    port,
    ignoreTLS: true,
    auth: { user: ALICE, pass: 'alice-wonder-7' },
  });
  // Those without an answer are nobody's promise.
  await Promise.allSettled(
    Array.from({ length: LETTERS_A_LIFE }, async (_, nth) => {
      const subject = `Letter ${life}-${nth}`;
      await transport.sendMail({ from: ALICE, to: [...(RECIPIENTS[nth] ?? [])], subject, text: 'x' });
      accepted.push(subject);
    }),
  );
  child.kill('SIGKILL');
  await dead;
  return accepted;
}

const contents = async (...place: string[]): Promise<readonly string[]> => {
  const path = join(data, ...place);
  return Promise.all((await readdir(path)).map(file => readFile(join(path, file), 'latin1')));
};
const hold = (letters: readonly string[], line: string): boolean =>
  letters.some(letter => letter.includes(`\r\nSubject: ${line}\r\n`));

test('deaths at random moments of many sends lose no letter accepted, and no bounce', { timeout }, async () => {
  const random = seeded(1);
  const script = await bundled();
  const accepted = new Set<string>();
  let next = conceive(script);
  for (let life = 0; life < LIVES; life += 1) {
    const child = next;
    next = conceive(script);
    const sentence = { data, letters: random(LETTERS_A_LIFE + 1), facts: random(24), turns: random(12) };
    for (const subject of await live(child, sentence, life)) accepted.add(subject);
  }
  const toWhom = (subject: string): readonly string[] => RECIPIENTS[Number(subject.split('-')[1])] ?? [];
  const queued = await contents('queue', 'smtp.blue.example');
  const early = { bob: await contents('mail', BOB, 'new'), alice: await contents('mail', ALICE, 'new') };
  for (const subject of accepted) {
    const there = [...queued, ...early.bob, ...early.alice];
    expect(hold(there, subject) || hold(there, `Undelivered: ${subject}`), subject).toBe(true);
  }

  const room = await openRoom({ world: blueAndGreen, data, ports: null, retry: { after: [1] } });
  try {
    await expect.poll(() => readdir(join(data, 'queue', 'smtp.blue.example')), { timeout: 120_000 }).toEqual([]);
  } finally {
    await room.close();
  }
  const bob = await contents('mail', BOB, 'new');
  const alice = await contents('mail', ALICE, 'new');
  const missing = [...accepted].filter(
    subject =>
      !toWhom(subject).every(recipient =>
        recipient === NOBODY ? hold(alice, `Undelivered: ${subject}`) : hold(recipient === BOB ? bob : alice, subject),
      ),
  );
  expect(missing).toEqual([]);
  // The moments were worth something: some letters were in time, some were not.
  expect(accepted.size).toBeGreaterThan(LIVES / 5);
  expect(accepted.size).toBeLessThan(LIVES * LETTERS_A_LIFE);
});
