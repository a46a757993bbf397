/** What a host of the stage holds, counted. */
import type { HostState } from '../../../shared/story/story.ts';

/** What the host holds, by name; only what there is. */
export const counts = (state: HostState | undefined): [string, number][] =>
  state === undefined
    ? []
    : [
        ['queue', state.queue] as [string, number],
        ['mailbox', state.mailbox] as [string, number],
        ['inbox', state.inbox] as [string, number],
      ].filter(([, n]) => n > 0);
