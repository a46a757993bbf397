/** Event by event, the state of every host: small pure steps from one State to the next, sharing what did not change. */

import type { HostState, Letter, OpenConnection, Postmark, State } from '../../story/story.ts';
import type { ConnectionId } from '../../trace/event.ts';
import type { HostId, PublicWorld } from '../../world/world.ts';

export type Change = (state: State) => State;

/** Letters kept in full; older ones live on in the counts and in the conversation. */
const MOST_LETTERS = 64;
/** Connections that the stage remembers at once: a recording may open them without end and close none. */
const MOST_CONNECTIONS = 128;

const QUIET_HOST: HostState = { queue: 0, mailbox: 0, inbox: 0, locked: false };

export const firstState = (world: PublicWorld): State => ({
  letters: [],
  hosts: Object.fromEntries(world.hosts.map(host => [host.id, QUIET_HOST])),
  connections: [],
  focus: null,
  world,
  jumped: 0,
  queue: [],
  cache: [],
});

/** The world is another from now on; a host that is new in it begins quietly. */
export const replaceWorld =
  (world: PublicWorld): Change =>
  state => ({
    ...state,
    world,
    hosts: Object.fromEntries(
      world.hosts.map(({ id }) => [id, (Object.hasOwn(state.hosts, id) ? state.hosts[id] : undefined) ?? QUIET_HOST]),
    ),
  });

export const advanceClock =
  (by: number): Change =>
  state => ({ ...state, jumped: state.jumped + by });

/** One change after the other. */
export const bothChanges =
  (first: Change, second: Change): Change =>
  state =>
    second(first(state));

export const combine =
  (...changes: readonly (Change | null)[]): Change =>
  state =>
    changes.reduce((before, change) => change?.(before) ?? before, state);

/** Changes a host of the world; one that is not in it is not drawn and would only make the state grow. */
export const updateHost =
  (host: HostId, change: (state: HostState) => Partial<HostState>): Change =>
  state => {
    const before = Object.hasOwn(state.hosts, host) ? state.hosts[host] : undefined;
    if (before === undefined) return state;
    return { ...state, hosts: { ...state.hosts, [host]: { ...before, ...change(before) } } };
  };

export const changeCount = (host: HostId, what: 'queue' | 'mailbox' | 'inbox', by: number): Change =>
  updateHost(host, state => ({ [what]: Math.max(0, state[what] + by) }));

/** Adds the letter, or replaces the one with its id; it becomes the one the story is about. */
export const placeLetter =
  (letter: Letter): Change =>
  state => ({
    ...state,
    focus: letter.id,
    letters: [...state.letters.filter(each => each.id !== letter.id), letter].slice(-MOST_LETTERS),
  });

/** Changes the letter with the id of `first` where it is known, and adds `first` with the change where it is not. */
export const upsertLetter =
  (first: Letter, change: Partial<Letter>): Change =>
  state => {
    const letter = state.letters.find(each => each.id === first.id);
    return placeLetter({ ...(letter ?? first), ...change })(state);
  };

/** Adds a copy of the letter `of` as it is now; where that one is unknown, of `first`. */
export const copyLetter =
  (of: string, first: Letter, change: Partial<Letter>): Change =>
  state => {
    const original = state.letters.find(each => each.id === of);
    return placeLetter({ ...(original ?? first), id: first.id, copyOf: of, ...change })(state);
  };

/** Changes a letter where it is known; one that has left the state for good is left alone. */
export const updateLetter =
  (id: string | null, change: (letter: Letter) => Partial<Letter>): Change =>
  state => {
    const letter = state.letters.find(each => each.id === id);
    return letter ? placeLetter({ ...letter, ...change(letter) })(state) : state;
  };

/** Removes a letter whose transaction was abandoned. */
export const dropLetter =
  (id: string): Change =>
  state => ({
    ...state,
    focus: state.focus === id ? null : state.focus,
    letters: state.letters.filter(each => each.id !== id),
  });

export const openConnection =
  (connection: OpenConnection): Change =>
  state => ({ ...state, connections: [...state.connections, connection].slice(-MOST_CONNECTIONS) });

export const closeConnection =
  (id: ConnectionId): Change =>
  state =>
    state.connections.some(each => each.id === id)
      ? { ...state, connections: state.connections.filter(each => each.id !== id) }
      : state;

export const addPostmark = (letter: Letter, postmark: Postmark): Pick<Letter, 'postmarks'> => ({
  postmarks: letter.postmarks.some(each => each.host === postmark.host)
    ? letter.postmarks
    : [...letter.postmarks, postmark],
});
