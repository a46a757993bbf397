/** The work of a room that nobody's request may leave half done: it is waited for before the room's record is closed. */

export interface Underway {
  /** Counts it as under way until it has settled; gives it back. */
  watch<T>(work: Promise<T>): Promise<T>;
  isEmpty(): boolean;
  /** True once the room closes: nothing more is to begin by itself. */
  readonly isClosing: boolean;
  beginClosing(): void;
  /** Resolves when all that is under way has settled. */
  settled(): Promise<void>;
}

export function createUnderway(): Underway {
  const all = new Set<Promise<unknown>>();
  let closing = false;
  return {
    watch(work) {
      const watched = work.catch(() => undefined).finally(() => all.delete(watched));
      all.add(watched);
      return work;
    },
    isEmpty: () => all.size === 0,
    get isClosing() {
      return closing;
    },
    beginClosing() {
      closing = true;
    },
    async settled() {
      await Promise.allSettled(all);
    },
  };
}
