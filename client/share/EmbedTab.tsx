/** A figure for somebody's article: which part, how it looks, and what to paste. */
import { type ReactNode, useState } from 'react';
import type { Theme } from '../../shared/export/transcript-html.ts';
import { Button } from '../design/Button.tsx';
import { Choices } from '../design/Choices.tsx';
import { SaveIcon } from '../design/icons.tsx';
import { openDialog } from '../session/view.ts';
import { isLoopback } from '../url.ts';
import type { Chosen } from './files.ts';
import { Preview } from './Preview.tsx';
import { SaveButton } from './SaveButton.tsx';
import { Snippet } from './Snippet.tsx';
import { elementSnippet, type Figure, frameSnippet, type Home, stillSnippet } from './snippets.ts';

interface Props {
  readonly chosen: Chosen;
  readonly title: string;
  readonly stem: string;
  readonly home: Home;
  readonly part: ReactNode;
  /** Where a still leads, or null where the run can only be saved. */
  readonly link: string | null;
  readonly onTheme: (theme: Theme) => void;
  readonly onAutoplay: (on: boolean) => void;
}

const THEMES: Readonly<Record<Theme, string>> = { auto: 'As the article', light: 'Light', dark: 'Dark' };
const isTheme = (value: string): value is Theme => Object.hasOwn(THEMES, value);

const PLACES = { here: 'On this site', own: 'On your own site' } as const;

export function EmbedTab({ chosen, title, stem, home, part, link, onTheme, onAutoplay }: Props): ReactNode {
  const public_ = home.kind !== 'saved' && !isLoopback(home.site);
  const [place, setPlace] = useState<keyof typeof PLACES>(public_ ? 'here' : 'own');
  const [said, setSaid] = useState({ text: '', bad: false });
  const say = (text: string, bad: boolean): void => setSaid({ text, bad });
  const { from, to, theme, autoplay } = chosen;
  const own = place === 'own' || home.kind === 'saved';
  const figure: Figure = { home: own ? { kind: 'saved', stem } : home, title, from, to, theme, autoplay };
  return (
    <div className="share-tab">
      <div className="share-settings">
        {part}
        <label className="share-field">
          <span>Colours</span>
          <select value={theme} onChange={({ target }) => isTheme(target.value) && onTheme(target.value)}>
            {Object.entries(THEMES).map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </select>
        </label>
        <label className="share-check">
          <input type="checkbox" checked={autoplay} onChange={({ target }) => onAutoplay(target.checked)} />
          <span>Plays by itself when it comes into sight</span>
        </label>
      </div>
      <Preview chosen={chosen} />
      {home.kind !== 'saved' && (
        <div className="share-place">
          <h3>Where its files are</h3>
          <Choices
            label="Where its files are"
            choices={['here', 'own']}
            words={PLACES}
            chosen={place}
            onChoose={setPlace}
          />
          {!own && isLoopback(home.site) && (
            <p className="share-note">This site is on your own machine: no reader of yours comes there.</p>
          )}
        </div>
      )}
      <Snippet label="The element" text={elementSnippet(figure)}>
        {own && (
          <div className="share-first">
            <p>First put these two files on your site, beside the article:</p>
            <div className="share-buttons">
              <SaveButton kind="script" chosen={chosen} of="the player" onSaid={say}>
                mail-flow.js
              </SaveButton>
              <SaveButton kind="told" chosen={chosen} of="the run" onSaid={say}>
                {`${stem}.told.json`}
              </SaveButton>
            </div>
          </div>
        )}
      </Snippet>
      <Snippet label="A frame" text={frameSnippet(figure)}>
        {own && (
          <div className="share-first">
            <p>
              For where no script may be pasted. First put this page on your site; part, colours and start are in it:
            </p>
            <div className="share-buttons">
              <SaveButton kind="page" chosen={chosen} of="the page" onSaid={say}>
                {`${stem}.html`}
              </SaveButton>
            </div>
          </div>
        )}
      </Snippet>
      <Snippet label="A still, in Markdown" text={stillSnippet(figure, stem)}>
        <div className="share-first">
          <p>
            For a README, a mail or a feed, where neither script nor frame is let in: a picture that leads to the run.
          </p>
          <div className="share-buttons">
            <Button
              icon={<SaveIcon />}
              onClick={() => openDialog({ kind: 'film', first: chosen.span.first, last: chosen.span.last, link })}
            >
              Film or picture…
            </Button>
          </div>
        </div>
      </Snippet>
      <p role="status" className={said.bad ? 'share-said bad' : 'share-said'}>
        {said.text === '' ? '' : `${said.bad ? '✕ ' : ''}${said.text}`}
      </p>
    </div>
  );
}
