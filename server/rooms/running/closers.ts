/** How to close what has been opened: each thing before the ones that it stands on. */

export interface Closers {
  /** `close` is called before those that were added earlier. */
  add(close: () => unknown): void;
  /** Closes one after the other what has not been closed yet. */
  closeAll(): Promise<void>;
}

export function createClosers(): Closers {
  const closers: (() => unknown)[] = [];
  return {
    add(close) {
      closers.push(close);
    },
    async closeAll() {
      for (const close of closers.splice(0).reverse()) await close();
    },
  };
}
