/** A link to what is shown, and to the moment at which it stands. */
import { type ReactNode, useState } from 'react';
import { plain } from '../../shared/story/words.ts';
import type { SourceState } from '../session/store.ts';
import { moment } from '../session/travel.ts';
import { usePlayer } from '../session/usePlayer.ts';
import { isLoopback } from '../url.ts';
import { linkFor } from './home.ts';
import { Snippet } from './Snippet.tsx';
import type { Home } from './snippets.ts';

interface Props {
  readonly home: Home;
  readonly source: SourceState;
  readonly onSave: () => void;
}

const ownWords = (source: SourceState): string =>
  source.kind === 'live' && source.room === null
    ? 'It leads to your own world, on this machine and as long as that runs. To show it to somebody else, save it and send the file.'
    : 'Only this page has what is shown, so no link leads to it. Save it and send the file.';

export function LinkTab({ home, source, onSave }: Props): ReactNode {
  // Where the page stood when the dialog was opened: behind it, a story may play on.
  const [seconds] = useState(() => Math.round(moment() / 100) / 10);
  const title = usePlayer(state => state.scene?.caption?.title ?? null);
  const [here, setHere] = useState(seconds > 0);
  const link = linkFor(home, source, here ? seconds : null);
  return (
    <div className="share-tab">
      {link !== null && (
        <>
          <label className="share-check">
            <input type="checkbox" data-first checked={here} onChange={({ target }) => setHere(target.checked)} />
            <span>
              To this moment{title !== null && <>: “{plain(title).replace(/^“|”$/g, '')}”</>}
              <small>It opens there, standing still. Without it: at the start.</small>
            </span>
          </label>
          <Snippet label="Link" text={link} />
        </>
      )}
      {home.kind === 'saved' ? (
        <p className="share-note">
          {ownWords(source)}{' '}
          <button type="button" onClick={onSave}>
            Save it
          </button>
        </p>
      ) : (
        isLoopback(home.site) && (
          <p className="share-note">
            This mailscope runs on your own machine, and so does the address: nobody else comes there.{' '}
            <button type="button" onClick={onSave}>
              Save it as a page
            </button>{' '}
            that you can send.
          </p>
        )
      )}
    </div>
  );
}
