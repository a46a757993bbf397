/** The figure as it will be in the article, played by the very script that plays it there. */
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { writeTold } from '../../shared/compact/told.ts';
import { siteAddress } from '../url.ts';
import type { Chosen } from './files.ts';

interface FigureElement extends HTMLElement {
  load(text: string): Promise<unknown>;
}

const isFigure = (element: HTMLElement): element is FigureElement =>
  'load' in element && typeof element.load === 'function';

/** Once for all: a script of the site's own, which defines the element. */
let defining: Promise<unknown> | null = null;
const define = (): Promise<unknown> => {
  const address = `${siteAddress()}embed/mail-flow.js`;
  defining ??= import(/* @vite-ignore */ address);
  return defining;
};

export function Preview({ chosen }: { readonly chosen: Chosen }): ReactNode {
  const { story, from, to, theme } = chosen;
  const room = useRef<HTMLDivElement>(null);
  const [missing, setMissing] = useState(false);
  useEffect(() => {
    let here = true;
    define().then(
      () => {
        if (!here || room.current === null) return;
        const figure = document.createElement('mail-flow');
        for (const [name, value] of [
          ['from', from],
          ['to', to],
          ['theme', theme],
        ] as const)
          if (value !== null) figure.setAttribute(name, value);
        room.current.replaceChildren(figure);
        if (isFigure(figure)) void figure.load(writeTold(story));
      },
      () => here && setMissing(true),
    );
    return () => {
      here = false;
    };
  }, [story, from, to, theme]);
  return missing ? (
    <p className="share-note">The player’s script, embed/mail-flow.js, is not on this site, so there is no preview.</p>
  ) : (
    <div className="share-preview" ref={room} />
  );
}
