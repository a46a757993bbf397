/** On a phone the drawing is taller than the screen: what is lit is scrolled into the gap between caption and controls, unless the reader is elsewhere on the page. */
import { useEffect } from 'react';
import { usePlayer } from './player/usePlayer.ts';

const PHONE = '(max-width: 699px)';
const MARGIN = 12;

export function useStageInSight(): void {
  const beat = usePlayer(state => state.scene?.beat?.index ?? -1);
  const still = usePlayer(state => state.reducedMotion);
  useEffect(() => {
    if (beat < 0 || !matchMedia(PHONE).matches) return;
    const drawing = document.querySelector('.page-drawing')?.getBoundingClientRect();
    const lit = [...document.querySelectorAll('.page-drawing .station.lit')].map(card => card.getBoundingClientRect());
    const caption = document.querySelector('.page-caption')?.getBoundingClientRect();
    const foot = document.querySelector('.page-foot')?.getBoundingClientRect();
    if (lit.length === 0 || drawing === undefined || caption === undefined || foot === undefined) return;
    if (drawing.bottom < caption.bottom || drawing.top > foot.top) return;
    const top = Math.min(...lit.map(box => box.top)) - MARGIN;
    const bottom = Math.max(...lit.map(box => box.bottom)) + MARGIN;
    const by = bottom > foot.top ? bottom - foot.top : top < caption.bottom ? top - caption.bottom : 0;
    if (by !== 0) scrollBy({ top: by, behavior: still ? 'auto' : 'smooth' });
  }, [beat, still]);
}
