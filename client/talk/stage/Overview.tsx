/** All beats as stills, the marked one framed; what a question has yet to ask about is not given away. */
import { memo, type ReactNode, useEffect, useRef, useState } from 'react';
import type { Beat, Story } from '../../../shared/story/story.ts';
import { settled } from '../../player/navigate.ts';
import { hiddenFrom } from '../../player/questions.ts';
import { partAround } from '../../player/shown-part.ts';
import { usePlayer } from '../../session/usePlayer.ts';
import { soon } from '../../source/slices.ts';
import { pictureOf, Still, StillPaints } from '../../stage/still/Still.tsx';
import { land } from '../present/moves.ts';
import { columnsFor } from '../present/overview-moves.ts';
import { openOverview } from '../present/presentation.ts';
import { usePresentation } from '../present/usePresentation.ts';
import './overview.css';

/** Beats that are drawn on either side of the marked one, in a story that is too long to be drawn whole: full rows of five. */
const REACH = 40;

/** How far from being seen a still is drawn already. */
const AHEAD = '200px';

/** Stills that came into sight and are yet to be drawn: one a task, so that a key is answered between two of them. */
const waiting: (() => void)[] = [];

function drawNext(): void {
  waiting.shift()?.();
  if (waiting.length > 0) soon(drawNext);
}

function drawSoon(draw: () => void): void {
  waiting.push(draw);
  if (waiting.length === 1) soon(drawNext);
}

/** Drawn once it comes into sight: a long story has a hundred. */
const Picture = memo(function Picture({ story, beat }: { readonly story: Story; readonly beat: Beat }): ReactNode {
  const frame = useRef<HTMLSpanElement>(null);
  const [near, setNear] = useState(false);
  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const observer = new IntersectionObserver(
      seen => {
        if (!seen.some(({ isIntersecting }) => isIntersecting)) return;
        observer.disconnect();
        drawSoon(() => setNear(true));
      },
      { rootMargin: AHEAD },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return (
    <span className="overview-picture" ref={frame}>
      {near && <Still picture={pictureOf(story, settled(beat))} size="card" />}
    </span>
  );
});

interface TileProps {
  readonly story: Story;
  readonly beat: Beat;
  readonly marked: boolean;
  readonly hidden: boolean;
}

function Tile({ story, beat, marked, hidden }: TileProps): ReactNode {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (marked) button.current?.scrollIntoView({ block: 'nearest' });
  }, [marked]);
  const run = story.runs[beat.run];
  const number = beat.index - (run?.firstBeat ?? 0) + 1;
  const title = hidden ? 'After a question' : beat.caption.title.replaceAll('**', '');
  return (
    <li>
      <button
        type="button"
        ref={button}
        className={`overview-tile of-${hidden ? 'nothing' : beat.failed ? 'bad' : beat.caption.protocol}${marked ? ' marked' : ''}`}
        aria-current={marked ? 'step' : undefined}
        tabIndex={marked ? 0 : -1}
        onClick={event => {
          event.stopPropagation();
          land(beat.index);
        }}
      >
        {hidden ? (
          <span className="overview-picture hidden" aria-hidden="true">
            ?
          </span>
        ) : (
          <Picture story={story} beat={beat} />
        )}
        <span className="overview-words">
          <b>{number}</b> <span>{title}</span>
        </span>
      </button>
    </li>
  );
}

export function Overview({ story }: { readonly story: Story }): ReactNode {
  const marked = usePresentation(state => state.overview);
  const hidden = usePlayer(hiddenFrom);
  if (marked === null) return null;
  const count = story.beats.length;
  const { from, to } = partAround(count, marked, REACH);
  return (
    <section className="overview" aria-label="Overview of the steps">
      <StillPaints />
      <ol className={`columns-${columnsFor(count)}`}>
        {from > 0 && (
          <li className="overview-more">
            <button type="button" tabIndex={-1} onClick={() => openOverview(from - 1)}>
              … {from.toLocaleString('en')} earlier
            </button>
          </li>
        )}
        {story.beats.slice(from, to).map(beat => (
          <Tile
            key={beat.index}
            story={story}
            beat={beat}
            marked={beat.index === marked}
            hidden={beat.index >= hidden}
          />
        ))}
        {to < count && (
          <li className="overview-more">
            <button type="button" tabIndex={-1} onClick={() => openOverview(to)}>
              … {(count - to).toLocaleString('en')} later
            </button>
          </li>
        )}
      </ol>
    </section>
  );
}
