/** Light or dark, as the page around a figure is: what it says of itself first, then how it looks. */

export type Theme = 'light' | 'dark';

const DARK = '(prefers-color-scheme: dark)';

/** How pages and their frameworks name their theme on <html> or <body>. */
const NAMES = ['data-theme', 'data-color-mode', 'data-color-scheme', 'data-bs-theme', 'data-mode'];

const isTheme = (word: string | null | undefined): word is Theme => word === 'light' || word === 'dark';

function said(element: Element): Theme | null {
  for (const name of NAMES) {
    const word = element.getAttribute(name)?.toLowerCase();
    if (isTheme(word)) return word;
  }
  return (['dark', 'light'] as const).find(theme => element.classList.contains(theme)) ?? null;
}

/** Of the first background behind the figure; null where there is none, or its colour is written in a way of its own. */
function behind(start: Element | null): Theme | null {
  for (let element = start; element !== null; element = parentOf(element)) {
    const rgb = /^rgba?\(([\d.]+), ([\d.]+), ([\d.]+)(?:, ([\d.]+))?\)$/.exec(
      getComputedStyle(element).backgroundColor,
    );
    if (rgb === null) return null;
    const [red = 0, green = 0, blue = 0, alpha = 1] = rgb.slice(1).map(part => (part === undefined ? 1 : Number(part)));
    if (alpha > 0.5) return 0.299 * red + 0.587 * green + 0.114 * blue < 128 ? 'dark' : 'light';
  }
  return null;
}

function parentOf(element: Element): Element | null {
  if (element.parentElement !== null) return element.parentElement;
  const root = element.getRootNode();
  return root instanceof ShadowRoot ? root.host : null;
}

export function themeAround(element: Element): Theme {
  const own = said(document.documentElement) ?? (document.body === null ? null : said(document.body));
  if (own !== null) return own;
  const parent = parentOf(element);
  const scheme = parent === null ? 'normal' : getComputedStyle(parent).colorScheme.replace('only', '').trim();
  if (isTheme(scheme)) return scheme;
  const system = matchMedia(DARK).matches ? 'dark' : 'light';
  // A page that knows both is the one the system wants; of another one the paper that the figure lies on tells.
  return scheme === 'normal' ? (behind(parent) ?? 'light') : system;
}

/** Answers what stops it. A page changes its theme on <html> or <body>, or with the system. */
export function onThemeAround(changed: () => void): () => void {
  const page = new MutationObserver(changed);
  const options = { attributes: true, attributeFilter: [...NAMES, 'class', 'style'] };
  page.observe(document.documentElement, options);
  if (document.body !== null) page.observe(document.body, options);
  const system = matchMedia(DARK);
  system.addEventListener('change', changed);
  return () => {
    page.disconnect();
    system.removeEventListener('change', changed);
  };
}
