/** An HTML letter in a frame of its own: a page with a strict policy of its own, in which nothing runs and from which nothing leaves. */
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { type InlineImage, letterHtml } from './letter-html.ts';

/** Beside the page, with a server or without one; it brings the policy that a `srcdoc` would inherit from the page. */
const FRAME = 'letter-frame.html';

interface Props {
  readonly html: string;
  readonly images: readonly InlineImage[];
}

/** The frame's page, once it is there and is ours: where the server has gone, the browser shows its own instead. */
const pageIn = (frame: HTMLIFrameElement | null): Document | null => {
  const page = frame?.contentDocument ?? null;
  return page?.querySelector('meta[name="letter-frame"]') ? page : null;
};

export function LetterFrame({ html, images }: Props): ReactNode {
  const frame = useRef<HTMLIFrameElement>(null);
  const [loads, setLoads] = useState(0);
  /** Without its own page, the letter is shown under the page's policy: readable, and without its styles. */
  const [alone, setAlone] = useState(false);
  useEffect(() => {
    if (loads === 0 || alone) return;
    const page = pageIn(frame.current);
    if (page === null) {
      setAlone(true);
      return;
    }
    // Parsed in its own document: where the page parsed it, the page's policy would take its styles away.
    page.documentElement.innerHTML = letterHtml(html, images);
    const mark = page.createElement('meta');
    mark.name = 'letter-frame';
    page.head.append(mark);
  }, [html, images, loads, alone]);
  return (
    <iframe
      ref={frame}
      {...(alone ? { srcDoc: letterHtml(html, images) } : { src: FRAME })}
      // We must reach into it to fill it. Without allow-scripts nothing in it can make use of being of our origin.
      sandbox="allow-same-origin"
      onLoad={() => setLoads(count => count + 1)}
      title="The letter’s HTML part"
      referrerPolicy="no-referrer"
    />
  );
}
