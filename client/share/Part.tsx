/** Which part of the run is meant, by the titles of its steps. */
import type { ReactNode } from 'react';
import type { Beat, Story } from '../../shared/story/story.ts';
import { plain } from '../../shared/story/words.ts';

interface Props {
  readonly story: Story;
  /** Indices of beats. */
  readonly first: number;
  readonly last: number;
  readonly onChoose: (first: number, last: number) => void;
}

const option = (beat: Beat): ReactNode => (
  <option key={beat.index} value={beat.index}>
    {beat.index + 1}. {plain(beat.caption.title)}
  </option>
);

export function Part({ story, first, last, onChoose }: Props): ReactNode {
  return (
    <div className="share-part">
      <label className="share-field">
        <span>From</span>
        <select
          value={first}
          onChange={({ target }) => onChoose(Number(target.value), Math.max(last, Number(target.value)))}
        >
          {story.beats.map(option)}
        </select>
      </label>
      <label className="share-field">
        <span>To</span>
        <select value={last} onChange={({ target }) => onChoose(first, Number(target.value))}>
          {story.beats.slice(first).map(option)}
        </select>
      </label>
    </div>
  );
}
