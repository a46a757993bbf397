/** Under the caption of a step that was asked about: what the viewer said, and what it was. */
import type { ReactNode } from 'react';
import { type Said, saidText } from './said.ts';
import './question.css';

const TICK = 'm1.5 6.5 3 3 6-7';
const ARROW = 'M1 6h9M6.5 2.5 10 6l-3.5 3.5';

export function SaidLine({ said }: { readonly said: Said }): ReactNode {
  const right = said.instead === null;
  return (
    <p className={right ? 'caption-said right' : 'caption-said'}>
      <svg viewBox="0 0 12 12" width="11" height="11" aria-hidden="true">
        <path
          d={right ? TICK : ARROW}
          fill="none"
          stroke="currentColor"
          strokeWidth="2"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      </svg>
      <span>{saidText(said)}</span>
    </p>
  );
}
