/** An audience: how long a step takes from the speaker to everybody who follows. One process is the server, two are the crowd, this one the speaker. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { createLobby } from '../server/rooms/lobby.ts';
import { openRoom } from '../server/rooms/room.ts';
import { startWebServer } from '../server/web/http.ts';
import type { Cue } from '../shared/api/show.ts';
import { eachService } from '../shared/protocols.ts';
import { blueAndGreen } from '../shared/world/presets.ts';

const FILE = fileURLToPath(import.meta.url);
const CROWDS = 2;
/** Sockets that a crowd opens at once. */
const DOORWAY = 50;
const STEPS = 60;
/** Milliseconds between two steps. */
const BETWEEN = 250;
/** Milliseconds for which the pointer moves, sixty times a second, with a step every second. */
const POINTING = 5_000;

interface Span {
  /** Milliseconds from the speaker's send to a follower's receipt, one for each follower and step, sorted. A step that was skipped has arrived with the next. */
  readonly latencies: readonly number[];
  /** The server's part of one processor meanwhile. */
  readonly cpu: number;
  /** Cues a second to each follower. */
  readonly cues: number;
}

interface AudienceFigures {
  readonly steps: Span;
  readonly pointing: Span;
  /** Octets of the server's memory for each follower. */
  readonly memory: number;
}

/** Milliseconds of the clock that all processes of this machine share. */
const now = (): number => Number(process.hrtime.bigint()) / 1e6;

type Asked =
  | { readonly do: 'usage' }
  | { readonly do: 'follow'; readonly url: string; readonly id: string; readonly followers: number }
  | { readonly do: 'receipts' }
  | { readonly do: 'end' };

interface Usage {
  readonly cpu: number;
  readonly memory: number;
}
/** When each follower had beat 0, 1, 2…, and how many cues all of them got. */
interface Receipts {
  readonly at: readonly (readonly number[])[];
  readonly cues: number;
}

async function beServer(): Promise<void> {
  const main = await openRoom({ world: blueAndGreen, data: null, ports: null });
  const nowhere = { host: '127.0.0.1', port: 1 };
  const web = await startWebServer({
    lobby: createLobby({ main }),
    published: eachService(() => nowhere),
    host: '127.0.0.1',
    port: 0,
    audience: { host: '127.0.0.1', port: 0 },
    page: null,
    onTrouble: console.error,
  });
  process.on('message', (asked: Asked) => {
    if (asked.do === 'end') process.exit();
    const { user, system } = process.cpuUsage();
    process.send?.({ cpu: (user + system) / 1000, memory: process.memoryUsage.rss() } satisfies Usage);
  });
  process.send?.({ url: web.url, audience: web.ready.audience?.[0] });
}

/** A follower as a phone is one: joins, and notes when it has which beat. */
async function follow(url: string, id: string, onCue: () => void): Promise<number[]> {
  const { host, origin } = new URL(url);
  const at: number[] = [];
  const socket = new WebSocket(`ws://${host}/api/show?id=${id}`, { origin, perMessageDeflate: false });
  socket.on('message', data => {
    const beat = Number(/"beat":(-?\d+)/.exec(String(data))?.[1] ?? -1);
    onCue();
    while (at.length <= beat) at.push(now());
  });
  await once(socket, 'open');
  socket.send('{"type":"join","secret":null}');
  await once(socket, 'message');
  return at;
}

function beCrowd(): void {
  const all: number[][] = [];
  let cues = 0;
  async function gather(url: string, id: string, followers: number): Promise<void> {
    while (all.length < followers) {
      const some = Array.from({ length: Math.min(DOORWAY, followers - all.length) }, () =>
        follow(url, id, () => {
          cues += 1;
        }),
      );
      all.push(...(await Promise.all(some)));
    }
    cues = 0;
    process.send?.('here');
  }
  process.on('message', (asked: Asked) => {
    if (asked.do === 'end') process.exit();
    if (asked.do === 'receipts') process.send?.({ at: all, cues } satisfies Receipts);
    if (asked.do === 'follow') void gather(asked.url, asked.id, asked.followers);
  });
  process.send?.('ready');
}

async function ask<T>(child: ChildProcess, asked: Asked): Promise<T> {
  child.send(asked);
  const [answer] = (await once(child, 'message')) as [T];
  return answer;
}
async function start<T>(role: string): Promise<{ child: ChildProcess; said: T }> {
  const child = fork(FILE, [role], { serialization: 'advanced' });
  const [said] = (await once(child, 'message')) as [T];
  return { child, said };
}

const cueAt = (beat: number, x: number | null = null): Cue => ({
  shown: { kind: 'room', room: null },
  beat,
  at: beat * 1000,
  playing: false,
  speed: 1,
  blank: false,
  pointer: x === null ? null : { x, y: 0.5 },
});

/** Plays a talk before so many followers. */
export async function benchAudience(followers: number): Promise<AudienceFigures> {
  const { child: server, said } = await start<{ url: string; audience: string }>('server');
  const before = await ask<Usage>(server, { do: 'usage' });
  const begun = await fetch(new URL('/api/shows', said.url), { method: 'POST' });
  const { id, secret } = (await begun.json()) as { id: string; secret: string };
  const { host, origin } = new URL(said.url);
  const stage = new WebSocket(`ws://${host}/api/show?id=${id}`, { origin });
  await once(stage, 'open');
  stage.send(JSON.stringify({ type: 'join', secret }));
  const crowds = await Promise.all(
    Array.from({ length: Math.min(CROWDS, followers) }, async (_, nth, of = Math.min(CROWDS, followers)) => {
      const { child } = await start('crowd');
      const part = Math.floor((followers * (nth + 1)) / of) - Math.floor((followers * nth) / of);
      await ask(child, { do: 'follow', url: said.audience, id, followers: part });
      return child;
    }),
  );
  const full = await ask<Usage>(server, { do: 'usage' });

  /** When each beat was sent. */
  const sent: number[] = [];
  const tell = (cue: Cue): void => stage.send(JSON.stringify({ type: 'cue', cue }));
  function step(): void {
    sent.push(now());
    tell(cueAt(sent.length - 1));
  }
  let told = 0;
  async function measure(talk: () => Promise<void>): Promise<Span> {
    const [from, began, busy] = [sent.length, now(), await ask<Usage>(server, { do: 'usage' })];
    await talk();
    const took = now() - began;
    const { cpu } = await ask<Usage>(server, { do: 'usage' });
    const receipts: Receipts[] = [];
    // Everybody has the last beat, or the figure would not be one of all.
    do {
      receipts.splice(0, CROWDS, ...(await Promise.all(crowds.map(each => ask<Receipts>(each, { do: 'receipts' })))));
    } while (receipts.some(({ at }) => at.some(each => each.length < sent.length)));
    const latencies = receipts.flatMap(({ at }) =>
      at.flatMap(each => each.slice(from).map((moment, nth) => moment - (sent[from + nth] ?? moment))),
    );
    const cues = receipts.reduce((sum, each) => sum + each.cues, 0);
    const span = {
      latencies: latencies.toSorted((one, other) => one - other),
      cpu: (cpu - busy.cpu) / took,
      cues: ((cues - told) / followers / took) * 1000,
    };
    told = cues;
    return span;
  }

  const steps = await measure(async () => {
    for (let nth = 0; nth < STEPS; nth += 1) {
      step();
      await pause(BETWEEN);
    }
  });
  const pointing = await measure(async () => {
    for (let frame = 0; frame < (POINTING / 1000) * 60; frame += 1) {
      if (frame % 60 === 30) step();
      else tell(cueAt(sent.length - 1, (frame % 60) / 60));
      await pause(1000 / 60);
    }
  });
  stage.terminate();
  for (const child of [server, ...crowds]) child.send({ do: 'end' } satisfies Asked);
  return { steps, pointing, memory: (full.memory - before.memory) / followers };
}

if (process.argv[1] === FILE && process.send !== undefined) {
  if (process.argv[2] === 'server') await beServer();
  else beCrowd();
}
