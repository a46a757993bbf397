/** Carries out one attack: before it, while it lasts and after it, a probe and somebody honest look how the server is. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { NotServed, type Served, serve } from '../served.ts';
import type { Assault } from './assailant.ts';
import type { Attack, Findings, Scene } from './attack.ts';
import type { Round } from './honest.ts';
import type { ProbeTask, Vitals } from './probe.ts';
import { forkBeside, messageFrom } from './processes.ts';
import { mountSmallDisk } from './small-disk.ts';

/** What issue 10 asks: /healthz at p95 while an attack runs, in milliseconds. */
const P95 = 250;
const MEMORY = 512;
const SLOWEST = 2000;
/** Milliseconds to look at the server before and after. */
const LOOK = 2000;
const ASSAULT = 16_000;

export interface Look {
  readonly when: 'before' | 'during' | 'after';
  readonly vitals: Vitals;
  readonly rounds: readonly Round[];
}

export interface Outcome {
  readonly name: string;
  readonly entry: number;
  readonly looks: readonly Look[];
  readonly found: Findings;
  /** Each sentence is a promise broken; none: it held. */
  readonly broken: readonly string[];
  /** Why it could not be carried out; null where it was. */
  readonly skipped: string | null;
}

interface Watchers {
  look(when: Look['when']): Promise<Look>;
  end(): void;
}

function watch(root: string, data: string, served: Served): Watchers {
  const [probe, honest] = [forkBeside('probe.ts'), forkBeside('honest.ts')];
  const task: ProbeTask = { url: served.ready.url, pid: served.pid };
  probe.send(task);
  honest.send({ root, data, ready: served.ready });
  return {
    async look(when) {
      const telling = Promise.all([messageFrom<Vitals>(probe, 10_000), messageFrom<Round[]>(honest, 45_000)]);
      probe.send('report');
      honest.send('report');
      const [vitals, rounds] = await telling;
      return { when, vitals: vitals ?? { asked: 0, p50: 0, p95: 0, max: 0, memory: 0 }, rounds: rounds ?? [] };
    },
    end() {
      probe.kill('SIGKILL');
      honest.kill('SIGKILL');
    },
  };
}

const pass = (milliseconds: number): Promise<void> => new Promise(rest => setTimeout(rest, milliseconds));

/** Which of the promises that hold for every attack are broken. */
function judge(attack: Attack, { when, vitals, rounds }: Look): readonly string[] {
  const { memory = MEMORY, slowest = SLOWEST } = attack;
  const broken: string[] = [];
  const bound = (what: string, value: number, most: number, unit: string): void => {
    if (value > most) broken.push(`${when}: ${what} ${Math.round(value)} ${unit} (at most ${most})`);
  };
  bound('p95 of /healthz', vitals.p95, P95, 'ms');
  bound('slowest /healthz', vitals.max, slowest, 'ms');
  bound('memory', vitals.memory, memory, 'MB');
  // The last one: it was on its way while the attack lasted.
  const last = rounds.at(-1);
  const { accepted = null, stored = null, shown = null, collected = null, resolved = null, refusal = '' } = last ?? {};
  if (accepted === null) broken.push(`${when}: the honest letter is not accepted${refusal && ` (${refusal})`}`);
  else if (stored === null) broken.push(`${when}: the honest letter is not stored within 10 s`);
  else if (shown === null) broken.push(`${when}: the page does not show the honest letter within 10 s`);
  if (collected === null) broken.push(`${when}: somebody honest does not get in by POP3`);
  if (resolved === null) broken.push(`${when}: somebody honest gets no answer from DNS by TCP`);
  return broken;
}

async function assault(
  attack: Attack,
  target: Assault['target'],
  watchers: Watchers,
): Promise<readonly [Look, Findings, readonly string[]]> {
  const assailant = forkBeside('assailant.ts');
  try {
    const holding = messageFrom<Findings>(assailant, ASSAULT);
    const task: Assault = { name: attack.name, target };
    assailant.send(task);
    const found = (await holding) ?? {};
    const broken = (await attack.meanwhile?.(target)) ?? [];
    return [await watchers.look('during'), found, broken];
  } finally {
    if (assailant.connected) assailant.send('stop');
    await pass(200);
    assailant.kill('SIGKILL');
  }
}

/** `root`: the checkout that is attacked. */
export async function carryOut(attack: Attack, root: string): Promise<Outcome> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mailscope-attack-'));
  const unmount = attack.disk === undefined ? null : await mountSmallDisk(folder, attack.disk);
  const looks: Look[] = [];
  const broken: string[] = [];
  let found: Findings = {};
  let served: Served | null = null;
  let watchers: Watchers | null = null;
  const outcome = (skipped: string | null): Outcome => ({
    name: attack.name,
    entry: attack.entry,
    looks,
    found,
    broken,
    skipped,
  });
  const lookAt = async (when: Look['when']): Promise<void> => {
    const look = await watchers?.look(when);
    if (look === undefined) return;
    looks.push(look);
    if (when !== 'before') broken.push(...judge(attack, look));
  };
  const start = async (within?: number): Promise<Scene> => {
    const options = { root, data: folder, args: attack.args ?? [], ...(within !== undefined && { within }) };
    const now = await serve(options);
    served = now;
    return {
      root,
      data: folder,
      ready: now.ready,
      served: now,
      found,
      stop: async signal => {
        watchers?.end();
        watchers = null;
        await served?.stop(signal);
        served = null;
      },
      start,
    };
  };
  try {
    if (attack.disk !== undefined && unmount === null) return outcome('only root may mount a small disk');
    await attack.prepare?.(folder);
    let scene = await start();
    watchers = watch(root, folder, scene.served);
    await pass(LOOK);
    await lookAt('before');
    if (attack.assail !== undefined) {
      const [look, told, meanwhile] = await assault(attack, scene, watchers);
      found = told;
      scene = { ...scene, found };
      looks.push(look);
      broken.push(...meanwhile, ...judge(attack, look));
    }
    if (attack.examine !== undefined) broken.push(...(await attack.examine(scene)));
    const now = aliveOf(served);
    if (now === null) broken.push('the server is gone');
    else {
      watchers ??= watch(root, folder, now);
      await pass(LOOK);
      await lookAt('after');
    }
    return outcome(null);
  } catch (error) {
    if (!(error instanceof NotServed)) throw error;
    broken.push(`it does not start: ${error.message.slice(0, 200)}`);
    return outcome(null);
  } finally {
    watchers?.end();
    await aliveOf(served)?.stop('SIGKILL');
    await unmount?.();
    await rm(folder, { recursive: true, force: true });
  }
}

const aliveOf = (served: Served | null): Served | null => (served?.alive() === true ? served : null);
