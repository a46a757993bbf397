/** The world of now, as its server keeps it: what the page knows of it, and how the page changes it. */
import { createStore } from 'zustand/vanilla';
import type { Fault, FaultWhat } from '../../shared/faults/fault.ts';
import type { EditableWorld, Edited } from '../../shared/world/edit.ts';
import { remarks } from '../../shared/world/remarks.ts';
import type { Answer } from '../source/api.ts';
import {
  type ClockFacts,
  clearFault,
  flushQueues,
  moveClock,
  putWorld,
  readClock,
  readWorld,
  setFault,
  stepWorld,
  type WorldFacts,
} from '../source/world-api.ts';
import { awaitMore, awaitNothing, notify, player } from './store.ts';

export interface Keeper {
  /** Null while no server that lets its world be changed is there. */
  readonly facts: WorldFacts | null;
  /** `readAt`: milliseconds of the page's own clock when this was so. */
  readonly clock: (ClockFacts & { readonly readAt: number }) | null;
  /** Something is being changed: its answer is not there yet. */
  readonly busy: boolean;
}

export const keeper = createStore<Keeper>(() => ({ facts: null, clock: null, busy: false }));
const { getState: get, setState: set } = keeper;

const told = (clock: ClockFacts): void => set({ clock: { ...clock, readAt: performance.now() } });

async function lookAgain(): Promise<void> {
  const world = await readWorld();
  if (!world.ok && world.code === 'left') return;
  // A server that cannot change its world has no revisions of it, and no clock to be moved.
  if (!world.ok) {
    set({ facts: null, clock: null });
    return;
  }
  if (world.value.revision !== get().facts?.revision) set({ facts: world.value });
  const clock = await readClock();
  if (clock.ok) told(clock.value);
}

/** Milliseconds of quiet after which what was told is worth asking about, and the longest that a noisy world is left unasked. */
const QUIET = 250;
const LONGEST = 1500;

/** Keeps up with the server: looks when it is there, and again when the trace has told something new. Answers what stops it. */
export function followWorld(): () => void {
  let timer: ReturnType<typeof setTimeout> | null = null;
  let since = 0;
  const look = (): void => {
    timer = null;
    since = 0;
    void lookAgain();
  };
  const soon = (): void => {
    const now = performance.now();
    if (timer !== null) clearTimeout(timer);
    else since = now;
    timer = setTimeout(look, Math.min(QUIET, Math.max(0, since + LONGEST - now)));
  };
  const stop = player.subscribe((state, before) => {
    const live = state.source.kind === 'live' && state.source.status === 'live';
    if (!live) {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      if (get().facts !== null) set({ facts: null, clock: null });
    } else if (state.source !== before.source || state.revision !== before.revision) soon();
  });
  return () => {
    stop();
    if (timer !== null) clearTimeout(timer);
  };
}

/** Does it and waits; answers what went wrong as a sentence, or null. */
async function acting<T>(ask: () => Promise<Answer<T>>, then: (value: T) => void): Promise<string | null> {
  set({ busy: true });
  const answer = await ask();
  set({ busy: false });
  if (answer.ok) {
    then(answer.value);
    return null;
  }
  // Whoever has gone on to another world need not hear of this one.
  if (answer.code === 'left') return null;
  // The edit is in force, though the disk would not have it.
  if (answer.code === 'stale' || answer.code === 'world-not-kept') await lookAgain();
  const where = answer.path === undefined || answer.path === '' ? '' : ` (${answer.path})`;
  return answer.code === 'stale'
    ? 'The world has been changed meanwhile, in another window or by a fault. It is shown as it is now; make your change again.'
    : `${answer.message}${where}`;
}

const keep = (facts: WorldFacts): void => set({ facts });

/** A world that holds a mistake says that it is meant to: it can then be saved as a file and run. */
const owningUp = (world: EditableWorld): EditableWorld =>
  world.mistakes === undefined && remarks(world).length > 0 ? { ...world, mistakes: 'deliberate' } : world;

/** Makes an edit the world of now. Answers why not, or null. */
export async function change(edited: Edited): Promise<string | null> {
  if (!edited.ok) return edited.message;
  return acting(() => putWorld(owningUp(edited.world), edited.what, get().facts?.revision), keep);
}
/** A world from a file, as it stands there; nothing changes where it is refused. */
export const replaceWorld = (world: unknown, name: string): Promise<string | null> =>
  acting(() => putWorld(world, `The world of ${name} was opened.`), keep);

const said = (problem: string | null): void => {
  if (problem !== null) notify(problem);
};
export async function undo(): Promise<void> {
  if (get().facts?.canUndo) said(await acting(() => stepWorld('undo'), keep));
}
export async function redo(): Promise<void> {
  if (get().facts?.canRedo) said(await acting(() => stepWorld('redo'), keep));
}
export async function resetWorld(): Promise<void> {
  said(await acting(() => stepWorld('reset'), keep));
}

const thenLook = (): void => void lookAgain();
/** Answers whether the server has set it; why not has been said. */
export async function strike(what: FaultWhat, times: Fault['times']): Promise<boolean> {
  const problem = await acting(() => setFault(what, times), thenLook);
  said(problem);
  return problem === null;
}
export const clear = async (id: string | null): Promise<void> => said(await acting(() => clearFault(id), thenLook));

/** What comes of it is played from where it begins. */
async function played<T>(ask: () => Promise<Answer<T>>, then: (value: T) => void): Promise<void> {
  awaitMore();
  const problem = await acting(ask, then);
  if (problem === null) return;
  awaitNothing();
  notify(problem);
}
export const advance = (seconds: number): Promise<void> => played(() => moveClock({ advance: seconds }), told);
export const toNext = (): Promise<void> => played(() => moveClock({ to: 'next' }), told);
export const tryNow = (): Promise<void> => played(flushQueues, thenLook);
