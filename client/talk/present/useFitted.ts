/** Measures words in the very faces in which they will be drawn, and again once those have been loaded. */
import { type RefObject, useEffect, useLayoutEffect, useState } from 'react';
import type { Words } from '../../../shared/story/words.ts';
import { type Fitted, fitted, type Measure } from './fit.ts';

/** In `ruler`, an element as wide as the words may be, which nobody sees. */
const measureIn =
  (ruler: HTMLElement): Measure =>
  (words, kind, size) => {
    const line = document.createElement('p');
    line.className = `present-${kind}`;
    line.style.fontSize = `${size}px`;
    words.split('**').forEach((piece, index) => {
      const part = document.createElement(index % 2 === 1 ? 'b' : 'span');
      part.textContent = piece;
      line.append(part);
    });
    ruler.replaceChildren(line);
    const style = getComputedStyle(line);
    // A word that is wider than the line takes more than one, whatever the height says.
    const lines = Math.round(line.offsetHeight / Number.parseFloat(style.lineHeight));
    const wide = line.scrollWidth > line.clientWidth + 1;
    ruler.replaceChildren();
    return wide ? Number.POSITIVE_INFINITY : lines;
  };

/** Null until it has been measured, which is before it is first seen. */
export function useFitted(ruler: RefObject<HTMLElement | null>, title: Words, body: Words): Fitted | null {
  const [fonts, setFonts] = useState(0);
  const [fit, setFit] = useState<Fitted | null>(null);
  useLayoutEffect(() => {
    // Named so that it is measured anew when they come.
    if (fonts < 0 || ruler.current === null) return;
    setFit(fitted(title, body, measureIn(ruler.current)));
  }, [ruler, title, body, fonts]);
  useEffect(() => {
    const loaded = (): void => setFonts(count => count + 1);
    document.fonts.addEventListener('loadingdone', loaded);
    return () => document.fonts.removeEventListener('loadingdone', loaded);
  }, []);
  return fit;
}
