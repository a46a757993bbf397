/** The world of a room as it is edited, undone and struck: what has been and is over stays over. */
import { describe, expect, test } from 'vitest';
import { createLivingWorld, type LivingWorld } from '../../../server/rooms/world/living-world.ts';
import { blueAndGreen } from '../../../shared/world/presets.ts';
import { memoryRecorder } from '../../help/loopback/smtp-loopback.ts';

const HOST = 'mx1.green.example';
const kinds = (living: LivingWorld) => living.now().faults.map(({ kind }) => kind);
const open = (): LivingWorld =>
  createLivingWorld({
    given: blueAndGreen,
    now: blueAndGreen,
    recorder: memoryRecorder(),
    keep: async () => null,
  });
const strike = (living: LivingWorld) => living.faults.strike('host-off', () => true, { host: HOST });

describe('a fault that strikes once and has struck', () => {
  test('is not brought back by undoing what was done after it was set', () => {
    const living = open();
    living.setFault({ kind: 'host-off', host: HOST }, 'next');
    living.setFault({ kind: 'disk-full', host: HOST }, 'always');
    expect(strike(living)).not.toBeNull();
    living.undo();
    expect(kinds(living)).toEqual([]);
  });

  test('is not brought back by redoing what was undone before it struck', () => {
    const living = open();
    living.setFault({ kind: 'host-off', host: HOST }, 'next');
    living.setFault({ kind: 'disk-full', host: HOST }, 'always');
    living.undo();
    expect(strike(living)).not.toBeNull();
    living.redo();
    expect(kinds(living)).toEqual(['disk-full']);
  });

  test('is not brought back where it came with an edit of the whole world', () => {
    const living = open();
    living.edit(
      { ...blueAndGreen, faults: [{ id: 'a', times: 'next', kind: 'host-off', host: HOST }] },
      { code: 'opened', name: 'w.json' },
    );
    living.edit({ ...living.now(), seed: 7 }, { code: 'seed-changed' });
    expect(strike(living)).not.toBeNull();
    living.undo();
    expect(kinds(living)).toEqual([]);
  });
});

test('a fault that somebody cleared is brought back by undo', () => {
  const living = open();
  const id = living.setFault({ kind: 'host-off', host: HOST }, 'next');
  living.clearFault(id);
  living.undo();
  expect(kinds(living)).toEqual(['host-off']);
});

test('no two faults in force have one id, however they came and went', () => {
  const living = open();
  for (const round of [1, 2, 3]) {
    const ids = [1, 2].map(() => living.setFault({ kind: 'disk-full', host: HOST }, 'always'));
    living.clearFault(ids[round % 2] ?? '');
  }
  const ids = living.now().faults.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});
