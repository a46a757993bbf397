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
export const worldChanged =
  (world: PublicWorld): Change =>
  state => ({
    ...state,
    world,
    hosts: Object.fromEntries(
      world.hosts.map(({ id }) => [id, (Object.hasOwn(state.hosts, id) ? state.hosts[id] : undefined) ?? QUIET_HOST]),
    ),
  });

export const clockJumped =
  (by: number): Change =>
  state => ({ ...state, jumped: state.jumped + by });

/** One change after the other. */
export const both =
  (first: Change, second: Change): Change =>
  state =>
    second(first(state));

export const all =
  (...changes: readonly (Change | null)[]): Change =>
  state =>
    changes.reduce((before, change) => change?.(before) ?? before, state);

/** Changes a host of the world; one that is not in it is nowhere to be seen and would only make the state grow. */
export const hostChange =
  (host: HostId, change: (state: HostState) => Partial<HostState>): Change =>
  state => {
    const before = Object.hasOwn(state.hosts, host) ? state.hosts[host] : undefined;
    if (before === undefined) return state;
    return { ...state, hosts: { ...state.hosts, [host]: { ...before, ...change(before) } } };
  };

export const counted = (host: HostId, what: 'queue' | 'mailbox' | 'inbox', by: number): Change =>
  hostChange(host, state => ({ [what]: Math.max(0, state[what] + by) }));

/** Adds the letter, or replaces the one with its id; it becomes the one the story is about. */
export const placed =
  (letter: Letter): Change =>
  state => ({
    ...state,
    focus: letter.id,
    letters: [...state.letters.filter(each => each.id !== letter.id), letter].slice(-MOST_LETTERS),
  });

/** Changes the letter `first` where it is known; where it is not, it is seen for the first time. */
export const found =
  (first: Letter, change: Partial<Letter>): Change =>
  state => {
    const letter = state.letters.find(each => each.id === first.id);
    return placed({ ...(letter ?? first), ...change })(state);
  };

/** A copy begins: like the letter `of` is now, where it is known, else as it is first seen. */
export const copied =
  (of: string, first: Letter, change: Partial<Letter>): Change =>
  state => {
    const original = state.letters.find(each => each.id === of);
    return placed({ ...(original ?? first), id: first.id, copyOf: of, ...change })(state);
  };

/** Changes a letter where it is known; one that has left the state for good is left alone. */
export const lettered =
  (id: string | null, change: (letter: Letter) => Partial<Letter>): Change =>
  state => {
    const letter = state.letters.find(each => each.id === id);
    return letter ? placed({ ...letter, ...change(letter) })(state) : state;
  };

/** Takes away a letter that never came to be: a transaction that was given up. */
export const dropped =
  (id: string): Change =>
  state => ({
    ...state,
    focus: state.focus === id ? null : state.focus,
    letters: state.letters.filter(each => each.id !== id),
  });

export const opened =
  (connection: OpenConnection): Change =>
  state => ({ ...state, connections: [...state.connections, connection].slice(-MOST_CONNECTIONS) });

export const closed =
  (id: ConnectionId): Change =>
  state =>
    state.connections.some(each => each.id === id)
      ? { ...state, connections: state.connections.filter(each => each.id !== id) }
      : state;

export const stamped = (letter: Letter, postmark: Postmark): Pick<Letter, 'postmarks'> => ({
  postmarks: letter.postmarks.some(each => each.host === postmark.host)
    ? letter.postmarks
    : [...letter.postmarks, postmark],
});
