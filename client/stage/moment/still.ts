/** Whether things may travel: the system's wish, unless the page says otherwise by data-motion on <html>. */
import { useSyncExternalStore } from 'react';

const QUERY = '(prefers-reduced-motion: reduce)';

function subscribe(changed: () => void): () => void {
  const query = window.matchMedia(QUERY);
  const page = new MutationObserver(changed);
  query.addEventListener('change', changed);
  page.observe(document.documentElement, { attributes: true, attributeFilter: ['data-motion'] });
  return () => {
    query.removeEventListener('change', changed);
    page.disconnect();
  };
}

const wanted = (): boolean => {
  const said = document.documentElement.dataset.motion;
  if (said === 'reduce') return true;
  if (said === 'full') return false;
  return window.matchMedia(QUERY).matches;
};

/** True where motion is to be replaced by still frames. */
export const useStill = (): boolean => useSyncExternalStore(subscribe, wanted, () => false);
