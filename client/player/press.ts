/** Which row of keys a press means: the characters that a layout makes with AltGr or Option are told from shortcuts. */

export interface Press {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

interface Pressable {
  /** As `KeyboardEvent.key` says it; a letter in lower case. */
  readonly keys: readonly string[];
  readonly shift?: true;
  /** Ctrl, or Command on a Mac. */
  readonly ctrl?: true;
}

/**
 * A sign that no layout needs a letter's Alt shortcut for: `[` is AltGr 8 on a German keyboard, which Windows reports as Ctrl and
 * Alt, and Option 5 on a Mac, reported as Alt.
 */
const isComposed = ({ key, altKey }: Press): boolean => altKey && /^[^\p{L}\p{N}\s]$/u.test(key);

/** The first of `rows` that a press means, or null; where Alt makes a shortcut of it, it is the browser's or the system's. `suits`: what else must be so. */
export function rowPressed<Row extends Pressable>(
  press: Press,
  rows: readonly Row[],
  suits?: (row: Row) => boolean,
): Row | null {
  const composed = isComposed(press);
  if (press.altKey && !composed) return null;
  const single = press.key.length === 1;
  const key = single ? press.key.toLowerCase() : press.key;
  const ctrl = !composed && (press.ctrlKey || press.metaKey);
  const fits = (row: Row): boolean =>
    row.keys.includes(key) &&
    !row.ctrl === !ctrl &&
    // A character such as ? already has its Shift in it.
    ((single && !ctrl) || !row.shift === !press.shiftKey) &&
    suits?.(row) !== false;
  return rows.find(fits) ?? null;
}
