/** The signs that only a figure's bar has. */
import type { ReactNode } from 'react';

const stroked = (path: string) =>
  function Glyph(): ReactNode {
    return (
      <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
        <path
          d={path}
          fill="none"
          stroke="currentColor"
          strokeWidth="1.8"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      </svg>
    );
  };

export const TextIcon = stroked('M7.5 5H17M7.5 10H17M7.5 15H17M3.2 5h.01M3.2 10h.01M3.2 15h.01');
export const GrowIcon = stroked('M4 8V4h4M16 8V4h-4M4 12v4h4M16 12v4h-4');
