/** Calls that nobody has answered yet: each waits in world time, and may be given up. */
import type { HostId } from '../../shared/world/world.ts';
import type { WorldClock } from '../base/clock.ts';

export class WaitingCalls {
  private readonly clock: WorldClock;
  /** How to give each up, and who calls. */
  private readonly waiting = new Map<() => void, HostId>();

  constructor(clock: WorldClock) {
    this.clock = clock;
  }

  /** Resolves when so many milliseconds of world time have passed, true; false when the call is given up before. */
  wait(from: HostId, milliseconds: number, what: string): Promise<boolean> {
    return new Promise(resolve => {
      const finish = (came: boolean): void => {
        this.waiting.delete(giveUp);
        cancel();
        resolve(came);
      };
      const giveUp = (): void => finish(false);
      const cancel = this.clock.after(milliseconds, what, () => finish(true));
      this.waiting.set(giveUp, from);
    });
  }

  /** Those of one host, or all. */
  giveUp(host: HostId | null): void {
    for (const [giveUp, from] of [...this.waiting]) if (host === null || from === host) giveUp();
  }
}
