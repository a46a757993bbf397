/** The signs on the round buttons, drawn in the colour of the button. */
import type { ReactNode } from 'react';

const stroked = (path: string) =>
  function Glyph(): ReactNode {
    return (
      <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
        <path d={path} fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" strokeLinejoin="round" />
      </svg>
    );
  };

const filled = (path: string) =>
  function Glyph(): ReactNode {
    return (
      <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
        <path d={path} fill="currentColor" />
      </svg>
    );
  };

export const StartIcon = stroked('M4 4v12M16 10H8M11.5 6.5 8 10l3.5 3.5');
export const BackIcon = stroked('M12 5l-5 5 5 5');
export const NextIcon = stroked('M8 5l5 5-5 5');
export const EndIcon = stroked('M16 4v12M4 10h8M8.5 6.5 12 10l-3.5 3.5');
export const PlayIcon = filled('M6 3.6v12.8L16.4 10z');
export const PauseIcon = filled('M5 4h3.4v12H5zM11.6 4H15v12h-3.4z');
/** Play again: an arrow that comes round. */
export const AgainIcon = filled('M10 3.5a6.5 6.5 0 1 1-6.2 4.55l1.9.6A4.5 4.5 0 1 0 10 5.5v2.2L5.8 4.6 10 1.5z');
