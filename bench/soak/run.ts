/** One soak: everybody at once, for a while, then quiet, then the balance. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { seededRandom } from '../../server/base/chance.ts';
import { mountSmallDisk } from '../attack/small-disk.ts';
import { type Balance, openLedger } from './ledger.ts';
import { type Company, callOnce, collectByClient, collectByHand, follow, sitIdle, submitOne, watch } from './people.ts';
import { drain, makeTrouble } from './trouble.ts';
import { raise, type Undead } from './world.ts';

export interface SoakOptions {
  /** The checkout whose server it is. */
  readonly root: string;
  readonly seconds: number;
  readonly seed: number;
  /** Told how it goes, one line. */
  readonly say: (line: string) => void;
}

export interface Soaked {
  readonly balance: Balance;
  readonly kills: number;
  readonly fullDisks: number;
  /** How often the server ended by itself. */
  readonly ended: number;
  /** Megabytes, once a second, over all lives. */
  readonly memory: readonly number[];
}

/** Octets of the small disk that is filled now and then. */
const DISK = 512 * 1024 * 1024;
/** Milliseconds that the queues get to drain. */
const DRAIN = 60_000;

type Deed = (company: Company) => Promise<void>;
/** Who is there, and how many milliseconds each rests at most between two deeds. */
const PEOPLE: readonly (readonly [name: string, deed: Deed, rest: number])[] = [
  ['sender', submitOne, 200],
  ['second sender', submitOne, 300],
  ['third sender', submitOne, 1200],
  ['stranger', callOnce, 400],
  ['second stranger', callOnce, 900],
  ['idler', sitIdle, 500],
  ['collector', collectByHand, 1500],
  ['client', collectByClient, 2500],
  ['viewer', watch, 300],
  ['second viewer', watch, 1500],
  ['follower', follow, 1500],
  ['trouble', makeTrouble, 900],
];

const resting = (milliseconds: number): Promise<void> => new Promise(done => setTimeout(done, milliseconds));

/** Kills and full disks, in turn, some seconds apart. */
async function disasters(
  undead: Undead,
  random: () => number,
  over: () => boolean,
  small: boolean,
): Promise<Pick<Soaked, 'kills' | 'fullDisks' | 'ended'>> {
  const counts = { kills: 0, fullDisks: 0, ended: 0 };
  while (!over()) {
    await resting(1500 + random() * 3000);
    if (await undead.revive()) counts.ended += 1;
    if (over()) break;
    if (small && random() < 0.4) {
      counts.fullDisks += 1;
      await undead.starve(500 + random() * 1500);
    } else {
      counts.kills += 1;
      await undead.killAndRestart();
    }
  }
  return counts;
}

/** Rejects with NotServed where the server does not come up again. */
export async function soak({ root, seconds, seed, say }: SoakOptions): Promise<Soaked> {
  const data = await mkdtemp(path.join(tmpdir(), 'mailscope-soak-'));
  const unmount = await mountSmallDisk(data, DISK);
  if (unmount === null) say('Full disks are left out: only root may mount a small one.');
  const ledger = openLedger();
  let undead: Undead | null = null;
  try {
    const server = await raise(root, data, unmount !== null);
    undead = server;
    const end = performance.now() + seconds * 1000;
    const over = (): boolean => performance.now() >= end;
    let letters = 0;
    const newId = (): string => {
      letters += 1;
      return `<soak-${seed}-${letters}@blue.example>`;
    };
    const live = async (name: string, deed: Deed, rest: number): Promise<void> => {
      const random = seededRandom(seed, name);
      while (!over()) {
        const served = server.now();
        // What fails is the server's affair; what was promised before is in the ledger.
        if (served !== null) await deed({ ready: served.ready, ledger, random, newId }).catch(() => undefined);
        await resting(50 + random() * rest);
      }
    };
    const telling = setInterval(() => {
      const left = Math.max(0, Math.round((end - performance.now()) / 1000));
      say(`${left} s left; ${ledger.acceptedSoFar()} accepted; RSS ${Math.round(server.memory.at(-1) ?? 0)} MB`);
    }, 30_000);
    const [counts] = await Promise.all([
      disasters(server, seededRandom(seed, 'disasters'), over, unmount !== null),
      ...PEOPLE.map(person => live(...person)),
    ]);
    clearInterval(telling);
    const ended = counts.ended + ((await server.revive()) ? 1 : 0);
    const url = server.now()?.ready.url ?? '';
    await drain(url, DRAIN);
    return { ...counts, ended, balance: await ledger.balance(data, url), memory: server.memory };
  } finally {
    await undead?.end();
    await unmount?.();
    await rm(data, { recursive: true, force: true });
  }
}
