/** The only user of location: what the address says, and the addresses of our own server. */

import { inRoom, SOCKETS, showSocketPath } from '../shared/api/routes.ts';

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

/** `?present=1`: shown to a room. */
export const presentInAddress = (): boolean => new URLSearchParams(location.search).get('present') === '1';

const isPresentEntry = (state: unknown): boolean => typeof state === 'object' && state !== null && 'present' in state;

/** Beginning to present is a step that the browser's own way back undoes. */
export function namePresent(on: boolean): void {
  if (presentInAddress() === on) return;
  if (!on && isPresentEntry(history.state)) {
    history.back();
    return;
  }
  const address = new URL(location.href);
  if (on) {
    address.searchParams.set('present', '1');
    history.pushState({ present: true }, '', address);
  } else {
    address.searchParams.delete('present');
    history.replaceState(null, '', address);
  }
}

/** Where this page is, without what it shows; ends in a slash. */
export const siteAddress = (): string => new URL('.', location.origin + location.pathname).href;

export const reload = (): void => location.reload();

/** `?follow=ID`: the show whose speaker is followed. */
export const followParameter = (): string | null => new URLSearchParams(location.search).get('follow');

/**
 * Whose speaker window this is. `?speaker=here#KEY`: that of a stage in this browser; `?speaker=ID#SECRET`: that of a show that a
 * server passes on. Both come after the #, which no server ever sees.
 */
export type SpeakerOf =
  | { readonly kind: 'window'; readonly key: string }
  | { readonly kind: 'show'; readonly id: string; readonly secret: string };

const HERE = 'here';

export function speakerParameter(): SpeakerOf | null {
  const of = new URLSearchParams(location.search).get('speaker');
  const hash = location.hash.slice(1);
  if (of === null) return null;
  return of === HERE ? { kind: 'window', key: hash || HERE } : { kind: 'show', id: of, secret: hash };
}

/** Where this page's own speaker window is, on the same site and with whatever is before the page's name. */
export function speakerAddress(key: string): string {
  const address = new URL(location.pathname, location.href);
  address.search = `?speaker=${HERE}`;
  address.hash = key;
  return address.href;
}

/** The speaker's address on another device, made from one of the audience's. The secret is in the fragment: no server's log has it. */
export function speakerElsewhere(audience: string, id: string, secret: string): string {
  const address = new URL(audience, location.href);
  address.search = `?speaker=${encodeURIComponent(id)}`;
  address.hash = secret;
  return address.href;
}

/** Whether an address is of this very machine: no other device comes there. */
export function isLoopback(address: string): boolean {
  const { hostname } = new URL(address, location.href);
  return /^(localhost|.*\.localhost|127\..*|\[::1\])$/.test(hostname);
}

/** Where a room is watched; null is one's own world. */
export const socketAddress = (room: string | null): string => `${socketOrigin()}${inRoom(SOCKETS.live, room)}`;

/** Where a show is passed on. */
export const showSocketAddress = (id: string): string => `${socketOrigin()}${showSocketPath(id)}`;

const socketOrigin = (): string => `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}`;
