/** What makes a drawing in SVG a button for mouse, touch and keyboard alike. */
import type { KeyboardEvent, MouseEvent } from 'react';

export const pressed = (label: string, act: () => void) => ({
  role: 'button',
  tabIndex: 0,
  'aria-label': label,
  onClick: (event: MouseEvent) => {
    event.stopPropagation();
    act();
  },
  onKeyDown: (event: KeyboardEvent) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    event.stopPropagation();
    act();
  },
});

/** For what is drawn: a screen reader meets the names of what can be pressed instead, and the transcript. */
export const decoration = { 'aria-hidden': true } as const;
