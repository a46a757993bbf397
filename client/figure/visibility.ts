/** Visibility of a figure and of its page, and the system's preference for reduced motion. */

/** CSS pixels before the viewport at which a figure begins to fetch what it will show. */
const NEAR = 400;

interface SightListener {
  /** Called once. */
  readonly near: () => void;
  readonly sight: (inSight: boolean) => void;
}

/** Returns the function that stops watching. */
export function watchSight(element: Element, { near, sight }: SightListener): () => void {
  const coming = new IntersectionObserver(
    entries => {
      if (!entries.some(entry => entry.isIntersecting)) return;
      coming.disconnect();
      near();
    },
    { rootMargin: `${NEAR}px` },
  );
  const seen = new IntersectionObserver(entries => sight(entries.at(-1)?.isIntersecting ?? false));
  coming.observe(element);
  seen.observe(element);
  return () => {
    coming.disconnect();
    seen.disconnect();
  };
}

const REDUCED = '(prefers-reduced-motion: reduce)';

export const prefersStill = (): boolean => matchMedia(REDUCED).matches;

/** Returns the function that stops watching. */
export function onStillPreferred(changed: () => void): () => void {
  const query = matchMedia(REDUCED);
  query.addEventListener('change', changed);
  return () => query.removeEventListener('change', changed);
}

/** Calls `changed` when the page is shown or hidden; returns the function that stops it. */
export function onPageVisibility(changed: (seen: boolean) => void): () => void {
  const report = (): void => changed(document.visibilityState === 'visible');
  document.addEventListener('visibilitychange', report);
  return () => document.removeEventListener('visibilitychange', report);
}
