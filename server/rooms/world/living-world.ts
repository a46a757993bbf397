/** The world of a room as it is now: edited, undone, struck by faults; every change is recorded and handed on to be kept. */
import { isDeepStrictEqual } from 'node:util';
import { type Fault, type FaultWhat, freeFaultId } from '../../../shared/faults/fault.ts';
import type { PublicWorld, World } from '../../../shared/world/world.ts';
import type { RecordedEdit, WorldEdit } from '../../../shared/world/world-edit.ts';
import { createFaultBook, type FaultBook } from '../../base/faults.ts';
import type { Recorder } from '../../record/recorder.ts';

/** Edits that can be undone. */
const MOST_UNDOABLE = 100;

export interface LivingWorld {
  now(): World;
  /** Resolves once the world of now is durable: with null, or the file system's error where it is in force and could not be kept. */
  kept(): Promise<Error | null>;
  /** Rises with every change. */
  revision(): number;
  readonly faults: FaultBook;
  /** Makes it the world of now, to be undone; `made` says what was changed. The caller has validated it. */
  edit(next: World, made: WorldEdit): void;
  /** What was undone, or null where there is nothing left to undo. */
  undo(): WorldEdit | null;
  redo(): WorldEdit | null;
  canUndo(): boolean;
  canRedo(): boolean;
  /** The world the room began with, as an edit. */
  reset(): void;
  /** Gives its id. */
  setFault(what: FaultWhat, times: Fault['times']): string;
  /** False where no such fault is in force. Null clears all. */
  clearFault(id: string | null): boolean;
  /** Tells of every change, once it is recorded; returns how to stop. */
  onChange(listener: () => void): () => void;
}

interface Edit {
  readonly world: World;
  readonly made: WorldEdit;
}

/** A world without what only its keeper may know. */
export const publicWorldOf = (world: World): PublicWorld => ({
  ...world,
  users: world.users.map(({ password: _password, ...user }) => user),
});

export interface LivingWorldOptions {
  /** What `reset` comes back to. */
  readonly given: World;
  readonly now: World;
  readonly recorder: Recorder;
  /** Keeps every change: null, or the error for which it could not. */
  readonly keep: (world: World) => Promise<Error | null>;
}

export function createLivingWorld(options: LivingWorldOptions): LivingWorld {
  const { given, recorder, keep } = options;
  let world = options.now;
  let revision = 1;
  const undone: Edit[] = [];
  const done: Edit[] = [];
  const listeners = new Set<() => void>();
  let kept: Promise<Error | null> = Promise.resolve(null);

  const become = (next: World, edit: RecordedEdit): void => {
    world = next;
    revision += 1;
    recorder.append({ kind: 'world.changed', edit, world: publicWorldOf(next) });
    kept = keep(next);
    for (const listener of listeners) listener();
  };
  const edit = (next: World, made: WorldEdit): void => {
    done.push({ world, made });
    if (done.length > MOST_UNDOABLE) done.shift();
    undone.length = 0;
    become(next, made);
  };
  const back = (from: Edit[], to: Edit[], as: (made: WorldEdit) => RecordedEdit): WorldEdit | null => {
    const last = from.pop();
    if (last === undefined) return null;
    to.push({ world, made: last.made });
    become(last.world, as(last.made));
    return last.made;
  };
  /** Neither undo nor redo brings back what has struck. */
  const forget = (fault: Fault): void => {
    const without = (each: World): World => {
      const faults = each.faults.filter(other => !isDeepStrictEqual(other, fault));
      return faults.length === each.faults.length ? each : { ...each, faults };
    };
    for (const edits of [done, undone])
      for (const [nth, each] of edits.entries()) edits[nth] = { ...each, world: without(each.world) };
  };

  return {
    now: () => world,
    kept: () => kept,
    revision: () => revision,
    faults: createFaultBook(
      () => world.faults,
      (fault, where) => {
        recorder.append({ kind: 'fault.struck', fault, ...where });
        if (fault.times === 'always') return;
        // What has struck is over; it is no edit that a person made, so there is nothing to undo.
        forget(fault);
        const faults = world.faults.filter(({ id }) => id !== fault.id);
        become({ ...world, faults }, { code: 'fault-struck' });
      },
    ),
    edit,
    undo: () => back(done, undone, made => ({ code: 'undone', edit: made })),
    redo: () => back(undone, done, made => made),
    canUndo: () => done.length > 0,
    canRedo: () => undone.length > 0,
    reset: () => edit(given, { code: 'reset' }),
    setFault(what, times) {
      const fault: Fault = { ...what, id: freeFaultId(world.faults), times };
      edit({ ...world, faults: [...world.faults, fault] }, { code: 'fault-set', fault });
      return fault.id;
    },
    clearFault(id) {
      const faults = id === null ? [] : world.faults.filter(fault => fault.id !== id);
      if (faults.length === world.faults.length) return false;
      edit({ ...world, faults }, { code: id === null ? 'faults-cleared' : 'fault-cleared' });
      return true;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
