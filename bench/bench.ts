/**
 * How fast it is, on this machine, now: prints numbers, judges nothing. `npm run bench`; `npm run bench -- followers` the audience
 * alone, `-- page [LETTERS…]` many letters in front of the page, `-- mailbox [LETTERS…]` a mailbox of many letters,
 * `-- memory [LETTERS]` the memory while many letters pass.
 */

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { createTransport } from 'nodemailer';
import { WebSocket } from 'ws';
import { createLobby } from '../server/rooms/lobby.ts';
import { ANY_PORTS } from '../server/rooms/publish.ts';
import { type Recording, silentRecording, wholeRecording } from '../server/rooms/recording.ts';
import { openRoom, type Room } from '../server/rooms/room.ts';
import { startWebServer } from '../server/web/http.ts';
import { ensurePage } from '../server/web/page.ts';
import { createStoryteller } from '../shared/reading/storyteller.ts';
import { sceneAt } from '../shared/story/scene.ts';
import { storyTime } from '../shared/story/story.ts';
import { blueAndGreen } from '../shared/world/presets.ts';
import { header, journey, Script } from '../test/fixtures/script.ts';
import { figureCost, type Work } from './figure.ts';
import { benchAudience } from './followers.ts';
import { benchMailbox } from './mailbox.ts';
import { benchMemory } from './memory.ts';
import { benchPage } from './page.ts';
import { benchQueue } from './queue.ts';
import { stageCost } from './stage.ts';

const LETTERS = 400;
const AT_ONCE = 10;
const ROUNDS = 3;

const anywhere = ANY_PORTS;

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
const median = (values: readonly number[]): number =>
  percentile(
    [...values].sort((one, other) => one - other),
    0.5,
  );
const row = (what: string, value: string): void => console.log(`${what.padEnd(62)} ${value}`);

/** Resolves once the Maildir holds that many letters. */
async function stored(folder: string, count: number): Promise<void> {
  for (;;) {
    if ((await readdir(folder)).length >= count) return;
    await new Promise(done => setTimeout(done, 2));
  }
}

/** Submits `LETTERS` letters by nodemailer, a new connection each, and waits until all lie in Bob's Maildir. Letters per second. */
async function journeys(
  recording: Recording,
  watch: ((room: Room) => Promise<() => Promise<void>>) | null,
): Promise<number> {
  const data = await mkdtemp(path.join(tmpdir(), 'mailscope-bench-'));
  const room = await openRoom({ world: blueAndGreen, data, ports: anywhere, recording });
  const unwatch = watch ? await watch(room) : null;
  const alice = blueAndGreen.users[0];
  const transport = createTransport({
    host: '127.0.0.1',
    port: room.published?.submission.port ?? 0,
    secure: false,
    ignoreTLS: true,
    auth: { user: alice?.address ?? '', pass: alice?.password ?? '' },
  });
  const began = performance.now();
  let next = 0;
  const worker = async () => {
    while (next++ < LETTERS) {
      await transport.sendMail({
        from: 'alice@blue.example',
        to: 'bob@green.example',
        subject: `Letter ${next}`,
        text: 'Are you free at noon?\n.\nSee you.',
      });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  await stored(path.join(data, 'mail', 'bob@green.example', 'new'), LETTERS);
  const rate = LETTERS / ((performance.now() - began) / 1000);
  transport.close();
  await unwatch?.();
  await room.close();
  await rm(data, { recursive: true, force: true });
  return rate;
}

/** A viewer as the page is one; notes how long each event took from the wire to here, in milliseconds. */
async function viewer(room: Room, latencies: number[]): Promise<() => Promise<void>> {
  const published = room.published;
  if (!published) throw new Error('a room that is watched is published');
  const web = await startWebServer({
    lobby: createLobby({ main: room }),
    published,
    host: '127.0.0.1',
    port: 0,
    page: null,
    onTrouble: console.error,
  });
  const { origin, host } = new URL(web.url);
  const socket = new WebSocket(`ws://${host}/api/live`, { origin });
  await new Promise((done, failed) => socket.once('open', done).once('error', failed));
  socket.send(JSON.stringify({ type: 'watch', trace: null, from: 1 }));
  socket.on('message', data => {
    const message = JSON.parse(String(data)) as { type: string; events?: { at: number }[] };
    const now = room.recorder.now();
    for (const event of message.events ?? []) latencies.push((now - event.at) / 1000);
  });
  return async () => {
    socket.terminate();
    await web.close();
  };
}

/** A hall, and a table. */
async function audience(): Promise<void> {
  for (const followers of [2_000, 3]) {
    const { steps, pointing, memory } = await benchAudience(followers);
    const times = ({ latencies }: typeof steps): string =>
      [percentile(latencies, 0.5), percentile(latencies, 0.99), latencies.at(-1) ?? 0]
        .map(each => each.toFixed(1))
        .join(' / ');
    const many = followers.toLocaleString('en');
    row(`a step to ${many} followers, four a second, p50 / p99 / max`, `${times(steps)} ms`);
    row(`the server's part of a processor meanwhile`, `${(steps.cpu * 100).toFixed(0)} %`);
    row(`a step to ${many} while the pointer moves, p50 / p99 / max`, `${times(pointing)} ms`);
    row(
      `the pointer, 60 times a second: how many reach each; processor`,
      `${pointing.cues.toFixed(0)}; ${(pointing.cpu * 100).toFixed(0)} %`,
    );
    if (followers > 100) row(`the server's memory for each follower`, `${(memory / 1000).toFixed(0)} kB`);
  }
}

const builtPage = (): Promise<string | null> =>
  ensurePage(path.join(path.dirname(fileURLToPath(import.meta.url)), '..'), console.error);

async function manyLetters(counts: readonly string[]): Promise<void> {
  const page = await builtPage();
  if (page === null) throw new Error('The page could not be built.');
  await benchPage(page, counts.length === 0 ? [1_000, 2_000, 10_000] : counts.map(Number));
}

async function main(): Promise<void> {
  const page = await builtPage();
  console.log(
    `mailscope bench: node ${process.version}, ${LETTERS} letters a round, ${AT_ONCE} at once, a connection each; median of ${ROUNDS} rounds\n`,
  );
  const busy: number[] = [];
  const rates = { watched: [] as number[], on: [] as number[], off: [] as number[] };
  // The first round warms the machine up and does not count.
  for (let round = 0; round <= ROUNDS; round++) {
    const off = await journeys(silentRecording, null);
    const on = await journeys(wholeRecording, null);
    const watched = await journeys(wholeRecording, room => viewer(room, round === 0 ? [] : busy));
    if (round > 0) {
      rates.off.push(off);
      rates.on.push(on);
      rates.watched.push(watched);
    }
  }
  row('journeys a second, submit to stored, recording and one viewer', median(rates.watched).toFixed(0));
  row('journeys a second, recording, nobody watching', median(rates.on).toFixed(0));
  row('journeys a second, recording off', median(rates.off).toFixed(0));
  row('cost of the recording (time with / time without)', (median(rates.off) / median(rates.on)).toFixed(2));
  busy.sort((one, other) => one - other);
  row(
    'wire to browser under that load, p50 / p99',
    `${percentile(busy, 0.5).toFixed(1)} / ${percentile(busy, 0.99).toFixed(1)} ms`,
  );

  const calm: number[] = [];
  const room = await openRoom({ world: blueAndGreen, data: null, ports: anywhere });
  const unwatch = await viewer(room, calm);
  for (let letter = 0; letter < 50; letter++) {
    await room.send({
      from: { address: 'alice@blue.example' },
      to: ['bob@green.example'],
      subject: 'One',
      text: 'by one',
    })?.finished;
  }
  await unwatch();
  await room.close();
  calm.sort((one, other) => one - other);
  row(
    'wire to browser, one letter at a time, p50 / p99',
    `${percentile(calm, 0.5).toFixed(1)} / ${percentile(calm, 0.99).toFixed(1)} ms`,
  );

  const script = new Script();
  for (let nth = 0; script.events.length < 100_000; nth++) journey(script, `j${nth}-`);
  const building = performance.now();
  const story = createStoryteller(header).append(script.events);
  row(
    `story of ${script.events.length.toLocaleString('en')} events, built from nothing`,
    `${((performance.now() - building) / 1000).toFixed(2)} s`,
  );
  const calls = 200_000;
  const seeking = performance.now();
  for (let call = 0; call < calls; call++) sceneAt(story, storyTime((story.end * ((call * 7919) % calls)) / calls));
  row(
    'sceneAt on it, at moments all over, per call',
    `${(((performance.now() - seeking) / calls) * 1000).toFixed(2)} µs`,
  );

  const queue = await benchQueue();
  const deferred = `queue of ${queue.letters.toLocaleString('en')} deferred letters of ${queue.octets / 1000} kB`;
  row(`${deferred}, recovered at start`, `${queue.recovery.toFixed(2)} s`);
  row(`${deferred}, memory`, `${(queue.memory / 1_000_000).toFixed(1)} MB`);
  row(`${deferred}, all tried once more`, `${queue.round.toFixed(1)} s`);
  await audience();
  if (page !== null) {
    const stage = await stageCost(page);
    const frames = (each: readonly number[]): string =>
      `${percentile(each, 0.5).toFixed(1)} / ${percentile(each, 0.99).toFixed(1)} ms`;
    row('a frame on the main thread, 20 hosts, 50 letters, p50 / p99', frames(stage.page));
    row('the stage alone, 50 letters in the air at once, p50 / p99', frames(stage.stress));
    const figure = await figureCost(page);
    for (const [name, bytes] of figure.weights)
      row(`embed weight, ${name}, style included (gzip)`, `${(bytes / 1000).toFixed(1)} kB`);
    const spent = (work: Work | undefined): string =>
      work === undefined
        ? 'none'
        : `${work.all.toFixed(0)} ms (script ${work.script.toFixed(0)}, style ${work.style.toFixed(0)}, layout ${work.layout.toFixed(0)})`;
    row('first picture of a figure, main thread, told run', spent(figure.told));
    row('first picture of a figure, main thread, raw recording', spent(figure.raw));
  }

  const files = (await readdir(page ?? '.', { recursive: true, withFileTypes: true })).filter(entry => entry.isFile());
  const weights = new Map<string, number>();
  for (const file of files) {
    const bytes = await readFile(path.join(file.parentPath, file.name));
    const kind = path.extname(file.name).slice(1);
    weights.set(
      kind,
      (weights.get(kind) ?? 0) + (kind === 'woff2' || kind === 'png' ? bytes.length : gzipSync(bytes).length),
    );
  }
  for (const [kind, weight] of weights)
    row(
      `page weight, ${kind}${kind === 'woff2' ? ' (all subsets; a browser fetches what it needs)' : ' (gzip)'}`,
      `${(weight / 1000).toFixed(1)} kB`,
    );
}

async function mailboxes(counts: readonly number[]): Promise<void> {
  for (const count of counts) await benchMailbox(count, row);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [what, ...counts] = process.argv.slice(2);
  if (what === 'followers') await audience();
  else if (what === 'page') await manyLetters(counts);
  else if (what === 'mailbox') await mailboxes(counts.length === 0 ? [0, 10_000, 50_000] : counts.map(Number));
  else if (what === 'memory') await benchMemory(Number(counts[0] ?? 50_000), row);
  else await main();
}
