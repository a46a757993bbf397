/** The overview of the beats: open it, walk through it, and go to where one has come. */
import { assertNever } from '../../../shared/world/world.ts';
import { OVERVIEW_KEYS, type OverviewKey } from '../../player/keys.ts';
import { player } from '../../session/store.ts';
import { pause } from '../../session/travel.ts';
import { beatNow, land } from './moves.ts';
import { openOverview, presentation } from './presentation.ts';

/** Pictures beside each other: as large as all of them can be seen at once, or nearly so. */
export const columnsFor = (beats: number): 4 | 5 => (beats > 12 ? 5 : 4);

export function toggleOverview(): void {
  const { overview } = presentation.getState();
  const { story, playing } = player.getState();
  if (overview !== null || story === null || story.beats.length === 0) openOverview(null);
  else {
    openOverview(Math.max(0, beatNow()));
    // What is covered does not play on.
    if (playing) pause();
  }
}

function by(key: OverviewKey, row: number): number {
  switch (key) {
    case 'ArrowRight':
    case 'PageDown':
      return 1;
    case 'ArrowLeft':
    case 'PageUp':
      return -1;
    case 'ArrowDown':
      return row;
    case 'ArrowUp':
      return -row;
    case 'Home':
      return Number.NEGATIVE_INFINITY;
    case 'End':
      return Number.POSITIVE_INFINITY;
    default:
      return assertNever(key);
  }
}

/** Moves the mark as the key named `pressed` says. Down from the row before a short last one leads to its end. */
export function walk(pressed: string): void {
  const { overview } = presentation.getState();
  const count = player.getState().story?.beats.length ?? 0;
  const key = OVERVIEW_KEYS.find(each => each === pressed);
  if (overview === null || count === 0 || key === undefined) return;
  const row = columnsFor(count);
  const to = overview + by(key, row);
  const isLastRow = Math.floor(overview / row) === Math.floor((count - 1) / row);
  const beyond = (key === 'ArrowUp' && to < 0) || (key === 'ArrowDown' && to >= count && isLastRow);
  if (!beyond) openOverview(Math.min(count - 1, Math.max(0, to)));
}

export function goToMarked(): void {
  const { overview } = presentation.getState();
  if (overview !== null) land(overview);
}
