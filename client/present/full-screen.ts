/** The whole screen, where the browser gives it: on a gesture of the viewer's alone, and never in a frame that may not. */

declare global {
  interface Navigator {
    /** Only some browsers have it (WICG Keyboard Lock). */
    readonly keyboard?: { lock(keys: readonly string[]): Promise<void> };
  }
}

export const fullScreenWorks = (): boolean => document.fullscreenEnabled === true;
const isFull = (): boolean => document.fullscreenElement !== null;

/** Asks for it; where it is refused, present mode does without. */
export function enterFullScreen(): void {
  if (!fullScreenWorks() || isFull() || navigator.userActivation?.isActive !== true) return;
  document.documentElement
    .requestFullscreen({ navigationUI: 'hide' })
    // Escape then first closes what is innermost; held down, it is the browser's as always.
    .then(() => navigator.keyboard?.lock(['Escape']))
    .catch(() => undefined);
}

/** Whether it is left because we said so: the browser’s own Escape is not told to a page otherwise. */
let ours = false;

export function leaveFullScreen(): void {
  if (!isFull()) return;
  ours = true;
  document.exitFullscreen().catch(() => undefined);
}

export const toggleFullScreen = (): void => (isFull() ? leaveFullScreen() : enterFullScreen());

/** Calls back when the viewer has left it by the browser's own key; answers what stops it. */
export function onEscaped(then: () => void): () => void {
  const changed = (): void => {
    if (isFull()) return;
    if (!ours) then();
    ours = false;
  };
  document.addEventListener('fullscreenchange', changed);
  return () => document.removeEventListener('fullscreenchange', changed);
}
