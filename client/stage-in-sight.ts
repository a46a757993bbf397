/** On a phone the drawing is taller than the screen: while the story plays, what is lit is scrolled into the gap between caption and controls. */
import { useEffect } from 'react';
import { usePlayer } from './player/usePlayer.ts';

const PHONE = '(max-width: 699px)';
const MARGIN = 12;

export function useStageInSight(): void {
  const beat = usePlayer(state => state.scene?.beat?.index ?? -1);
  const playing = usePlayer(state => state.playing);
  const still = usePlayer(state => state.reducedMotion);
  useEffect(() => {
    if (beat < 0 || (!playing && !still) || !matchMedia(PHONE).matches) return;
    const lit = [...document.querySelectorAll('.page-drawing .station.lit')].map(card => card.getBoundingClientRect());
    const caption = document.querySelector('.page-caption')?.getBoundingClientRect();
    const foot = document.querySelector('.page-foot')?.getBoundingClientRect();
    if (lit.length === 0 || caption === undefined || foot === undefined) return;
    const top = Math.min(...lit.map(box => box.top)) - MARGIN;
    const bottom = Math.max(...lit.map(box => box.bottom)) + MARGIN;
    const by = bottom > foot.top ? bottom - foot.top : top < caption.bottom ? top - caption.bottom : 0;
    if (by !== 0) scrollBy({ top: by, behavior: still ? 'auto' : 'smooth' });
  }, [beat, playing, still]);
}
