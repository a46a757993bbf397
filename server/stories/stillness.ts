/** Knows when nothing moves in a room any more: nobody works, or whoever works waits for the clock. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Room } from '../rooms/room.ts';

/** `idle`: nobody works. `waiting`: somebody does, and only time can help. `over`: what was waited for has come. */
type Still = 'idle' | 'waiting' | 'over';

export interface Stillness {
  /** Resolves once nothing moves, or once `over` says so. Rejects as `allowed` throws. */
  reached(over?: () => boolean): Promise<Still>;
  close(): void;
}

/** Milliseconds between two looks; in between the event loop takes what has come. */
const TURN = 4;
/** Looks without news after which a room at rest is idle, and one that works is waiting. */
const IDLE = 3;
const WAITING = 30;

/** What is asked of the machine: files, and calls being put through. Not what is written to a socket, which may wait for its reader. */
const ASKED = /^(?:FSReq|CloseReq|TCPConnect|GetAddrInfo|RandomBytes)/;

/** Whoever waits for the machine is not waiting for the clock, however slow the disk is. */
const isAsking = (): boolean => process.getActiveResourcesInfo().some(resource => ASKED.test(resource));

/** `allowed` is asked at every look, and throws where there is no time left to wait. */
export function createStillness({ recorder, brake, isIdle }: Room, allowed: () => void): Stillness {
  const open = new Set<string>();
  let news = 0;
  const stop = recorder.watch(notice => {
    if (notice.kind !== 'events') return;
    for (const event of notice.events) {
      if (event.kind === 'tcp.opened') open.add(event.connection);
      if (event.kind === 'tcp.closed') open.delete(event.connection);
      if (event.kind !== 'wire.quiet') news += 1;
    }
  });
  return {
    async reached(over = () => false) {
      let seen = -1;
      let looks = 0;
      for (;;) {
        if (over()) return 'over';
        await pause(TURN);
        allowed();
        // What waits in a held wire may still go; where nothing waits, holding it stops nothing.
        const moves = news !== seen || brake.state().waiting > 0 || isAsking();
        looks = moves ? 0 : looks + 1;
        seen = news;
        if (looks >= IDLE && open.size === 0 && isIdle()) return 'idle';
        if (looks >= WAITING) return 'waiting';
      }
    },
    close: stop,
  };
}
