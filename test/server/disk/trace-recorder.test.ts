/** The record of a room survives a restart, stays bounded, and tells its watchers everything once. */
import { appendFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RoomRecorder } from '../../../server/record/recorder.ts';
import { openRecorder } from '../../../server/record/recorder.ts';
import { openSilentRecorder } from '../../../server/record/silent-recorder.ts';
import type { Notice } from '../../../server/record/watchers.ts';
import { decodeTrace } from '../../../shared/trace/codec.ts';
import type { Fact } from '../../../shared/trace/event.ts';
import type { TraceHeader } from '../../../shared/trace/header.ts';
import { blueAndGreen } from '../../../shared/world/presets.ts';

const header = (title = 't'): TraceHeader => ({
  mailscope: 1,
  title,
  createdAt: new Date().toISOString(),
  world: { ...blueAndGreen, name: title, users: [] },
});
const marker = (label: string): Fact => ({ kind: 'marker', label });
const end = { host: 'mx1.green.example', address: '198.51.100.25', port: 25 };
const opened = (connection: string): Fact => ({ kind: 'tcp.opened', connection, from: end, to: end });

let folder: string;
let file: string;
let openNow: RoomRecorder[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mailscope-recorder-'));
  file = join(folder, 'current.trace.ndjson');
  openNow = [];
});
afterEach(async () => {
  for (const each of openNow) await each.close();
  await rm(folder, { recursive: true });
});
async function begin(options: Partial<Parameters<typeof openRecorder>[0]> = {}): Promise<RoomRecorder> {
  const recorder = await openRecorder({ header: header(), file, ...options });
  openNow.push(recorder);
  return recorder;
}
const read = async (path = file) => decodeTrace(await readFile(path, 'utf8'));

describe('the recorder', () => {
  test('the file is the trace, numbered and in time', async () => {
    const recorder = await begin();
    for (const label of ['a', 'b', 'c']) recorder.append(marker(label));
    await recorder.flush();
    expect(await read()).toEqual({ ok: true, header: recorder.header, events: recorder.events(1), unread: 0 });
    expect(recorder.events(2)).toMatchObject([
      { seq: 2, label: 'b' },
      { seq: 3, label: 'c' },
    ]);
    expect(recorder.lines(2, 1)).toEqual([expect.stringContaining('"label":"b"')]);
  });

  test('a restart goes on where it stopped: same trace, torn line cut, what was open ended', async () => {
    const first = await begin();
    first.append(opened('c7'));
    first.append({ kind: 'mailbox.locked', host: 'h', mailbox: 'bob@green.example', messages: 0, connection: 'c7' });
    await first.close();
    await appendFile(file, '{"seq":3,"at":99,"kind":"mar');
    const second = await begin();
    expect(second.id).toBe(first.id);
    second.append(marker('again'));
    await second.flush();
    const trace = await read();
    expect(trace).toMatchObject({
      ok: true,
      events: [
        { kind: 'tcp.opened' },
        { kind: 'mailbox.locked' },
        { kind: 'mailbox.unlocked', connection: 'c7' },
        { kind: 'tcp.closed', connection: 'c7', reason: 'restart' },
        { kind: 'marker', seq: 5 },
      ],
    });
    expect(second.next).toEqual({ connection: 8, exchange: 1 });
  });

  test('the trace of another world is put with the finished ones', async () => {
    const first = await begin();
    await first.close();
    const second = await begin({ header: header('another') });
    expect(second.events(1)).toEqual([]);
    expect(await readdir(join(folder, 'traces'))).toEqual([`${first.id.replaceAll(':', '-')}.trace.ndjson`]);
  });

  test('a full trace is put aside once nothing is open, and watchers are told of the new one', async () => {
    const recorder = await begin({ limits: { events: 8, bytes: 1e9 } });
    const notices: Notice[] = [];
    recorder.watch(notice => notices.push(notice));
    const first = recorder.id;
    recorder.append(opened('c1'));
    for (let at = 2; at <= 8; at += 1) recorder.append(marker(`${at}`));
    await turn();
    expect(recorder.id).toBe(first);
    recorder.append({ kind: 'tcp.closed', connection: 'c1', by: 'client', reason: 'fin' });
    await turn();
    expect(recorder.id).not.toBe(first);
    recorder.append(marker('new'));
    await turn();
    await recorder.flush();
    expect(await read()).toMatchObject({ ok: true, events: [{ seq: 1, label: 'new' }] });
    const [old] = await readdir(join(folder, 'traces'));
    expect(await read(join(folder, 'traces', old ?? ''))).toMatchObject({ ok: true, header: { createdAt: first } });
    expect(notices.map(notice => notice.kind)).toEqual(['events', 'events', 'trace', 'events']);
  });

  test('a trace that is far too full is put aside even so, and what is open goes on in the new one', async () => {
    const recorder = await begin({ limits: { events: 8, bytes: 1e9 } });
    recorder.append(opened('c1'));
    for (let at = 2; at <= 10; at += 1) recorder.append(marker(`${at}`));
    await turn();
    expect(recorder.events(1)).toMatchObject([{ kind: 'tcp.opened', connection: 'c1', seq: 1 }]);
    expect(recorder.next.connection).toBe(2);
    const [old] = await Promise.all([recorder.flush().then(() => readdir(join(folder, 'traces')))]);
    expect(await read(join(folder, 'traces', old[0] ?? ''))).toMatchObject({ ok: true });
  });

  test('a watcher hears of every event once, in batches', async () => {
    const recorder = await begin({ file: null });
    const heard: number[] = [];
    recorder.watch(notice => {
      if (notice.kind === 'events') heard.push(...notice.events.map(event => event.seq));
    });
    for (let at = 0; at < 5; at += 1) recorder.append(marker('x'));
    await turn();
    recorder.append(marker('y'));
    await turn();
    expect(heard).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('the silent one keeps nothing, and still tells', async () => {
    const recorder = await openSilentRecorder({ header: header() });
    openNow.push(recorder);
    const notices: Notice[] = [];
    recorder.watch(notice => notices.push(notice));
    expect(recorder.append(marker('x')).seq).toBe(1);
    expect(recorder.append(marker('x')).seq).toBe(2);
    await turn();
    expect(notices).toMatchObject([{ kind: 'events', events: [{ seq: 1 }, { seq: 2 }] }]);
    expect(recorder.events(1)).toEqual([]);
  });
});

const turn = (): Promise<void> => new Promise(resolve => setImmediate(() => setImmediate(resolve)));
