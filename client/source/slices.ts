/** Long work on the main thread in slices, so that a click is answered between two of them. */

/** Milliseconds that a slice may take: the larger part of a frame at 60 a second is left to the page. */
export const SLICE = 8;

/** Calls back after whatever waits for the main thread: also in a tab that is not seen, where timers are slowed down. */
export function runSoon(act: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    act();
  };
  port2.postMessage(null);
}

/** Runs `work` to its end; where that takes longer than a slice, the page is let in between. */
export async function inSlices<Result>(work: Generator<undefined, Result>): Promise<Result> {
  for (;;) {
    const until = performance.now() + SLICE;
    do {
      const step = work.next();
      if (step.done) return step.value;
    } while (performance.now() < until);
    await new Promise<void>(runSoon);
  }
}
