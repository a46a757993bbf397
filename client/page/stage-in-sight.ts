/** On a phone, upright or on its side, the drawing is taller than the screen: what is lit is scrolled into the gap above the controls, unless the reader is elsewhere on the page. */
import { useEffect } from 'react';
import { below, ON_ITS_SIDE, UPRIGHT, upTo } from '../design/breakpoints.ts';
import { usePlayer } from '../session/usePlayer.ts';

const PHONE_EITHER_WAY = `${below(UPRIGHT)}, ${upTo(ON_ITS_SIDE)}`;
const MARGIN = 12;

function bringIntoSight(drawing: Element, behavior: ScrollBehavior): void {
  const lit = [...drawing.querySelectorAll('.station.lit')].map(card => card.getBoundingClientRect());
  const caption = document.querySelector('.page-caption')?.getBoundingClientRect();
  const foot = document.querySelector('.page-foot')?.getBoundingClientRect();
  if (lit.length === 0 || caption === undefined || foot === undefined) return;
  const { top: above, bottom: below } = drawing.getBoundingClientRect();
  // Upright, the caption stays above the drawing; on its side, it is below and leaves the whole height.
  const ceiling = caption.top <= above ? caption.bottom : 0;
  if (below < ceiling || above > foot.top) return;
  const top = Math.min(...lit.map(box => box.top)) - MARGIN;
  const bottom = Math.max(...lit.map(box => box.bottom)) + MARGIN;
  const by = bottom > foot.top ? bottom - foot.top : top < ceiling ? top - ceiling : 0;
  if (by !== 0) scrollBy({ top: by, behavior });
}

export function useStageInSight(): void {
  const beat = usePlayer(state => state.scene?.beat?.index ?? -1);
  const still = usePlayer(state => state.reducedMotion);
  useEffect(() => {
    const drawing = document.querySelector('.page-drawing');
    if (beat < 0 || drawing === null || !matchMedia(PHONE_EITHER_WAY).matches) return;
    // Tells once the drawing has its size, which on the first picture comes after this.
    const observer = new ResizeObserver(() => bringIntoSight(drawing, still ? 'auto' : 'smooth'));
    observer.observe(drawing);
    return () => observer.disconnect();
  }, [beat, still]);
}
