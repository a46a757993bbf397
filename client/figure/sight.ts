/** When a figure comes near, when it is seen, and what the system wants of its motion. */

/** CSS pixels before the viewport at which a figure begins to fetch what it will show. */
const NEAR = 400;

interface Seen {
  /** Told once. */
  readonly near: () => void;
  readonly sight: (inSight: boolean) => void;
}

/** Answers what stops it. */
export function watchSight(element: Element, { near, sight }: Seen): () => void {
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

/** Answers what stops it. */
export function onStillPreferred(changed: () => void): () => void {
  const query = matchMedia(REDUCED);
  query.addEventListener('change', changed);
  return () => query.removeEventListener('change', changed);
}

/** Whether this window is looked at; answers what stops it. */
export function onPageSeen(changed: (seen: boolean) => void): () => void {
  const tell = (): void => changed(document.visibilityState === 'visible');
  document.addEventListener('visibilitychange', tell);
  return () => document.removeEventListener('visibilitychange', tell);
}
