/** A job that is done again and again and never twice at once: whoever asks while it runs shares the run after that. */

/** `job` is begun anew for every call that finds none waiting. A failure is its callers'; the next run begins all the same. */
export function createInTurn(job: () => Promise<void>): () => Promise<void> {
  let running: Promise<unknown> = Promise.resolve();
  let waiting: Promise<void> | null = null;
  return () => {
    waiting ??= running.then(() => {
      waiting = null;
      const run = job();
      running = run.catch(() => undefined);
      return run;
    });
    return waiting;
  };
}
