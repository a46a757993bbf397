/** How the stills of all steps are laid out on one sheet. Pure. */
import { SIZES } from '../stage/still/miniature.ts';

/** CSS pixels: a still with its frame and two lines of title under it, and what is around the sheet. */
export const CELL = { w: SIZES.card.w, h: SIZES.card.h + 52 };
export const [GAP, EDGE, HEAD] = [18, 28, 74];

/** Pixels of a CSS pixel, and the longest side that every browser draws. */
const [RATIO, LONGEST] = [2, 12_000];

interface SheetPlan {
  readonly columns: number;
  readonly rows: number;
  /** Pixels of the finished picture. */
  readonly width: number;
  readonly height: number;
  readonly ratio: number;
}

export function sheetPlanOf(count: number): SheetPlan {
  const columns = count <= 2 ? Math.max(1, count) : count <= 4 ? 2 : count <= 12 ? 3 : count <= 40 ? 4 : 6;
  const rows = Math.ceil(count / columns);
  const w = 2 * EDGE + columns * CELL.w + (columns - 1) * GAP;
  const h = 2 * EDGE + HEAD + rows * CELL.h + (rows - 1) * GAP;
  const ratio = Math.min(RATIO, LONGEST / Math.max(w, h));
  return { columns, rows, ratio, width: Math.round(w * ratio), height: Math.round(h * ratio) };
}
