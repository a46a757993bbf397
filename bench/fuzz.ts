/** `npm run fuzz`: for as long as one likes, inputs that nobody meant well; each target throws where a promise is broken. */
import { parseArgs } from 'node:util';
import { fuzzQueueFiles, fuzzWorldFiles } from '../test/fuzz/files.ts';
import { fuzzLetters } from '../test/fuzz/letters.ts';
import { fuzzDns, fuzzPop3, fuzzSmtp } from '../test/fuzz/protocols.ts';
import { fuzzStoryFiles } from '../test/fuzz/stories.ts';
import { fuzzTold, fuzzTraces } from '../test/fuzz/traces.ts';
import { fuzzHttp, fuzzWebSocket } from '../test/fuzz/web.ts';

/** Runs so many inputs of a seed; rejects with what broke, and how to repeat it. */
type Target = (iterations: number, seed: number) => unknown;

/** One row a target, and how many inputs make a round. */
const TARGETS: Readonly<Record<string, readonly [target: Target, round: number]>> = {
  smtp: [fuzzSmtp, 300],
  pop3: [fuzzPop3, 300],
  dns: [fuzzDns, 600],
  http: [fuzzHttp, 300],
  websocket: [fuzzWebSocket, 300],
  letters: [fuzzLetters, 100],
  traces: [fuzzTraces, 300],
  told: [fuzzTold, 200],
  stories: [fuzzStoryFiles, 200],
  worlds: [fuzzWorldFiles, 100],
  queue: [fuzzQueueFiles, 50],
};

const USAGE = `npm run fuzz [-- --seconds N] [--seed N] [--only ${Object.keys(TARGETS).join('|')}]

N seconds for each target (default 300); round after round, each with the next seed.
`;

async function fuzz(name: string, target: Target, round: number, seconds: number, first: number): Promise<boolean> {
  const end = performance.now() + seconds * 1000;
  let seed = first;
  try {
    do {
      await target(round, seed);
      seed += 1;
    } while (performance.now() < end);
  } catch (error) {
    console.error(
      `${name.padEnd(12)} BROKEN  ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
    console.error(`${''.padEnd(12)} again: npm run fuzz -- --only ${name} --seconds 1 --seed ${seed}`);
    return false;
  }
  console.log(`${name.padEnd(12)} held: ${(seed - first) * round} inputs, seeds ${first} to ${seed - 1}`);
  return true;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { seconds: { type: 'string' }, seed: { type: 'string' }, only: { type: 'string' } },
  });
  const seconds = Number(values.seconds ?? 300);
  const seed = Number(values.seed ?? 1);
  const { only } = values;
  if (!(seconds > 0) || !Number.isSafeInteger(seed) || (only !== undefined && TARGETS[only] === undefined)) {
    console.error(USAGE);
    return 2;
  }
  let broken = 0;
  for (const [name, [target, round]] of Object.entries(TARGETS))
    if ((only ?? name) === name && !(await fuzz(name, target, round, seconds, seed))) broken += 1;
  return broken === 0 ? 0 : 1;
}

process.exitCode = await main();
