/** "Save as film or picture": what of it, how large, how fast, and how far the making is. */
import { type ReactNode, type RefObject, useEffect, useId, useRef, useState } from 'react';
import type { Story } from '../../shared/story/story.ts';
import { Button } from '../design/Button.tsx';
import { Dialog } from '../design/Dialog.tsx';
import type { OpenDialog } from '../session/store.ts';
import { usePlayer } from '../session/usePlayer.ts';
import { openDialog } from '../session/view.ts';
import { Part } from '../share/Part.tsx';
import { videosHere } from './able.ts';
import { estimateOf } from './estimate.ts';
import { type Making, useMaker } from './making.ts';
import { isFilm, KINDS, type Kind, wrongWith } from './order.ts';
import { FILM_SPEEDS, orderOf, type Wish } from './wish.ts';
import './save-as.css';

const WORDS: Readonly<Record<Kind, readonly [name: string, says: string]>> = {
  gif: ['GIF', 'Moves wherever a picture may stand: a README, a chat, a mail.'],
  mp4: ['MP4', 'A video, as slides and social sites take it.'],
  webm: ['WebM', 'A video, as web pages take it.'],
  sheet: ['All steps', 'One PNG with a still of each step: for paper, or at a glance.'],
  png: ['Still, PNG', 'The moment at which the page stands.'],
  svg: ['Still, SVG', 'The same as a drawing: sharp at every size, and it leads to what it shows.'],
};

const SIZE_WORDS = ['680 × 480, an article', '1280 × 720, a slide', '1920 × 1080, full HD'] as const;

interface ChoiceProps {
  readonly label: string;
  readonly value: number;
  readonly words: readonly string[];
  readonly onChoose: (index: number) => void;
}

function Choice({ label, value, words, onChoose }: ChoiceProps): ReactNode {
  return (
    <label className="share-field">
      <span>{label}</span>
      <select value={value} onChange={({ target }) => onChoose(Number(target.value))}>
        {words.map((each, index) => (
          <option key={each} value={index}>
            {each}
          </option>
        ))}
      </select>
    </label>
  );
}

interface KindsProps {
  readonly chosen: Kind;
  /** Those that this browser cannot write. */
  readonly missing: readonly Kind[];
  readonly onChoose: (kind: Kind) => void;
}

function Kinds({ chosen, missing, onChoose }: KindsProps): ReactNode {
  const name = useId();
  return (
    <fieldset className="film-kinds">
      <legend>What it is to be</legend>
      {KINDS.map(kind => (
        <label key={kind} className={missing.includes(kind) ? 'missing' : undefined}>
          <input
            type="radio"
            name={name}
            data-first={kind === chosen ? true : undefined}
            checked={kind === chosen}
            disabled={missing.includes(kind)}
            onChange={() => onChoose(kind)}
          />
          <span>
            {WORDS[kind][0]}
            <small>{missing.includes(kind) ? 'This browser cannot write it.' : WORDS[kind][1]}</small>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

/** How far it is, for the eye; a screen reader is told the beginning and the end only. */
function Progress({ making }: { readonly making: Making }): ReactNode {
  const under = making.kind === 'under way';
  return (
    <div className="film-progress">
      {under && (
        <>
          <progress
            aria-label="How much of it is made"
            {...(making.of > 0 && { value: making.done, max: making.of })}
          />
          <p aria-hidden="true">
            {making.done === 0 ? 'Getting ready…' : `${making.what} ${making.done} of ${making.of}`}
          </p>
        </>
      )}
      <p role="status" className={under ? 'sr-only' : making.kind === 'failed' ? 'share-said bad' : 'share-said'}>
        {under ? 'It is being made.' : making.kind === 'none' ? '' : making.words}
      </p>
    </div>
  );
}

/** The button that had the focus gives it to the one that follows from it: a keyboard must not fall out of the dialog. */
function useFollowing(busy: boolean): RefObject<HTMLDivElement | null> {
  const buttons = useRef<HTMLDivElement>(null);
  const before = useRef(busy);
  useEffect(() => {
    if (before.current !== busy) buttons.current?.querySelector<HTMLElement>('[data-next]')?.focus();
    before.current = busy;
  }, [busy]);
  return buttons;
}

type Opened = Extract<OpenDialog, { readonly kind: 'film' }>;

function Sheet({ story, opened }: { readonly story: Story; readonly opened: Opened }): ReactNode {
  const theme = usePlayer(state => state.theme);
  const [wish, setWish] = useState<Wish>(() => ({
    kind: 'gif',
    first: opened.first,
    last: opened.last,
    size: 0,
    speed: 1,
    theme,
    captions: true,
  }));
  const [videos, setVideos] = useState<readonly Kind[] | null>(null);
  useEffect(() => void videosHere().then(setVideos), []);
  const { making, begin, cancel } = useMaker();
  const change = (part: Partial<Wish>): void => setWish({ ...wish, ...part });
  const { kind, first, last, size, speed } = wish;
  const order = orderOf(story, wish, opened.link);
  const wrong = order === null ? 'Nothing has happened yet.' : wrongWith(story, order);
  const missing = KINDS.filter(each => (each === 'mp4' || each === 'webm') && videos?.includes(each) === false);
  const busy = making.kind === 'under way';
  return (
    <div className="film">
      <fieldset className="film-wishes" disabled={busy}>
        <Kinds
          chosen={kind}
          missing={missing}
          onChoose={chosen => change({ kind: chosen, size: chosen === 'gif' ? 0 : Math.max(size, 1) })}
        />
        {kind !== 'png' && kind !== 'svg' && (
          <Part story={story} first={first} last={last} onChoose={(from, to) => change({ first: from, last: to })} />
        )}
        <div className="share-settings">
          {kind !== 'sheet' && (
            <Choice label="Size" value={size} words={SIZE_WORDS} onChoose={index => change({ size: index })} />
          )}
          {isFilm(kind) && (
            <Choice
              label="Speed"
              value={speed}
              words={FILM_SPEEDS.map(each => `${each}×`)}
              onChoose={index => change({ speed: index })}
            />
          )}
          <Choice
            label="Paper"
            value={wish.theme === 'light' ? 0 : 1}
            words={['Light', 'Dark']}
            onChoose={index => change({ theme: index === 0 ? 'light' : 'dark' })}
          />
          {kind !== 'sheet' && (
            <label className="share-check">
              <input
                type="checkbox"
                checked={wish.captions}
                onChange={({ target }) => change({ captions: target.checked })}
              />
              <span>With the words under it</span>
            </label>
          )}
        </div>
      </fieldset>
      <Progress making={making} />
      <div className="dialog-actions" ref={useFollowing(busy)}>
        <p className="film-estimate">{wrong ?? (order === null ? '' : estimateOf(story, order))}</p>
        {busy ? (
          <Button key="cancel" data-next onClick={cancel}>
            Cancel
          </Button>
        ) : (
          <Button key="back" onClick={() => openDialog({ kind: 'share' })}>
            Back
          </Button>
        )}
        <Button
          look="primary"
          data-next={busy ? undefined : true}
          disabled={wrong !== null || busy}
          onClick={() => {
            if (order !== null) begin(story, order);
          }}
        >
          Save
        </Button>
      </div>
    </div>
  );
}

export function SaveAs(): ReactNode {
  const opened = usePlayer(state => (state.dialog?.kind === 'film' ? state.dialog : null));
  const story = usePlayer(state => (state.dialog?.kind === 'film' ? state.story : null));
  return (
    <Dialog
      open={opened !== null && story !== null}
      onClose={() => openDialog(null)}
      title="Save as film or picture"
      wide
    >
      {opened !== null && story !== null && <Sheet story={story} opened={opened} />}
    </Dialog>
  );
}
