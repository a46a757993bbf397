/** Which part of a long list is drawn: some entries around one of them, and more where the viewer asks for them. Pure. */

/** Entries [from, to) of a list. */
export interface Part {
  readonly from: number;
  readonly to: number;
}

/**
 * So many entries on either side of entry `at`, in steps of a quarter of that, so that a list that is walked through does not
 * change at each step. `earlier` and `later` are how many more were asked for. A list of up to three times `reach` is whole.
 */
export function partAround(count: number, at: number, reach: number, earlier = 0, later = 0): Part {
  if (count <= 3 * reach) return { from: 0, to: count };
  const step = Math.ceil(reach / 4);
  const middle = Math.floor(Math.max(0, at) / step) * step;
  return { from: Math.max(0, middle - reach - earlier), to: Math.min(count, middle + step + reach + later) };
}
