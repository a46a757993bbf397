/** A disk that fails for a while costs nothing: said when it stops and when it works again, and the file has no gap and no torn line. */
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { realDisk, type TraceDisk } from '../../../server/record/disk.ts';
import { openRecorder, type RoomRecorder } from '../../../server/record/recorder.ts';
import { createTroubles } from '../../../server/record/troubles.ts';
import { decodeTrace } from '../../../shared/trace/codec.ts';
import type { Fact } from '../../../shared/trace/event.ts';
import { blueAndGreen } from '../../../shared/world/presets.ts';

const header = () => ({
  mailscope: 1 as const,
  title: 't',
  createdAt: new Date().toISOString(),
  world: { ...blueAndGreen, users: [] },
});
const marker = (label: string): Fact => ({ kind: 'marker', label });

type Call = 'open' | 'appendFile' | 'truncate' | 'rename' | 'rm';

/** A file system that refuses one kind of call while `failing` says so; a write then leaves half of what it was given. */
class FailingDisk implements TraceDisk {
  failing: { readonly call: Call; readonly code: string } | null = null;
  tries = 0;
  opened = 0;
  closed = 0;
  readonly mkdir = realDisk.mkdir;
  readonly readdir = realDisk.readdir;
  readonly stat = realDisk.stat;

  private check(call: Call): void {
    if (this.failing?.call !== call) return;
    this.tries += 1;
    throw Object.assign(new Error(`${this.failing.code}: ${call}`), { code: this.failing.code });
  }

  async open(path: string, flags: 'a', mode: number) {
    this.check('open');
    const handle = await realDisk.open(path, flags, mode);
    this.opened += 1;
    return {
      appendFile: async (octets: Uint8Array) => {
        if (this.failing?.call === 'appendFile') await handle.appendFile(octets.subarray(0, octets.length / 2));
        this.check('appendFile');
        await handle.appendFile(octets);
      },
      truncate: async (length: number) => {
        this.check('truncate');
        await handle.truncate(length);
      },
      stat: () => handle.stat(),
      close: async () => {
        this.closed += 1;
        await handle.close();
      },
    };
  }

  async rename(from: string, to: string) {
    this.check('rename');
    await realDisk.rename(from, to);
  }

  async rm(path: string) {
    this.check('rm');
    await realDisk.rm(path);
  }
}

let folder: string;
let file: string;
let disk: FailingDisk;
let said: string[];
let recorder: RoomRecorder;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mailscope-disk-'));
  file = join(folder, 'current.trace.ndjson');
  disk = new FailingDisk();
  said = [];
});
afterEach(async () => {
  disk.failing = null;
  await recorder.close();
  expect(disk.closed).toBe(disk.opened);
  await rm(folder, { recursive: true });
});

async function begin(options: Partial<Parameters<typeof openRecorder>[0]> = {}): Promise<void> {
  const troubles = createTroubles(sentence => said.push(sentence));
  recorder = await openRecorder({ header: header(), file, disk, retryWait: 5, report: troubles.report, ...options });
  troubles.recordIn(recorder);
}
const labels = async (path = file): Promise<readonly string[]> => {
  const trace = decodeTrace(await readFile(path, 'utf8'));
  if (!trace.ok) throw new Error(trace.message);
  expect(trace.unread).toBe(0);
  return trace.events.flatMap(event => (event.kind === 'marker' ? [event.label] : []));
};
const codes = (): readonly string[] =>
  recorder.events(1).flatMap(event => (event.kind === 'room.trouble' ? [event.code] : []));
const until = (check: () => boolean): Promise<void> =>
  vi.waitFor(() => expect(check()).toBe(true), { timeout: 20_000, interval: 5 });

describe('a trace whose disk fails', () => {
  test.each([
    ['ENOSPC', 'appendFile'],
    ['EIO', 'appendFile'],
    ['EDQUOT', 'appendFile'],
  ] as const)('%s while it is written: the torn line is cut and the gap is closed', async (code, call) => {
    await begin();
    recorder.append(marker('before'));
    await recorder.flush();
    disk.failing = { call, code };
    recorder.append(marker('torn'));
    await until(() => disk.tries > 2);
    recorder.append(marker('meanwhile'));
    await recorder.flush();
    expect(said).toEqual([expect.stringContaining(`current.trace.ndjson: ${code}`)]);
    expect(disk.closed).toBe(disk.opened);
    disk.failing = null;
    await until(() => codes().length === 2);
    await recorder.flush();
    expect(codes()).toEqual(['trace-unwritable', 'trace-writable']);
    expect(said).toHaveLength(2);
    expect(await labels()).toEqual(['before', 'torn', 'meanwhile']);
    expect(decodeTrace(await readFile(file, 'utf8'))).toMatchObject({ events: recorder.events(1) });
  });

  test('EROFS: the file cannot be opened again for a while', async () => {
    await begin();
    recorder.append(marker('before'));
    await recorder.flush();
    disk.failing = { call: 'appendFile', code: 'EROFS' };
    recorder.append(marker('one'));
    await until(() => disk.tries > 0);
    disk.failing = { call: 'open', code: 'EROFS' };
    const before = disk.tries;
    await until(() => disk.tries > before + 1);
    disk.failing = { call: 'truncate', code: 'EROFS' };
    const tries = disk.tries;
    await until(() => disk.tries > tries + 1);
    disk.failing = null;
    await until(() => codes().includes('trace-writable'));
    await recorder.flush();
    expect(await labels()).toEqual(['before', 'one']);
  });

  test('a file that has gone meanwhile is written anew, from its beginning', async () => {
    await begin();
    recorder.append(marker('before'));
    await recorder.flush();
    disk.failing = { call: 'appendFile', code: 'EIO' };
    recorder.append(marker('after'));
    await until(() => disk.tries > 0);
    disk.failing = { call: 'open', code: 'EIO' };
    const before = disk.tries;
    await until(() => disk.tries > before);
    await rm(file);
    disk.failing = null;
    await until(() => codes().includes('trace-writable'));
    await recorder.flush();
    expect(await labels()).toEqual(['before', 'after']);
  });

  test.each([
    ['rename', 'EACCES'],
    ['open', 'ENOSPC'],
  ] as const)('%s fails while another trace begins: both are whole in the end', async (call, code) => {
    await begin({ limits: { events: 4, bytes: 1e9 } });
    for (const label of ['a', 'b', 'c']) recorder.append(marker(label));
    await recorder.flush();
    const finished = recorder.id;
    disk.failing = { call, code };
    recorder.append(marker('d'));
    await until(() => recorder.id !== finished && disk.tries > 1);
    recorder.append(marker('e'));
    await recorder.flush();
    disk.failing = null;
    await until(() => codes().includes('trace-writable'));
    await recorder.flush();
    expect(await labels()).toEqual(['e']);
    expect(await labels(join(folder, 'traces', `${finished.replaceAll(':', '-')}.trace.ndjson`))).toEqual([
      'a',
      'b',
      'c',
      'd',
    ]);
  });

  test('that fails for many traces loses the ones between the first and the last, says so, and keeps no more in memory', async () => {
    await begin({ limits: { events: 6, bytes: 1e9 } });
    disk.failing = { call: 'appendFile', code: 'ENOSPC' };
    const first = recorder.id;
    recorder.append(marker('first'));
    for (let trace = 0; trace < 3; trace += 1) {
      const { id } = recorder;
      while (recorder.id === id) {
        recorder.append(marker(`${trace}`));
        await new Promise(resolve => setImmediate(resolve));
      }
    }
    recorder.append(marker('last'));
    await recorder.flush();
    expect(said.filter(sentence => sentence.includes('is lost'))).toHaveLength(2);
    disk.failing = null;
    await until(() => codes().includes('trace-writable'));
    await recorder.flush();
    expect(await labels()).toContain('last');
    expect(await readdir(join(folder, 'traces'))).toEqual([`${first.replaceAll(':', '-')}.trace.ndjson`]);
  });

  test('it is not said again and again, nor tried without a pause', async () => {
    await begin({ retryWait: 60_000 });
    disk.failing = { call: 'appendFile', code: 'ENOSPC' };
    recorder.append(marker('first'));
    await until(() => said.length > 0);
    for (let at = 0; at < 50; at += 1) {
      recorder.append(marker(`${at}`));
      await new Promise(resolve => setImmediate(resolve));
    }
    expect(disk.tries).toBe(1);
    expect(said).toHaveLength(1);
  });

  test('it is tried as soon after many failures as after one: what is in memory only goes with a kill', async () => {
    await begin();
    for (let time = 1; time <= 3; time += 1) {
      disk.failing = { call: 'appendFile', code: 'ENOSPC' };
      recorder.append(marker(`${time}`));
      // With a wait that doubles these would take a minute.
      await until(() => disk.tries >= time * 14);
      disk.failing = null;
      await until(() => codes().filter(code => code === 'trace-writable').length === time);
    }
    await recorder.flush();
    expect(await labels()).toEqual(['1', '2', '3']);
  });
});

describe('what was there before', () => {
  test('and is no trace is put aside, and that is said on stderr and in the trace', async () => {
    await writeFile(file, '{"mailscope":1,"title":7}\n');
    await begin();
    const [aside = ''] = await readdir(join(folder, 'traces'));
    expect(aside).toMatch(/\.trace\.ndjson\.unreadable$/);
    expect(await readFile(join(folder, 'traces', aside), 'utf8')).toBe('{"mailscope":1,"title":7}\n');
    expect(said).toEqual([expect.stringContaining(`put aside as traces/${aside}`)]);
    expect(codes()).toEqual(['put-aside']);
  });

  test('a folder in its place is put aside, not a riddle', async () => {
    await mkdir(file);
    await begin();
    recorder.append(marker('x'));
    await recorder.flush();
    expect(await labels()).toEqual(['x']);
    expect(said).toEqual([expect.stringContaining('it is no file')]);
  });
});

describe('finished traces', () => {
  const finish = async (): Promise<void> => {
    const { id } = recorder;
    while (recorder.id === id) {
      recorder.append(marker('x'.repeat(10_000)));
      await new Promise(resolve => setImmediate(resolve));
    }
    await recorder.flush();
  };
  const sizes = async () => {
    const names = await readdir(join(folder, 'traces'));
    return Promise.all(names.map(async name => (await stat(join(folder, 'traces', name))).size));
  };

  test('take no more room together than they may: the oldest go first', async () => {
    await begin({ limits: { events: 1000, bytes: 50_000 }, archives: 200_000 });
    const ids: string[] = [];
    for (let trace = 0; trace < 8; trace += 1) {
      ids.push(recorder.id.replaceAll(':', '-'));
      await finish();
    }
    const sum = (await sizes()).reduce((octets, size) => octets + size, 0);
    expect(sum).toBeGreaterThan(100_000);
    expect(sum).toBeLessThanOrEqual(200_000);
    const kept = (await readdir(join(folder, 'traces'))).map(name => name.replace('.trace.ndjson', ''));
    expect(kept.toSorted()).toEqual(ids.slice(-kept.length));
  });

  test('that cannot be removed are said, and the trace goes on', async () => {
    await begin({ limits: { events: 1000, bytes: 50_000 }, archives: 0 });
    disk.failing = { call: 'rm', code: 'EACCES' };
    await finish();
    await until(() => said.length > 0);
    expect(said[0]).toContain('--archives');
    recorder.append(marker('goes on'));
    await recorder.flush();
    expect(await labels()).toContain('goes on');
  });
});
