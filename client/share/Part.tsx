/** Which part of the run is meant, by the titles of its steps. */
import type { ReactNode } from 'react';
import type { Beat, Story } from '../../shared/story/story.ts';
import { plain } from '../../shared/story/words.ts';
import { partAround } from '../player/shown-part.ts';

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

/** Steps that are offered on either side of the chosen one, where there are too many to be listed. */
const REACH = 100;

/** Steps from `least` on, around the chosen one; the first and the last entry lead on to those that are not listed. */
function options(story: Story, chosen: number, least: number): ReactNode {
  const { beats } = story;
  const { from, to } = partAround(beats.length - least, chosen - least, REACH);
  const [before, after] = [least + from, least + to];
  return (
    <>
      {before > least && <option value={before - 1}>… {(before - least).toLocaleString('en')} earlier</option>}
      {beats.slice(before, after).map(option)}
      {after < beats.length && <option value={after}>… {(beats.length - after).toLocaleString('en')} later</option>}
    </>
  );
}

export function Part({ story, first, last, onChoose }: Props): ReactNode {
  return (
    <div className="share-part">
      <label className="share-field">
        <span>From</span>
        <select
          value={first}
          onChange={({ target }) => onChoose(Number(target.value), Math.max(last, Number(target.value)))}
        >
          {options(story, first, 0)}
        </select>
      </label>
      <label className="share-field">
        <span>To</span>
        <select value={last} onChange={({ target }) => onChoose(first, Number(target.value))}>
          {options(story, last, first)}
        </select>
      </label>
    </div>
  );
}
