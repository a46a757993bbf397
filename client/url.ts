/** The only user of location: what the address says, and the addresses of our own server. */

/** `?trace=URL`: a recording to show with no server behind. */
export const traceParameter = (): string | null => new URLSearchParams(location.search).get('trace');

/** `?story=NAME`: a story to tell. */
export const storyParameter = (): string | null => new URLSearchParams(location.search).get('story');

/** The address without what it names, for something else to be shown. */
function bareAddress(): URL {
  const address = new URL(location.href);
  for (const name of ['trace', 'story', 'stories']) address.searchParams.delete(name);
  address.hash = '';
  return address;
}

/** The page no longer shows the recording that the address names. */
export const forgetTrace = (): void => history.replaceState(null, '', bareAddress());

/** The page now tells this story, or null: none. It is a step that the browser's own way back undoes. */
export function setStory(name: string | null): void {
  const address = bareAddress();
  if (name !== null) address.searchParams.set('story', name);
  if (name === storyParameter()) history.replaceState(null, '', address);
  else history.pushState(null, '', address);
}

/** The viewer went back or forward. */
export function onWayBack(tell: () => void): () => void {
  addEventListener('popstate', tell);
  return () => removeEventListener('popstate', tell);
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
    history.pushState({ gallery: true }, '', address);
    return;
  }
  const from: unknown = history.state;
  if (typeof from === 'object' && from !== null && 'gallery' in from) {
    history.back();
    return;
  }
  address.searchParams.delete('stories');
  history.replaceState(null, '', address);
}

/** Where this page is, without what it shows; ends in a slash. */
export const siteAddress = (): string => new URL('.', location.origin + location.pathname).href;

export const reload = (): void => location.reload();

/** Where a room is watched; null is one's own world. */
export const socketAddress = (room: string | null): string =>
  `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/live${room === null ? '' : `?room=${encodeURIComponent(room)}`}`;
