/** What the page's own keys do besides: they change the world or its wire, or lead elsewhere. */

import type { ActOn, ShowAct } from '../player/keys.ts';
import { keeper, redo, toNext, undo } from '../session/keeper.ts';
import { holdWire, releaseOne } from '../session/session.ts';
import { player } from '../session/store.ts';
import { openDialog, present, showGallery } from '../session/view.ts';
import type { Act } from './listen-keys.ts';
import { watchActs } from './watch-acts.ts';

const { getState: get } = player;

/** Only where there is a world that can be changed. */
const editWorld = (): void => {
  if (keeper.getState().facts !== null) openDialog({ kind: 'world' });
};

const skip = (): void => {
  if (keeper.getState().clock?.next) void toNext();
};

const hold = (): void => {
  const { holding } = get();
  if (holding !== null) holdWire(!holding.on);
};

/** Those of a show come with its room. */
export const pageActs: Readonly<Record<Exclude<ActOn<'page'>, ShowAct>, Act>> = {
  ...watchActs,
  hold,
  release: releaseOne,
  compose: () => openDialog({ kind: 'compose', draft: null }),
  world: editWorld,
  skip,
  gallery: () => showGallery(!get().gallery),
  present: () => present(true),
  undo: () => void undo(),
  redo: () => void redo(),
};
