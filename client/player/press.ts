/** Which key a press means: the characters that a layout makes with AltGr or Option are told from shortcuts, a held key from a new press. */

export interface Press {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  /** The key is held down, and this is not its first event. */
  readonly repeat: boolean;
}

interface PressedKey {
  /** As `KeyboardEvent.key` says it; a letter in lower case. */
  readonly key: string;
  /** A single character that is not Space. */
  readonly character: boolean;
  /** Ctrl, or Command on a Mac. */
  readonly ctrl: boolean;
}

/**
 * A sign that no layout needs a letter's Alt shortcut for: `[` is AltGr 8 on a German keyboard, which Windows reports as Ctrl and
 * Alt, and Option 5 on a Mac, reported as Alt.
 */
const isComposed = ({ key, altKey }: Press): boolean => altKey && /^[^\p{L}\p{N}\s]$/u.test(key);

/** Null where Alt makes a shortcut of it, which is the browser's or the system's. */
function pressedKey(press: Press): PressedKey | null {
  const composed = isComposed(press);
  if (press.altKey && !composed) return null;
  const single = press.key.length === 1;
  return {
    key: single ? press.key.toLowerCase() : press.key,
    character: single && press.key !== ' ',
    ctrl: !composed && (press.ctrlKey || press.metaKey),
  };
}

interface Pressable {
  readonly keys: readonly string[];
  readonly shift?: true;
  readonly ctrl?: true;
}

/** The first of `rows` that a key press means, or null. `suits`: what else must be so. */
export function rowPressed<Row extends Pressable>(
  press: Press,
  rows: readonly Row[],
  suits?: (row: Row, pressed: PressedKey) => boolean,
): Row | null {
  const pressed = pressedKey(press);
  if (pressed === null) return null;
  const { key, ctrl } = pressed;
  // A character such as ? already has its Shift in it.
  const anyShift = key.length === 1 && !ctrl;
  const fits = (row: Row): boolean =>
    row.keys.includes(key) &&
    !row.ctrl === !ctrl &&
    (anyShift || !row.shift === !press.shiftKey) &&
    suits?.(row, pressed) !== false;
  return rows.find(fits) ?? null;
}
