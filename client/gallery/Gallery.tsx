/** The gallery: every story there is, in groups, the first one first. Stands in place of the page until one is chosen. */

import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { CatalogueEntry } from '../../shared/api/catalogue.ts';
import { Button } from '../design/Button.tsx';
import { Header } from '../design/Header.tsx';
import { CrossIcon } from '../design/icons.tsx';
import { savedSeen } from '../player/place.ts';
import { scriptOf } from '../player/questions.ts';
import { beginStory } from '../session/session.ts';
import { player } from '../session/store.ts';
import { usePlayer } from '../session/usePlayer.ts';
import { showGallery } from '../session/view.ts';
import { StillPaints } from '../stage/still/Still.tsx';
import { type Catalogue, readCatalogue, useCatalogue } from '../stories/catalogue.ts';
import { Card } from './Card.tsx';
import './gallery.css';

/** What one finds in a group, in one line. */
const ABOUT: Readonly<Record<string, string>> = {
  'the journey': 'From Send to the inbox: every server on the way, and what each of them adds.',
  'finding the way': 'A letter only says bob@green.example. How DNS turns that into a server to call.',
  'it fails and recovers': 'Servers that are off, busy or slow, and a letter that gets there all the same.',
  'it fails for good': 'When the answer is no: who says so, and who gets told.',
  'who are you': 'Anybody can write any name on a letter. What a server believes, and what it can check.',
  collecting: 'The letter waits in the mailbox until somebody asks for it. How POP3 asks.',
  'many readers': 'One letter to several people: copies, blind copies, aliases and lists.',
  'your own': 'Stories that were written here.',
};

const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

/** Closes on Escape, unless a dialog over it is what Escape is for. */
function useEscape(): void {
  useEffect(() => {
    const close = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || event.defaultPrevented || player.getState().dialog !== null) return;
      showGallery(false);
    };
    addEventListener('keydown', close);
    return () => removeEventListener('keydown', close);
  }, []);
}

export function Gallery(): ReactNode {
  const catalogue = useCatalogue();
  const heading = useRef<HTMLHeadingElement>(null);
  useEscape();
  useEffect(() => {
    scrollTo(0, 0);
    heading.current?.focus();
  }, []);
  return (
    <div className="gallery">
      <Header>
        <span className="header-space" />
        <a className="gallery-as-text" href="stories/">
          Read them as text
        </a>
        <Button className="gallery-back" icon={<CrossIcon />} title="Esc" onClick={() => showGallery(false)}>
          <span>
            Close<span className="gallery-back-rest"> the stories</span>
          </span>
        </Button>
      </Header>
      <main className="gallery-main" aria-busy={catalogue.status === 'unread' || catalogue.status === 'reading'}>
        <div className="gallery-opening">
          <h2 ref={heading} tabIndex={-1}>
            Stories
          </h2>
          <p>
            Real letters between real servers, slowed down until you can follow. Begin with the first; come back to the
            others whenever you wonder “but what if…?”
          </p>
        </div>
        <Shelves catalogue={catalogue} />
      </main>
    </div>
  );
}

function Shelves({ catalogue }: { readonly catalogue: Catalogue }): ReactNode {
  const [seen] = useState(savedSeen);
  const [beginning, setBeginning] = useState<string | null>(null);
  const begin = async (name: string): Promise<void> => {
    setBeginning(name);
    // The page comes back only with the story on it: the address has then gone on from the gallery.
    await beginStory(name);
    showGallery(false);
  };
  const on = usePlayer(state =>
    state.story === null ? null : (scriptOf(state.story, state.scene?.run ?? null)?.name ?? null),
  );
  switch (catalogue.status) {
    case 'unread':
    case 'reading':
      return <Skeleton />;
    case 'failed':
      return (
        <div className="gallery-trouble" role="alert">
          <p>{catalogue.message}</p>
          <Button look="primary" onClick={() => void readCatalogue()}>
            Try again
          </Button>
        </div>
      );
    case 'read':
      break;
  }
  const { groups, stories } = catalogue;
  const [first] = stories;
  if (first === undefined) {
    return (
      <div className="gallery-trouble">
        <p>
          There are no stories on this site yet. A story is a text file; the command “mailscope story new” begins one.
        </p>
      </div>
    );
  }
  const card = (entry: CatalogueEntry): ReactNode => (
    <Card
      key={entry.name}
      entry={entry}
      seen={seen.includes(entry.name)}
      on={entry.name === on}
      first={entry === first}
      beginning={entry.name === beginning}
      onBegin={name => void begin(name)}
    />
  );
  return (
    <>
      <StillPaints />
      {card(first)}
      {groups.map(group => {
        const others = stories.filter(story => story.group === group && story !== first);
        return others.length === 0 ? null : (
          <section key={group} className="gallery-group" aria-label={capital(group)}>
            <h3>{capital(group)}</h3>
            {ABOUT[group] === undefined ? null : <p>{ABOUT[group]}</p>}
            <div className="gallery-cards">{others.map(card)}</div>
          </section>
        );
      })}
    </>
  );
}

const SHELF = [1, 2, 3];

/** The place of what is to come. */
const Skeleton = (): ReactNode => (
  <div className="gallery-skeleton">
    <p className="sr-only" role="status">
      The stories are being fetched.
    </p>
    <div className="story-card first">
      <div className="story-still" />
    </div>
    <div className="gallery-cards">
      {SHELF.map(each => (
        <div key={each} className="story-card">
          <div className="story-still" />
        </div>
      ))}
    </div>
  </div>
);
