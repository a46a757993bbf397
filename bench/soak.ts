/** `npm run soak`: ten minutes of everything at once, and then a balance to the letter. */
import { parseArgs } from 'node:util';
import { HERE } from './served.ts';
import { type Soaked, soak } from './soak/run.ts';

const USAGE = 'npm run soak [-- --minutes N | --seconds N] [--seed N]';

/** Some twelve moments of the whole run. */
function overTime(memory: readonly number[]): string {
  const every = Math.max(1, Math.floor(memory.length / 12));
  return memory
    .filter((_, nth) => nth % every === 0)
    .map(each => each.toFixed(0))
    .join(' ');
}

function print({ balance, kills, fullDisks, ended, memory }: Soaked): void {
  const { accepted, stored, bounced, queued, discarded, lost, again, unasked } = balance;
  console.log(`${kills} kills, ${fullDisks} full disks, ended by itself ${ended} times`);
  console.log(`RSS over time, MB: ${overTime(memory)}; highest ${Math.max(0, ...memory).toFixed(0)}\n`);
  const rows = {
    accepted,
    '= stored': stored,
    '+ bounced': bounced,
    '+ queued': queued,
    '+ discarded, with a record': discarded,
  };
  for (const [what, count] of Object.entries(rows)) console.log(`  ${what.padEnd(28)} ${String(count).padStart(6)}`);
  console.log(`  ${'+ LOST'.padEnd(28)} ${String(lost.length).padStart(6)}`);
  console.log(`\n  besides: ${again} stored once more after a lost 250, ${unasked} of which the sender saw no 250`);
  for (const each of lost.slice(0, 20)) console.log(`  lost: ${each}`);
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { minutes: { type: 'string' }, seconds: { type: 'string' }, seed: { type: 'string' } },
  });
  const seconds = Number(values.seconds ?? Number(values.minutes ?? 10) * 60);
  const seed = Number(values.seed ?? 1);
  if (!(seconds > 0) || !Number.isSafeInteger(seed)) {
    console.error(USAGE);
    return 2;
  }
  console.log(`mailscope soak: ${seconds} s, seed ${seed}`);
  const soaked = await soak({ root: HERE, seconds, seed, say: line => console.log(line) });
  print(soaked);
  return soaked.balance.lost.length === 0 && soaked.ended === 0 ? 0 : 1;
}

process.exitCode = await main();
