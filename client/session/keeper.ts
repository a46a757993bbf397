/** The world of now, as its server keeps it: what the page knows of it, and how the page changes it. */

import { createStore } from 'zustand/vanilla';
import type { MoveRequest } from '../../shared/api/world.ts';
import type { Fault, FaultWhat } from '../../shared/faults/fault.ts';
import type { EditableWorld, Edited } from '../../shared/world/edit.ts';
import { remarks } from '../../shared/world/remarks.ts';
import type { Answer } from '../source/api.ts';
import { type RoomApi, roomApi } from '../source/room-api.ts';
import { NOTHING_KNOWN, type RoomChange, type RoomFacts, roomAfter } from '../source/room-facts.ts';
import type { WorldFacts, WorldNews } from '../source/source.ts';
import { shownRoom } from './shown-room.ts';
import { player } from './store.ts';
import { awaitMore, awaitNothing } from './travel.ts';
import { notify } from './view.ts';

export interface Keeper extends RoomFacts {
  /** Something is being changed: its answer is not there yet. */
  readonly busy: boolean;
}

export const keeper = createStore<Keeper>(() => ({ ...NOTHING_KNOWN, busy: false }));
const { getState: get, setState: set } = keeper;

const apply = (change: RoomChange): void => set(known => roomAfter(known, change));

/** What the room's server says by itself. */
export const hearWorld = (news: WorldNews): void => apply({ kind: 'message', news, at: performance.now() });

/** Forgets what is known as soon as the room's server is not there. Answers what stops it. */
export const followWorld = (): (() => void) =>
  player.subscribe(({ source }, before) => {
    const leaves = source !== before.source && (source.kind !== 'live' || source.status !== 'live');
    if (leaves) apply({ kind: 'left' });
  });

/** Does it and waits; answers what went wrong as a sentence, or null. */
async function acting<T>(
  ask: (api: RoomApi) => Promise<Answer<T>>,
  then: (value: T, connection: number) => void = () => undefined,
): Promise<string | null> {
  const { connection } = get();
  const room = shownRoom();
  set({ busy: true });
  const answer = await ask(roomApi(room));
  set({ busy: false });
  // Whoever has gone on to another world need not hear of this one.
  if (shownRoom() !== room) return null;
  if (answer.ok) {
    then(answer.value, connection);
    return null;
  }
  const where = answer.path === undefined || answer.path === '' ? '' : ` (${answer.path})`;
  return answer.code === 'stale'
    ? 'The world has been changed meanwhile, in another window or by a fault. It is shown as it is now; make your change again.'
    : `${answer.message}${where}`;
}

const keep = (facts: WorldFacts, connection: number): void => apply({ kind: 'world-answer', connection, facts });

/** A world that holds a mistake says that it is meant to: it can then be saved as a file and run. */
const owningUp = (world: EditableWorld): EditableWorld =>
  world.mistakes === undefined && remarks(world).length > 0 ? { ...world, mistakes: 'deliberate' } : world;

/** Makes an edit the world of now. Answers why not, or null. */
export async function change(edited: Edited): Promise<string | null> {
  if (!edited.ok) return edited.message;
  const revision = get().facts?.revision;
  const edit = { world: owningUp(edited.world), edit: edited.edit, ...(revision !== undefined && { revision }) };
  return acting(api => api.changeWorld(edit), keep);
}
/** A world from a file, as it stands there; nothing changes where it is refused. */
export const replaceWorld = (world: unknown, name: string): Promise<string | null> =>
  acting(api => api.changeWorld({ world, edit: { code: 'opened', name } }), keep);

const said = (problem: string | null): void => {
  if (problem !== null) notify(problem);
};
export async function undo(): Promise<void> {
  if (get().facts?.canUndo) said(await acting(api => api.turnWorld('undo'), keep));
}
export async function redo(): Promise<void> {
  if (get().facts?.canRedo) said(await acting(api => api.turnWorld('redo'), keep));
}
export async function resetWorld(): Promise<void> {
  said(await acting(api => api.turnWorld('reset'), keep));
}

/** Answers whether the server has set it; why not has been said. */
export async function strike(what: FaultWhat, times: Fault['times']): Promise<boolean> {
  const problem = await acting(api => api.setFault(what, times));
  said(problem);
  return problem === null;
}
export const clear = async (id: string | null): Promise<void> => said(await acting(api => api.clearFault(id)));

/** What comes of it is played from where it begins. */
async function played(change: () => Promise<string | null>): Promise<void> {
  awaitMore();
  const problem = await change();
  if (problem === null) return;
  awaitNothing();
  notify(problem);
}

const moveClock = (to: MoveRequest): Promise<string | null> =>
  acting(
    api => api.moveClock(to),
    (clock, connection) => apply({ kind: 'clock-answer', connection, clock, at: performance.now() }),
  );
export const advance = (seconds: number): Promise<void> => played(() => moveClock({ advance: seconds }));
export const toNext = (): Promise<void> => played(() => moveClock({ to: 'next' }));
export const tryNow = (): Promise<void> => played(() => acting(api => api.flushQueues()));
