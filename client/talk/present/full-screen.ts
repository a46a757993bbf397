/** The whole screen, where the browser gives it: on a gesture of the viewer's alone, and never in a frame that may not. */

declare global {
  interface Navigator {
    /** Only some browsers have it (WICG Keyboard Lock). */
    readonly keyboard?: { lock(keys: readonly string[]): Promise<void> };
  }
}

export const fullScreenWorks = (): boolean => document.fullscreenEnabled === true;
const isFull = (): boolean => document.fullscreenElement !== null;

/** Asked for, and neither given nor refused yet. */
let asked = false;
/** Whether it is left because of what we do: the browser’s own Escape is not told to a page otherwise. */
let ours = false;

/** Asks for it; where it is refused, present mode does without. */
export function enterFullScreen(): void {
  if (!fullScreenWorks() || isFull() || navigator.userActivation?.isActive !== true) return;
  asked = true;
  document.documentElement
    .requestFullscreen({ navigationUI: 'hide' })
    // Escape then first closes what is innermost; held down, it is the browser's as always.
    .then(() => navigator.keyboard?.lock(['Escape']))
    .catch(() => {
      ours = false;
    })
    .finally(() => {
      asked = false;
    });
}

export function leaveFullScreen(): void {
  if (!isFull()) return;
  ours = true;
  document.exitFullscreen().catch(() => undefined);
}

/**
 * Opens a window, or answers null where the browser keeps it shut. Where the page has the whole screen, some browsers take it back for
 * that, at once or as soon as it has got there: the viewer has not escaped from anything.
 */
export function openWindow(address: string, name: string, features: string): Window | null {
  ours = isFull() || asked;
  const opened = open(address, name, features);
  const forget = (): void => {
    ours = false;
  };
  if (opened === null) forget();
  // Whoever comes back to this window can escape again.
  else addEventListener('focus', forget, { once: true });
  return opened;
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
