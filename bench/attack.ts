/** `npm run attack -- NAME|all`: attacks a real mailscope as its worst users would, and prints how it was before, meanwhile and after. */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ATTACKS } from './attack/attacks.ts';
import { carryOut, type Look, type Outcome } from './attack/run.ts';
import { HERE, serve } from './served.ts';

const USAGE = `npm run attack -- NAME… | all  [--against DIR] [--json]

DIR is another checkout, such as \`git worktree add DIR 77c5086\`, with its packages (npm ci there, or a link to node_modules).
Each attack starts a server of its own on free ports with a folder of its own, and takes at most some twenty seconds.
`;

/** "312 ms" of the slowest one that worked, and how many did. */
function worked(what: string, times: readonly (number | null)[]): string {
  const well = times.filter(each => each !== null);
  return `${what} ${well.length}/${times.length}${well.length === 0 ? '' : ` in ${Math.round(Math.max(...well))} ms`}`;
}

function line({ when, vitals, rounds }: Look): string {
  const { p50, p95, max, memory } = vitals;
  const health = `/healthz p50 ${p50.toFixed(0)}, p95 ${p95.toFixed(0)}, max ${max.toFixed(0)} ms`;
  const letter = worked(
    'honest letter',
    rounds.map(({ stored, shown }) => (stored === null || shown === null ? null : Math.max(stored, shown))),
  );
  const rest = [
    worked(
      'POP3',
      rounds.map(({ collected }) => collected),
    ),
    worked(
      'DNS',
      rounds.map(({ resolved }) => resolved),
    ),
  ].join('; ');
  return `  ${when.padEnd(7)} RSS ${memory.toFixed(0).padStart(5)} MB; ${health}; ${letter}; ${rest}`;
}

function print({ name, entry, looks, found, broken, skipped }: Outcome): void {
  console.log(`${name} (entry ${entry})`);
  for (const look of looks) console.log(line(look));
  for (const [what, value] of Object.entries(found)) console.log(`  found   ${what}: ${String(value).slice(0, 160)}`);
  if (skipped !== null) console.log(`  left out: ${skipped}`);
  else if (broken.length === 0) console.log('  HELD');
  else for (const sentence of broken) console.log(`  BROKEN  ${sentence}`);
  console.log('');
}

/** The first start of a checkout builds the page, in its own process: that is nobody's attack. */
async function buildPage(root: string): Promise<void> {
  const served = await serve({ root, data: 'none' });
  await served.stop('SIGTERM');
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { against: { type: 'string' }, json: { type: 'boolean' } },
  });
  if (positionals.length === 0) {
    console.log(USAGE);
    for (const { name, entry, sentence } of ATTACKS)
      console.log(`  ${name.padEnd(18)} ${String(entry).padStart(2)}  ${sentence}`);
    return 0;
  }
  const unknown = positionals.find(name => name !== 'all' && !ATTACKS.some(attack => attack.name === name));
  if (unknown !== undefined) {
    console.error(`There is no attack “${unknown}”; npm run attack lists them.`);
    return 2;
  }
  const root = values.against === undefined ? HERE : path.resolve(values.against);
  const chosen = ATTACKS.filter(({ name }) => positionals.includes('all') || positionals.includes(name));
  await buildPage(root);
  let broken = 0;
  for (const attack of chosen) {
    const outcome = await carryOut(attack, root);
    if (values.json === true) console.log(JSON.stringify(outcome));
    else print(outcome);
    if (outcome.broken.length > 0) broken += 1;
  }
  if (values.json !== true) console.log(`${chosen.length - broken} of ${chosen.length} held.`);
  return broken === 0 ? 0 : 1;
}

process.exitCode = await main();
