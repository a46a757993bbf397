/** Killed in the middle of things, mailscope goes on where it was: no letter is lost, no lock stays, the trace has no hole. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTransport } from 'nodemailer';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Room } from '../../../server/rooms/room.ts';
import { openRoom } from '../../../server/rooms/room.ts';
import { latin1 } from '../../../shared/bytes.ts';
import { createStoryteller } from '../../../shared/reading/storyteller.ts';
import { decodeTrace } from '../../../shared/trace/codec.ts';
import type { TraceEvent } from '../../../shared/trace/event.ts';
import { blueAndGreen } from '../../../shared/world/presets.ts';
import { temporaryFolder } from '../../help/loopback/pop3-loopback.ts';

const ALICE = 'alice@blue.example';
const BOB = 'bob@green.example';
const BIN = fileURLToPath(new URL('../../../bin/mailscope.js', import.meta.url));
const ANY = ['', 'submission-', 'smtp-', 'pop3-', 'dns-'].flatMap(kind => [`--${kind}port`, '0']);

let folder: string;
let removeFolder: () => Promise<void>;
let data: string;
let child: ChildProcess | null;
let rooms: Room[];
beforeEach(async () => {
  [folder, removeFolder] = await temporaryFolder();
  data = join(folder, 'data');
  child = null;
  rooms = [];
});
afterEach(async () => {
  child?.kill('SIGKILL');
  for (const room of rooms) await room.close();
  await removeFolder();
});

interface Ready {
  readonly submission: { readonly port: number };
  readonly pop3: { readonly port: number };
}
/** Another process that uses the data folder. */
async function serve(): Promise<Ready> {
  child = spawn(process.execPath, [BIN, '--json', '--data', data, ...ANY], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  while (!text.includes('\n')) if (child.stdout) await once(child.stdout, 'data');
  return JSON.parse(text) as Ready;
}
async function kill(): Promise<void> {
  // Whoever has ended already says so only once.
  if (child === null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
async function again(): Promise<Room> {
  const room = await openRoom({ world: blueAndGreen, data, ports: null });
  rooms.push(room);
  return room;
}
function until(room: Room, satisfied: (events: readonly TraceEvent[]) => boolean): Promise<void> {
  return new Promise(resolve => {
    const look = (): void => {
      if (!satisfied(room.recorder.events(1))) return;
      stop();
      resolve();
    };
    const stop = room.recorder.watch(look);
    look();
  });
}
const subjectsIn = async (...place: string[]): Promise<Set<string>> => {
  const path = join(data, ...place, 'new');
  const letters = await Promise.all((await readdir(path)).map(file => readFile(join(path, file), 'latin1')));
  return new Set(letters.flatMap(letter => /^Subject: (.*)\r$/m.exec(letter)?.[1] ?? []));
};

describe('after kill -9', () => {
  test('every letter that had its 250 arrives, the trace goes on without a gap, and Bob can collect', async () => {
    const { submission } = await serve();
    const transport = createTransport({
      host: '127.0.0.1',
      port: submission.port,
      secure: false,
      ignoreTLS: true,
      auth: { user: ALICE, pass: 'alice-wonder-7' },
    });
    const accepted = new Set<string>();
    const letters = Array.from({ length: 40 }, (_, nth) => `Letter ${nth}`);
    // Killed while half of them are under way: those without an answer are nobody's promise.
    await Promise.allSettled(
      letters.map(async subject => {
        await transport.sendMail({ from: ALICE, to: BOB, subject, text: 'x' });
        accepted.add(subject);
        if (accepted.size === 20) child?.kill('SIGKILL');
      }),
    );
    await kill();
    expect(accepted.size).toBeGreaterThanOrEqual(20);
    const file = join(data, 'current.trace.ndjson');
    const left = await readFile(file, 'utf8');
    // The header, the events, and what follows the last LF.
    const before = left.split('\n').length - 2;

    const room = await again();
    await until(room, events => {
      const since = events.filter(event => event.seq > before);
      const done = new Set(since.flatMap(event => (event.kind === 'mail.dequeued' ? [event.queueId] : [])));
      return since.every(event => event.kind !== 'mail.queued' || done.has(event.queueId));
    });
    const stored = await subjectsIn('mail', BOB);
    for (const subject of accepted) expect(stored).toContain(subject);
    expect(await room.collect(BOB)).toMatchObject({ kind: 'collected' });
    const fetched = await subjectsIn('clients', BOB);
    for (const subject of accepted) expect(fetched).toContain(subject);
    expect(await readdir(join(data, 'queue', 'smtp.blue.example'))).toEqual([]);

    const events = room.recorder.events(1);
    expect(events.map(event => event.seq)).toEqual(events.map((_, at) => at + 1));
    for (const [at, event] of events.entries()) expect(event.at).toBeGreaterThanOrEqual(events[at - 1]?.at ?? 0);
    await room.recorder.flush();
    const written = await readFile(file, 'utf8');
    expect(written.startsWith(left.slice(0, left.lastIndexOf('\n') + 1))).toBe(true);
    const decoded = decodeTrace(written);
    if (!decoded.ok) throw new Error(decoded.message);
    expect(createStoryteller(decoded.header).append(decoded.events).beats.length).toBeGreaterThan(0);
  });

  test('a POP3 session that was open has removed nothing, and its lock is gone', async () => {
    const first = await again();
    await first.send({ from: { address: ALICE }, to: [BOB], subject: 'Kept', text: 'x' })?.finished;
    await first.close();
    const { pop3 } = await serve();
    const socket = createConnection(pop3.port, '127.0.0.1');
    socket.on('error', () => undefined);
    let heard = '';
    socket.write(`USER ${BOB}\r\nPASS bob-builds-4\r\nDELE 1\r\n`);
    // Leaving a `for await` would hang up, and this session is to be open when the process dies.
    while (!heard.includes('will be removed')) heard += String((await once(socket, 'data'))[0]);
    // The record follows the wire by a turn: the lock is to be in it when the process dies.
    const record = join(data, 'current.trace.ndjson');
    await expect.poll(() => readFile(record, 'utf8')).toContain('"mailbox.locked"');
    await kill();
    const room = await again();
    expect(await room.collect(BOB)).toMatchObject({ kind: 'collected', messages: 1 });
    const locks = room.recorder.events(1).flatMap(({ kind }) => (kind.startsWith('mailbox.') ? [kind] : []));
    expect(locks.filter(kind => kind === 'mailbox.locked')).toHaveLength(2);
    expect(locks.filter(kind => kind === 'mailbox.unlocked')).toHaveLength(2);
    expect(room.recorder.events(1)).toContainEqual(expect.objectContaining({ kind: 'tcp.closed', reason: 'restart' }));
  });
});

describe('the trace that was left', () => {
  const file = (): string => join(data, 'current.trace.ndjson');
  const letterSent = async (): Promise<number> => {
    const room = await again();
    await room.send({ from: { address: ALICE }, to: [BOB], subject: 'x', text: 'x' })?.finished;
    const { length } = room.recorder;
    await room.close();
    return length;
  };

  test('goes on although its last line is torn', async () => {
    const length = await letterSent();
    const before = (await stat(file())).size;
    await appendFile(file(), '{"seq":9999,"at":12,"kind":"wire.by');
    const room = await again();
    expect(room.recorder.length).toBeGreaterThanOrEqual(length);
    await room.close();
    expect((await readFile(file())).subarray(before).toString()).not.toContain('wire.by');
    expect(decodeTrace(await readFile(file(), 'utf8'))).toMatchObject({ ok: true });
  });

  test.each([
    ['of another world', (text: string) => text.replaceAll('mx1.green.example', 'mx7.green.example'), []],
    ['that is no trace', () => 'hello\n', ['room.trouble']],
  ])('%s is put aside and a new one begins', async (_what, spoil, said) => {
    await letterSent();
    const spoiled = spoil(await readFile(file(), 'utf8'));
    await writeFile(file(), spoiled);
    const room = await again();
    expect(room.recorder.events(1).map(event => event.kind)).toEqual([...said, 'mailbox.found']);
    const [kept = ''] = await readdir(join(data, 'traces'));
    expect(await readFile(join(data, 'traces', kept), 'utf8')).toBe(spoiled);
    expect(await room.collect(BOB)).toMatchObject({ kind: 'collected', messages: 1 });
  });

  test('goes on although there is rubbish in its middle, and that is said', async () => {
    const length = await letterSent();
    await writeFile(file(), (await readFile(file(), 'utf8')).replace('\n{', '\nrubbish\n{'));
    const room = await again();
    expect(room.recorder.length).toBeGreaterThanOrEqual(length);
    expect(room.recorder.events(1).at(-1)).toMatchObject({ kind: 'room.trouble', code: 'trace-damaged' });
    await room.close();
  });

  test('an empty one is begun afresh', async () => {
    await letterSent();
    await writeFile(file(), '');
    const room = await again();
    await room.close();
    expect(decodeTrace(await readFile(file(), 'utf8'))).toMatchObject({ ok: true });
  });
});

describe('closing', () => {
  test('waits for a letter and a collection that are under way, and records their end', async () => {
    const room = await again();
    await room.send({ from: { address: ALICE }, to: [BOB], subject: 'x', text: 'x' })?.finished;
    const collecting = room.collect(BOB);
    const sent = room.send({ from: { address: ALICE }, to: [BOB], subject: 'y', text: 'y' }, { collect: true });
    let ended = 0;
    void collecting?.then(() => {
      ended += 1;
    });
    void sent?.finished.then(() => {
      ended += 1;
    });
    await room.close();
    expect(ended).toBe(2);
    expect(decodeTrace(await readFile(join(data, 'current.trace.ndjson'), 'utf8'))).toMatchObject({ ok: true });
  });

  test('does not wait for ever while the wire is held', async () => {
    const room = await again();
    room.brake.hold(true);
    const collecting = room.collect(BOB);
    await until(room, events => events.some(event => event.kind === 'wire.held'));
    await room.close();
    expect(await collecting).toMatchObject({ kind: 'failed' });
  });
});

test('a letter is recorded as stored before anybody can collect it', async () => {
  const room = await again();
  const journeys: Promise<unknown>[] = [];
  const reading = { done: false };
  const reader = async (): Promise<number> => {
    let messages = 0;
    while (!reading.done) {
      const outcome = await room.collect(BOB);
      messages += outcome?.messages ?? 0;
    }
    return messages;
  };
  const read = reader();
  for (let nth = 0; nth < 15; nth += 1) {
    const sent = room.send({ from: { address: ALICE }, to: [BOB], subject: `${nth}`, text: 'x' });
    if (sent) journeys.push(sent.finished);
  }
  await Promise.all(journeys);
  reading.done = true;
  await read;
  await room.collect(BOB);
  const stored = new Map<string, number>();
  let held = 0;
  const spoken = room.recorder.events(1).flatMap(event => (event.kind === 'wire.bytes' ? latin1(event.bytes) : []));
  expect(spoken.join('')).toContain('Ok: stored as');
  for (const event of room.recorder.events(1)) {
    if (event.kind === 'mail.stored') {
      stored.set(event.file, event.seq);
      held += 1;
    }
    if (event.kind === 'mailbox.locked') expect(event.messages).toBeLessThanOrEqual(held);
    if (event.kind === 'mailbox.removed') {
      expect(stored.get(event.file)).toBeLessThan(event.seq);
      held -= 1;
    }
  }
  expect(stored.size).toBe(15);
  expect(held).toBe(0);
});
