/** Keeps one entry of a list that scrolls in sight, by scrolling the list and nothing else. */
import { type RefObject, useEffect } from 'react';

/** Whenever `key` changes, the entry `selector` finds is brought into the list, with room for what comes after it. */
export function useInSight(list: RefObject<HTMLElement | null>, selector: string, key: number): void {
  useEffect(() => {
    const box = list.current;
    const entry = box?.querySelector<HTMLElement>(selector);
    if (key < 0 || !box || !entry) return;
    // Tells once all is laid out and before it is painted: to measure at once would lay the page out twice in this frame.
    const observer = new ResizeObserver(() => {
      observer.disconnect();
      const top = entry.getBoundingClientRect().top - box.getBoundingClientRect().top + box.scrollTop;
      const above = top - 12;
      const below = top + entry.offsetHeight + 90 - box.clientHeight;
      if (box.scrollTop > above) box.scrollTop = above;
      else if (box.scrollTop < below) box.scrollTop = Math.min(below, above);
    });
    observer.observe(entry);
    return () => observer.disconnect();
  }, [list, selector, key]);
}
