/** Keeps the address and the gallery in step: `?stories` opens it, the browser's way back closes it. */
import { player } from '../session/store.ts';
import { showGallery } from '../session/view.ts';
import { galleryInAddress, nameGallery, onWayBack } from '../url.ts';

/** Where the keyboard is given back to once the gallery has gone. */
const DOOR = '[data-door="stories"]';

/** Answers what stops it. */
export function followGallery(): () => void {
  if (galleryInAddress()) showGallery(true);
  const stop = player.subscribe(({ gallery }, before) => {
    if (gallery === before.gallery) return;
    nameGallery(gallery);
    if (gallery) return;
    requestAnimationFrame(() => {
      if (document.activeElement !== document.body) return;
      const doors = [...document.querySelectorAll<HTMLElement>(DOOR)];
      doors.find(door => door.offsetParent !== null)?.focus({ preventScroll: true });
    });
  });
  const forget = onWayBack(() => showGallery(galleryInAddress()));
  return () => {
    stop();
    forget();
  };
}
