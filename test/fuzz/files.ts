/** Seeded damage to what lies in a data folder: the world, and the letters of a queue. No crash, no wait, nothing gone: it is used, put aside, or left. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { seededRandom } from '../../server/base/chance.ts';
import { CliError } from '../../server/cli/usage.ts';
import { loadWorld } from '../../server/cli/world-file.ts';
import type { Report } from '../../server/disk/put-aside.ts';
import { DamagedLetter, openSpool } from '../../server/queue/spool.ts';
import { keptWorld } from '../../server/rooms/world/kept-world.ts';
import { blueAndGreen } from '../../shared/world/presets.ts';
import { validateWorld } from '../../shared/world/validate.ts';

/** What a run has shown; it throws where a promise is broken, and names seed and iteration. */
export interface FileFuzz {
  readonly iterations: number;
  /** How often each outcome came. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Milliseconds of the slowest iteration. */
  readonly slowest: number;
}

type Random = () => number;
const below = (random: Random, bound: number): number => Math.floor(random() * bound);

const WORDS = [
  'null',
  '[]',
  '{}',
  '""',
  '1e999',
  '-1',
  '"\\u0000"',
  '"__proto__"',
  '"constructor"',
  '\n',
  '\0',
  '\ufeff',
  '[[[[[[[[',
  '"given"',
  '"now"',
  '"recipients"',
  '"octets"',
  '"pending"',
  '9007199254740993',
  '"<>"',
  '\ud800',
];

/** One to four changes: cut, drop, double, flip a bit, put something else there. */
function damaged(octets: Buffer, random: Random): Buffer {
  let now = octets;
  for (let change = 0; change <= below(random, 4); change += 1) {
    const [from, to] = [below(random, now.length + 1), below(random, now.length + 1)].sort((a, b) => a - b);
    if (from === undefined || to === undefined) return now;
    const word = Buffer.from(WORDS[below(random, WORDS.length)] ?? '');
    switch (below(random, 7)) {
      case 0:
        now = now.subarray(0, from);
        break;
      case 1:
        now = Buffer.concat([now.subarray(0, from), now.subarray(to)]);
        break;
      case 2:
        now = Buffer.concat([now, now.subarray(from, Math.min(to, from + 1000))]);
        break;
      case 3: {
        now = Buffer.from(now);
        if (from < now.length) now[from] = (now[from] ?? 0) ^ (1 << below(random, 8));
        break;
      }
      case 4:
        now = Buffer.concat([now.subarray(0, from), word, now.subarray(Math.min(now.length, from + word.length))]);
        break;
      case 5:
        now = valueReplaced(now, word.toString(), random);
        break;
      default:
        now = Buffer.concat([now.subarray(0, from), Buffer.alloc(below(random, 5000), word), now.subarray(from)]);
    }
  }
  return now;
}

/** Another value in place of one after a colon: still JSON, and of another shape. */
function valueReplaced(octets: Buffer, word: string, random: Random): Buffer {
  const text = octets.toString('latin1');
  const places = [...text.matchAll(/:("[^"]*"|-?\d+|true|false|null)/g)];
  const place = places[below(random, places.length)];
  if (place === undefined) return octets;
  const end = place.index + place[0].length;
  return Buffer.from(`${text.slice(0, place.index)}:${word}${text.slice(end)}`, 'latin1');
}

async function run(
  iterations: number,
  seed: number,
  once: (folder: string, random: Random) => Promise<readonly string[]>,
): Promise<FileFuzz> {
  const random = seededRandom(seed, 'files');
  const root = await mkdtemp(join(tmpdir(), 'mailscope-fuzz-'));
  const outcomes: Record<string, number> = {};
  let slowest = 0;
  try {
    for (let iteration = 0; iteration < iterations; iteration += 1) {
      const folder = join(root, `${iteration}`);
      await mkdir(folder);
      const before = performance.now();
      const seen = await once(folder, random).catch((error: unknown) => {
        throw new Error(`seed ${seed}, iteration ${iteration}: ${String(error)}`, { cause: error });
      });
      slowest = Math.max(slowest, performance.now() - before);
      for (const outcome of seen) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      await rm(folder, { recursive: true });
    }
  } finally {
    await rm(root, { recursive: true, force: true });
  }
  return { iterations, outcomes, slowest };
}

const must = (holds: boolean, promise: string): void => {
  if (!holds) throw new Error(`broken: ${promise}`);
};

/** The world that a file of ours says it holds. */
function nowIn(content: Buffer): unknown {
  const value: unknown = JSON.parse(content.toString('utf8'));
  const read = validateWorld(typeof value === 'object' && value !== null && 'now' in value ? value.now : null);
  return read.ok ? read.world : null;
}

/** `world.json` as a disk or a person may leave it, and the same as `--world`. */
export function fuzzWorldFiles(iterations: number, seed: number): Promise<FileFuzz> {
  const whole = Buffer.from(JSON.stringify({ given: blueAndGreen, now: { ...blueAndGreen, seed: 7 } }));
  const pretty = Buffer.from(JSON.stringify(blueAndGreen, null, 2));
  return run(iterations, seed, async (folder, random) => {
    const file = join(folder, 'world.json');
    // Of what is no JSON any more nothing is used: half of them stay JSON, and their world is damaged.
    const given = JSON.stringify(blueAndGreen);
    const now = valueReplaced(Buffer.from(given), WORDS[below(random, WORDS.length)] ?? '', random);
    const content = random() < 0.5 ? damaged(whole, random) : Buffer.from(`{"given":${given},"now":${now}}`);
    await writeFile(file, content);
    const said: string[] = [];
    const world = await keptWorld(file, blueAndGreen, ({ code }) => said.push(code));
    must(validateWorld(world).ok, 'a room has a world that runs');
    const there = await Promise.all((await readdir(folder)).map(name => readFile(join(folder, name))));
    must(there.length === 1 && there[0]?.equals(content) === true, 'what was there is kept, octet for octet');
    must(said.length > 0 || isDeepStrictEqual(nowIn(content), world), 'what is not used is said');

    const path = join(folder, 'given.json');
    await writeFile(
      path,
      random() < 0.5 ? damaged(pretty, random) : valueReplaced(pretty, `${below(random, 9)}`, random),
    );
    const loaded = await loadWorld(path).then(
      () => 'loaded',
      (error: unknown) => {
        if (!(error instanceof CliError)) throw error;
        must(!error.message.includes('\n'), 'a bad world is one sentence');
        return 'refused';
      },
    );
    return [...said, said.length === 0 ? 'used' : 'not used', loaded];
  });
}

/** Letters and their states as a disk may leave them. */
export function fuzzQueueFiles(iterations: number, seed: number): Promise<FileFuzz> {
  return run(iterations, seed, async (folder, random) => {
    const nothing: Report = () => undefined;
    const { spool } = await openSpool(folder, nothing);
    const envelope = { reversePath: 'alice@blue.example', recipients: ['bob@green.example', 'carl@red.example'] };
    const ids = ['A1', 'B2', 'C3'];
    for (const id of ids) {
      const message = Buffer.from(`Subject: ${id}\r\n\r\n${'x'.repeat(below(random, 3000))}\r\n`);
      await spool.write({ id, envelope, messageId: `<${id}@blue.example>`, arrivedAt: 1 }, message);
      const progress = {
        pending: envelope.recipients,
        attempts: 1,
        nextAt: 5,
        lastReason: 'x',
        owed: [],
        warned: false,
      };
      if (random() < 0.5) await spool.saveProgress(id, progress, false);
    }
    for (const name of await readdir(folder))
      if (random() < 0.6) await writeFile(join(folder, name), damaged(await readFile(join(folder, name)), random));
    const before = new Map<string, Buffer>();
    for (const name of await readdir(folder)) before.set(name, await readFile(join(folder, name)));

    const said: string[] = [];
    const { spool: again, recovered } = await openSpool(folder, ({ code, file = '' }) => said.push(`${code} ${file}`));
    const outcomes: string[] = [];
    for (const { letter, damaged: spoilt } of recovered) {
      const read = await again.read(letter.id).catch((error: unknown) => error);
      must(spoilt === read instanceof DamagedLetter, 'a damaged letter is known before it is sent, and no other');
      must(Buffer.isBuffer(read) || read instanceof DamagedLetter, 'a letter is read, or is damaged');
      outcomes.push(spoilt ? 'to be given back' : 'recovered');
    }
    const known = new Set(recovered.map(({ letter }) => letter.id));
    for (const id of ids)
      must(known.has(id) || said.includes(`put-aside ${join(folder, id)}.letter`), `${id} is there or was said`);
    for (const [name, content] of before) {
      const now = await readFile(join(folder, name)).catch(() =>
        readFile(join(folder, `${name}.unreadable`)).catch(() => null),
      );
      const orphan = name.endsWith('.state') && !before.has(name.replace(/state$/, 'letter'));
      must(orphan || now?.equals(content) === true, `${name} is kept, octet for octet`);
    }
    return [...outcomes, ...said.map(line => line.split(' ', 1)[0] ?? '')];
  });
}
