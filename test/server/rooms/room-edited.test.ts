/** A world that is edited while it runs: by the API, with undo, across restarts, and never half. */
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import type { RoomOptions } from '../../../server/rooms/room.ts';
import { blueAndGreen } from '../../../shared/world/presets.ts';
import { validateWorld } from '../../../shared/world/validate.ts';
import { ALICE, BOB, openStage, type Stage, withRed } from '../../fixtures/scenario.ts';

let folder: string;
let stages: Stage[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mailscope-edited-'));
  stages = [];
});
afterEach(async () => {
  for (const stage of stages.splice(0)) await stage.close();
  await rm(folder, { recursive: true });
});
async function begin(options: Partial<RoomOptions> = {}): Promise<Stage> {
  const stage = await openStage(options);
  stages.push(stage);
  return stage;
}
async function end(stage: Stage): Promise<void> {
  stages = stages.filter(each => each !== stage);
  await stage.close();
}

const state = z.object({ revision: z.int(), canUndo: z.boolean(), canRedo: z.boolean() });
const worldOf = async (stage: Stage) => state.parse(await stage.api('GET', '/api/world'));
const OFF = { kind: 'host-off', host: 'mx1.green.example' };

/** What a program of this machine finds at the port. */
const knock = (port: number): Promise<'open' | 'refused'> =>
  new Promise(resolve => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', () => socket.end());
    socket.once('error', () => resolve('refused'));
    socket.once('close', failed => resolve(failed ? 'refused' : 'open'));
  });

describe('an edit', () => {
  test('runs at once: a new domain gets mail, and without its host it gets none', async () => {
    const stage = await begin();
    await stage.edit(withRed);
    await stage.send({ to: ['carol@red.example'] });
    expect(stage.protocol()).toContain('[stored carol@red.example]');
    await stage.api('POST', '/api/world/undo', {});
    const before = stage.room.recorder.length + 1;
    await stage.skip(3601);
    await stage.send({ to: ['carol@red.example'] });
    expect(stage.protocol(before)).toContain('[bounced 5.1.2]');
  });

  test('leaves the passwords it does not know, and gives one to whoever is new', async () => {
    const stage = await begin();
    const { users, ...world } = stage.room.publicWorld;
    const dora = { address: 'dora@blue.example', name: 'Dora', client: 'alices-laptop.blue.example' };
    await stage.api('PUT', '/api/world', { world: { ...world, users: [...users, dora] } });
    const passwords = new Map(stage.room.world.users.map(({ address, password }) => [address, password]));
    expect(passwords.get(ALICE)).toBe('alice-wonder-7');
    expect(passwords.get('dora@blue.example')).toMatch(/^\S{8,}$/);
    await stage.send({ from: 'dora@blue.example' });
    expect(stage.protocol()).toContain(`[stored ${BOB}]`);
  });

  test('that cannot be is refused with place and reason, and nothing changes', async () => {
    const stage = await begin();
    const before = stage.room.recorder.length;
    const twice = { ...blueAndGreen, users: [...blueAndGreen.users, ...blueAndGreen.users.slice(0, 1)] };
    await expect(stage.api('PUT', '/api/world', { world: twice })).rejects.toThrow(
      /422 .*"users\.2\.address: two users are called alice@blue\.example\."/,
    );
    await expect(
      stage.api('POST', '/api/faults', { ...OFF, host: 'mx9.green.example', times: 'always' }),
    ).rejects.toThrow(/422 .*there is no host mx9\.green\.example/);
    expect(stage.room.recorder.length).toBe(before);
  });

  test('is recorded as what was changed: as it is named, in the words of whoever made it, or as an edit', async () => {
    const stage = await begin();
    const put = (made: object) => stage.api('PUT', '/api/world', { world: stage.room.publicWorld, ...made });
    await put({ edit: { code: 'host-changed', host: 'mx1.green.example' }, what: 'Not said.' });
    await put({ what: 'Bert was here.' });
    await put({});
    await expect(put({ edit: { code: 'moon-moved' } })).rejects.toThrow(/400 .*"bad-request"/);
    await stage.api('POST', '/api/world/undo', {});
    await stage.api('POST', '/api/world/redo', {});
    const edits = stage.room.recorder.events(1).flatMap(event => (event.kind === 'world.changed' ? [event.edit] : []));
    expect(edits).toEqual([
      { code: 'host-changed', host: 'mx1.green.example' },
      { code: 'words', text: 'Bert was here.' },
      { code: 'edited' },
      { code: 'undone', edit: { code: 'edited' } },
      { code: 'edited' },
    ]);
  });

  test('of a world that is another by now is refused', async () => {
    const stage = await begin();
    const { revision } = await worldOf(stage);
    await stage.fault(OFF);
    await expect(stage.api('PUT', '/api/world', { world: blueAndGreen, revision })).rejects.toThrow(/409 .*"stale"/);
  });

  test('is undone and done again, and the first world is one call away', async () => {
    const stage = await begin();
    await stage.edit(withRed);
    await stage.fault(OFF);
    await stage.api('POST', '/api/world/undo', {});
    expect(stage.room.world.faults).toEqual([]);
    expect(stage.room.world.domains).toHaveLength(3);
    await stage.api('POST', '/api/world/redo', {});
    expect(stage.room.world.faults).toHaveLength(1);
    await stage.api('POST', '/api/world/reset', {});
    expect(stage.room.world.domains).toHaveLength(2);
    expect(await worldOf(stage)).toMatchObject({ canUndo: true, canRedo: false });
    for (let step = 0; step < 3; step += 1) await stage.api('POST', '/api/world/undo', {});
    await expect(stage.api('POST', '/api/world/undo', {})).rejects.toThrow(/409 .*nothing to undo/);
  });

  test('is in the file that the world is saved as', async () => {
    const stage = await begin();
    await stage.edit(withRed);
    const saved = validateWorld(await stage.api('GET', '/api/world/file'));
    expect(saved.ok && saved.world.domains.map(({ name }) => name)).toEqual([
      'blue.example',
      'green.example',
      'red.example',
    ]);
  });
});

describe('a fault', () => {
  test('that strikes once is gone when it has struck, and there is nothing to undo about that', async () => {
    const stage = await begin();
    await stage.fault({ ...OFF, times: 'next' });
    await stage.send({});
    expect(stage.protocol()).toContain('smtp.blue x mx1.green:25');
    expect(stage.room.world.faults).toEqual([]);
    await expect(stage.api('DELETE', '/api/faults/f1')).rejects.toThrow(/404 .*unknown-fault/);
  });

  test('takes the power from a server for programs outside, too, and gives it back', async () => {
    const stage = await begin();
    const port = stage.room.published?.smtp.port ?? 0;
    expect(await knock(port)).toBe('open');
    await stage.fault(OFF);
    expect(await knock(port)).toBe('refused');
    await stage.api('DELETE', '/api/faults');
    expect(await knock(port)).toBe('open');
  });
});

describe('a restart', () => {
  test('keeps what was edited, what is wrong and how late it is, and the trace goes on', async () => {
    const first = await begin({ data: folder });
    await first.edit(withRed);
    await first.fault(OFF);
    await first.skip(3600);
    const { id } = first.room.recorder;
    await end(first);
    const second = await begin({ data: folder });
    expect(second.room.world.domains).toHaveLength(3);
    expect(second.room.world.faults).toMatchObject([OFF]);
    expect(second.room.clock.jumped()).toBeGreaterThan(3_500_000);
    expect(second.room.recorder.id).toBe(id);
  });

  test('with another world begins with that one, and the edits of the first come back with the first', async () => {
    const first = await begin({ data: folder });
    await first.fault(OFF);
    await end(first);
    const said: string[] = [];
    const onTrouble = (sentence: string): unknown => said.push(sentence);
    const second = await begin({ data: folder, world: { ...blueAndGreen, seed: 9 }, onTrouble });
    expect(second.room.world.faults).toEqual([]);
    expect(said).toEqual([expect.stringMatching(/made to another world .* kept as world\.[0-9a-f]{12}\.json/)]);
    await second.edit(withRed);
    await end(second);
    const third = await begin({ data: folder, onTrouble });
    expect(third.room.world.faults).toMatchObject([OFF]);
    expect(third.room.world.domains).toHaveLength(2);
    await end(third);
    const fourth = await begin({ data: folder, world: { ...blueAndGreen, seed: 9 }, onTrouble });
    expect(fourth.room.world.domains).toHaveLength(3);
  });
});
