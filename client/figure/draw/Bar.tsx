/** The bar under a figure: back, play, on; the way it goes with a mark for every step; its text and the full screen. */
import type { ReactNode } from 'react';
import { AgainIcon, BackIcon, NextIcon, PauseIcon, PlayIcon } from '../../player/glyphs.tsx';
import { beatAt, type Shown } from './figure-player.ts';
import type { FigureProps } from './figure-props.ts';
import { GrowIcon, TextIcon } from './glyphs.tsx';
import { Way } from './Way.tsx';

interface BarProps extends Pick<FigureProps, 'player' | 'failure' | 'reading' | 'grows' | 'act' | 'goTo'> {
  readonly shown: Shown;
}

/** "5 / 14"; before anything is played, how many steps there are. */
function placeIn({ story, span, scene, begun }: Shown): string {
  if (story === null || span === null || scene === null) return '';
  const of = span.last - span.first + 1;
  if (!begun) return of === 1 ? '1 step' : `${of} steps`;
  return `${(beatAt(story, span, scene.at)?.index ?? 0) - span.first + 1} / ${of}`;
}

/** Characters of the longest of these words: the bar keeps their room. */
const widest = ({ span }: Shown): number => (span === null ? 0 : `${span.last - span.first + 1}`.length + 6);

export function Bar({ player, failure, reading, grows, act, goTo, shown }: BarProps): ReactNode {
  const { story, span, scene, playing, ended } = shown;
  const name = playing ? 'Pause' : ended ? 'Play again' : 'Play';
  const speed = player.speed();
  const disabled = failure !== null;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a group of buttons is no fieldset
    <div className="figure-bar" role="group" aria-label="Playback">
      <button
        type="button"
        disabled={disabled}
        aria-label="Previous step"
        title="Previous step"
        onClick={() => act('previous')}
      >
        <BackIcon />
      </button>
      <button
        type="button"
        disabled={disabled}
        className="figure-play"
        aria-label={name}
        title={name}
        onClick={() => act('toggle')}
      >
        {playing ? <PauseIcon /> : ended ? <AgainIcon /> : <PlayIcon />}
      </button>
      <button type="button" disabled={disabled} aria-label="Next step" title="Next step" onClick={() => act('next')}>
        <NextIcon />
      </button>
      {story === null || span === null || scene === null ? (
        <div className="figure-way" />
      ) : (
        <Way
          player={player}
          story={story}
          span={span}
          scene={scene}
          begun={shown.begun}
          place={placeIn(shown)}
          act={act}
          goTo={goTo}
        />
      )}
      <span className="figure-place" style={{ minWidth: `${widest(shown)}ch` }}>
        {placeIn(shown)}
        {speed === 1 ? '' : ` · ${speed}×`}
      </span>
      <button
        type="button"
        disabled={disabled}
        className="figure-quiet"
        aria-label="All steps as text"
        title="All steps as text"
        aria-expanded={reading}
        onClick={() => act('help')}
      >
        <TextIcon />
      </button>
      {grows ? (
        <button
          type="button"
          className="figure-quiet"
          aria-label="Full screen"
          title="Full screen"
          onClick={() => act('fullscreen')}
        >
          <GrowIcon />
        </button>
      ) : null}
    </div>
  );
}
