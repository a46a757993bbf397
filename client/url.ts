/** The only user of location: what the address says, and the addresses of our own server. */

/** `?trace=URL`: a recording to show with no server behind. */
export const traceParameter = (): string | null => new URLSearchParams(location.search).get('trace');

/** The page no longer shows the recording that the address names. */
export function forgetTrace(): void {
  const address = new URL(location.href);
  address.searchParams.delete('trace');
  address.hash = '';
  history.replaceState(null, '', address);
}

/** `#t=12.4`, in seconds of story time; answers milliseconds, or null where there is none. */
export function momentInHash(): number | null {
  const found = /(?:^#|&)t=(\d+(?:\.\d+)?)(?:$|&)/.exec(location.hash);
  return found?.[1] === undefined ? null : Number(found[1]) * 1000;
}

/** Once the viewer has moved on, the address no longer says where they are. */
export function forgetMoment(): void {
  if (momentInHash() === null) return;
  history.replaceState(null, '', `${location.pathname}${location.search}`);
}

export function onMomentChange(tell: (milliseconds: number) => void): () => void {
  const listen = (): void => {
    const moment = momentInHash();
    if (moment !== null) tell(moment);
  };
  addEventListener('hashchange', listen);
  return () => removeEventListener('hashchange', listen);
}

/** `?stories`: the gallery of stories. */
export const galleryInAddress = (): boolean => new URLSearchParams(location.search).has('stories');

/** Going to the gallery is a step that the browser's own way back undoes. */
export function nameGallery(on: boolean): void {
  if (galleryInAddress() === on) return;
  const address = new URL(location.href);
  if (on) {
    const rest = address.search.replace(/^\?/, '&');
    address.search = `?stories${rest === '&' ? '' : rest}`;
    history.pushState(null, '', address);
  } else {
    address.searchParams.delete('stories');
    history.replaceState(null, '', address);
  }
}

/** The viewer went back or forward. */
export function onWayBack(tell: () => void): () => void {
  addEventListener('popstate', tell);
  return () => removeEventListener('popstate', tell);
}

export const reload = (): void => location.reload();

export const socketAddress = (): string =>
  `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/live`;
