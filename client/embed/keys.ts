/** What a key means to the figure that has the focus, and to no other; the words are what its help shows. */

export type Act =
  | { readonly kind: 'toggle' | 'next' | 'previous' | 'faster' | 'slower' | 'fullscreen' | 'help' }
  | { readonly kind: 'part'; readonly fraction: number };

interface Row {
  /** As `KeyboardEvent.key` says it; a letter in lower case. */
  readonly keys: readonly string[];
  readonly shown: string;
  readonly does: string;
  readonly act: (key: string) => Act;
}

export const KEYS: readonly Row[] = [
  { keys: [' ', 'k'], shown: 'Space  k', does: 'Play or pause', act: () => ({ kind: 'toggle' }) },
  { keys: ['ArrowRight', 'l'], shown: '→  l', does: 'Next step', act: () => ({ kind: 'next' }) },
  { keys: ['ArrowLeft', 'j'], shown: '←  j', does: 'Previous step', act: () => ({ kind: 'previous' }) },
  {
    keys: ['Home', 'End', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
    shown: 'Home  End  0 … 9',
    does: 'To the start, the end, a part',
    act: key => ({ kind: 'part', fraction: key === 'Home' ? 0 : key === 'End' ? 1 : Number(key) / 10 }),
  },
  {
    keys: ['<', '>'],
    shown: '<  >',
    does: 'Slower, faster',
    act: key => ({ kind: key === '<' ? 'slower' : 'faster' }),
  },
  { keys: ['f'], shown: 'f', does: 'Full screen', act: () => ({ kind: 'fullscreen' }) },
  { keys: ['?'], shown: '?', does: 'This text', act: () => ({ kind: 'help' }) },
];

const TYPING = 'input, textarea, select, [contenteditable]';
const PRESSED_BY_SPACE = 'button, a, summary';
const MOVES_BY_ITSELF = '.figure-panel';

/** Null for a press that is not ours: its default stays. */
export function actOf(event: KeyboardEvent): Act | null {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return null;
  const [target] = event.composedPath();
  if (!(target instanceof Element) || target.closest(TYPING) !== null) return null;
  if (event.key === ' ' && target.closest(PRESSED_BY_SPACE) !== null) return null;
  // What scrolls keeps the keys that scroll it.
  if (/^(?:Home|End|Arrow| )/.test(event.key) && target.closest(MOVES_BY_ITSELF) !== null) return null;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.shiftKey && event.key.length > 1) return null;
  return KEYS.find(row => row.keys.includes(key))?.act(key) ?? null;
}
