/** Makes the stills of the gallery from the stories' own recordings: one after the other, while nothing else is to be done, and each only once. */

import { type RefObject, useEffect, useState } from 'react';
import type { CatalogueEntry } from '../../shared/api/catalogue.ts';
import { createStoryteller } from '../../shared/reading/storyteller.ts';
import { fromStory } from '../source/recorded.ts';
import { type Picture, pictureOf } from '../stage/still/Still.tsx';

/** Null where the recording cannot be had or read. */
const made = new Map<string, Picture | null>();
let last: Promise<void> = Promise.resolve();

const idle = (): Promise<void> =>
  new Promise(resolve => {
    // Some browsers have no such call.
    if ('requestIdleCallback' in window) requestIdleCallback(() => resolve(), { timeout: 500 });
    else setTimeout(resolve, 0);
  });

async function make({ name, still }: CatalogueEntry): Promise<void> {
  if (made.has(name)) return;
  const recording = await fromStory(name);
  if (!recording.ok) {
    made.set(name, null);
    return;
  }
  await idle();
  const teller = createStoryteller(recording.header);
  teller.append(recording.events);
  made.set(name, pictureOf(teller.finish(), still));
}

/** One at a time: a page of stills must not keep the page from scrolling. */
function queued(entry: CatalogueEntry): Promise<void> {
  last = last.then(() => make(entry));
  return last;
}

/** How long before it comes into sight a still is made, in CSS pixels of scrolling. */
const AHEAD = '240px';

/** The still of a story once `frame` has come near; undefined until then, null where there is none. */
export function useStill(entry: CatalogueEntry, frame: RefObject<Element | null>): Picture | null | undefined {
  const [picture, setPicture] = useState(() => made.get(entry.name));
  useEffect(() => {
    const element = frame.current;
    if (element === null || made.has(entry.name)) return;
    let gone = false;
    const observer = new IntersectionObserver(
      seen => {
        if (!seen.some(({ isIntersecting }) => isIntersecting)) return;
        observer.disconnect();
        void queued(entry).then(() => {
          if (!gone) setPicture(made.get(entry.name));
        });
      },
      { rootMargin: AHEAD },
    );
    observer.observe(element);
    return () => {
      gone = true;
      observer.disconnect();
    };
  }, [entry, frame]);
  return picture;
}
