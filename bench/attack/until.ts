/** Waiting for a condition that another process fulfils. */

const EVERY = 30;

/** True once it holds; false where it does not within so many milliseconds. */
export async function until(holds: () => boolean | Promise<boolean>, within: number): Promise<boolean> {
  const end = performance.now() + within;
  for (;;) {
    if (await holds()) return true;
    if (performance.now() >= end) return false;
    await new Promise(rest => setTimeout(rest, EVERY));
  }
}
