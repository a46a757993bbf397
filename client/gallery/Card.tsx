/** One story in the gallery: its still, what it is about, and how long it takes. The whole card is the link. */

import { type MouseEvent, type ReactNode, useRef, useSyncExternalStore } from 'react';
import type { CatalogueEntry } from '../../shared/api/catalogue.ts';
import { words } from '../caption/Caption.tsx';
import { from, PAIR } from '../design/breakpoints.ts';
import { LetterIcon } from '../design/icons.tsx';
import { Still } from '../stage/still/Still.tsx';
import { factsOf } from '../stories/catalogue.ts';
import { useStill } from './stills.ts';

interface CardProps {
  readonly entry: CatalogueEntry;
  readonly seen: boolean;
  /** It is on now. */
  readonly on: boolean;
  /** It has been chosen, and is not there yet. */
  readonly beginning: boolean;
  /** The first of all: large, and says that it is. */
  readonly first: boolean;
  readonly onBegin: (name: string) => void;
}

/** As in gallery.css: from here on the first story's still has room for the larger drawing. */
const ROOMY = from(PAIR);
const useRoomy = (): boolean =>
  useSyncExternalStore(
    changed => {
      const query = matchMedia(ROOMY);
      query.addEventListener('change', changed);
      return () => query.removeEventListener('change', changed);
    },
    () => matchMedia(ROOMY).matches,
  );

/** A click that asks for a tab or window of its own is the browser's. */
const plain = (event: MouseEvent): boolean =>
  event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;

export function Card({ entry, seen, on, beginning, first, onBegin }: CardProps): ReactNode {
  const frame = useRef<HTMLDivElement>(null);
  const picture = useStill(entry, frame);
  const roomy = useRoomy();
  const Title = first ? 'h3' : 'h4';
  return (
    <article className={first ? 'story-card first' : 'story-card'}>
      <div className="story-still" ref={frame} aria-hidden="true" inert>
        {picture === undefined ? null : picture === null ? (
          <LetterIcon size={40} />
        ) : (
          <Still picture={picture} size={first && roomy ? 'first' : 'card'} />
        )}
      </div>
      <div className="story-words">
        {first ? <p className="story-start">Start here</p> : null}
        <Title>
          <a
            href={`?story=${entry.name}`}
            onClick={event => {
              if (!plain(event)) return;
              event.preventDefault();
              onBegin(entry.name);
            }}
          >
            {words(entry.title)}
          </a>
        </Title>
        <p className="story-intro">{words(entry.intro)}</p>
        <p className="story-facts">
          {beginning ? (
            <span className="story-on" role="status">
              It begins…
            </span>
          ) : on ? (
            <span className="story-on">On now</span>
          ) : null}
          {seen ? <span className="story-seen">✓ Seen</span> : null}
          <span>{factsOf(entry)}</span>
          <a className="story-text" href={`stories/${entry.name}/`}>
            Read as text
            <span className="sr-only"> ({entry.title.replaceAll('**', '')})</span>
          </a>
        </p>
      </div>
    </article>
  );
}
