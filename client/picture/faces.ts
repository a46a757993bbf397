/** The page's faces, to be carried inside a picture: a picture that is drawn as an image is not given the page's own. */

interface Face {
  readonly family: string;
  /** Where it can be had. */
  readonly address: string;
  readonly weight: string;
  readonly has: (code: number) => boolean;
}

/** "U+0000-00FF, U+0131, U+4??" */
function rangeOf(written: string): (code: number) => boolean {
  const ranges = written.split(',').map(range => {
    const [from = '', to = from] = range.trim().replace(/^U\+/i, '').split('-');
    return [Number.parseInt(from.replaceAll('?', '0'), 16), Number.parseInt(to.replaceAll('?', 'F'), 16)] as const;
  });
  return code => ranges.some(([from, to]) => code >= from && code <= to);
}

/** The upright faces of the page's own style sheets; those of other origins do not let themselves be read. */
function facesOf(sheets: StyleSheetList): readonly Face[] {
  return [...sheets].flatMap(sheet => {
    const base = sheet.href ?? document.baseURI;
    return rulesOf(sheet).flatMap(rule => {
      if (!(rule instanceof CSSFontFaceRule)) return [];
      const said = (name: string): string => rule.style.getPropertyValue(name);
      const source = /url\("?([^")]+)"?\)/.exec(said('src'))?.[1];
      if (source === undefined || said('font-style') === 'italic') return [];
      return [
        {
          family: said('font-family').replace(/^["']|["']$/g, ''),
          address: new URL(source, base).href,
          weight: said('font-weight') || '400',
          has: rangeOf(said('unicode-range') || 'U+0-10FFFF'),
        },
      ];
    });
  });
}

function rulesOf(sheet: CSSStyleSheet): readonly CSSRule[] {
  try {
    return [...sheet.cssRules];
  } catch {
    // Another origin's: it has no faces of ours.
    return [];
  }
}

const carried = new Map<string, Promise<string | null>>();

/** The file as a data URL; null where it cannot be had, and the face's next name is used. */
function carry(address: string): Promise<string | null> {
  const known = carried.get(address);
  if (known !== undefined) return known;
  const file = fetch(address)
    .then(async answer => (answer.ok ? dataUrl(await answer.blob()) : null))
    .catch(() => null);
  carried.set(address, file);
  return file;
}

const dataUrl = (file: Blob): Promise<string | null> =>
  new Promise(resolve => {
    const reader = new FileReader();
    reader.onload = () => resolve(typeof reader.result === 'string' ? reader.result : null);
    reader.onerror = () => resolve(null);
    reader.readAsDataURL(file);
  });

/** The `<style>` that gives `markup` the faces in which its words are set. */
export async function facesFor(markup: string): Promise<string> {
  const codes = new Set([...markup.replace(/<[^>]*>/g, '')].map(char => char.codePointAt(0) ?? 0));
  const wanted = facesOf(document.styleSheets).filter(
    ({ family, has }) => markup.includes(family) && [...codes].some(has),
  );
  const rules = await Promise.all(
    wanted.map(async ({ family, address, weight }) => {
      const file = await carry(address);
      return file === null ? '' : `@font-face{font-family:'${family}';font-weight:${weight};src:url(${file})}`;
    }),
  );
  return rules.join('') === '' ? '' : `<style>${rules.join('')}</style>`;
}

/** Until the words on the page are set in their own faces: what is measured before that is another face's. */
export async function facesReady(): Promise<void> {
  const named = ['600 20px "Fraunces Variable"', '400 20px "Inter Variable"', '400 20px "JetBrains Mono Variable"'];
  // Where a face cannot be had, the next one is used, on the page as in the picture.
  await Promise.allSettled(named.map(face => document.fonts.load(face)));
}
