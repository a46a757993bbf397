/** The only user of the frame's own location. */
import { type FigureAddress, readFigure } from '../../../shared/api/figure.ts';

const pairs = (text: string): URLSearchParams => new URLSearchParams(text.replace(/^[?#]/, ''));

/** What the frame was asked to show, and how. */
export const figureInAddress = (): FigureAddress => readFigure(pairs(location.search), pairs(location.hash));

/** The hash alone has changed: the same figure at another place. */
export function onMove(tell: (address: FigureAddress) => void): void {
  addEventListener('hashchange', () => tell(readFigure(pairs(location.hash))));
}

/** Beside this page; null where it is no address that can be fetched. */
export function fetchable(address: string): string | null {
  if (!URL.canParse(address, document.baseURI)) return null;
  const url = new URL(address, document.baseURI);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : null;
}
