/** How a story is written, in as few words as it takes: what `docs/stories.md` teaches at length. */
import type { ReactNode } from 'react';

const DEEDS = [
  ['send: { from: alice, to: bob, subject: Lunch?, text: Noon? }', 'sends a letter'],
  ['collect bob', 'his mail client fetches what is there'],
  ['turn mx1 off', 'and “turn mx1 on”'],
  ['wait 15 minutes', 'moves the clock on'],
] as const;

const MOMENTS = [
  ['*at press-send*', 'a step by its name: “mx-answer”, “hand-over refused”, “check mail”'],
  ['*at the second 451 from mx1*', 'a reply by its code, where it comes from, and which one'],
  ['*at RCPT*', 'a command by its verb'],
  ['*at “STARTTLS”*', 'whatever is said with these words in it'],
  ['*at the end*', 'and “the beginning”'],
] as const;

const Rows = ({ rows }: { readonly rows: readonly (readonly [string, string])[] }): ReactNode => (
  <dl>
    {rows.map(([code, meaning]) => (
      <div key={code}>
        <dt>
          <code>{code}</code>
        </dt>
        <dd>{meaning}</dd>
      </div>
    ))}
  </dl>
);

export const HowToWrite = (): ReactNode => (
  <details className="how-to-write">
    <summary>How a story is written</summary>
    <p>
      Between the two lines <code>---</code> stands the <b>head</b>. Under <code>change:</code> is how the world differs
      before it begins, under <code>do:</code> what is done, one after the other:
    </p>
    <Rows rows={DEEDS} />
    <p>
      Then <code># Title</code> and an introduction. Each <code>## Title</code> begins a <b>part</b>; the line under it
      says at which moment it is told. Each part looks for its moment after that of the part before:
    </p>
    <Rows rows={MOMENTS} />
    <p>
      Words are plain, with <code>**bold**</code> where a term is new and the source in square brackets:{' '}
      <code>[RFC 5321 §5.1]</code>. A part without words keeps the product’s own. Lines that begin with{' '}
      <code>&gt;</code> are notes for whoever tells it aloud. A paragraph that begins <code>**Predict:**</code> asks
      before the part is shown; its choices are a list of <code>- [ ]</code>, the right one <code>- [x]</code>.
    </p>
    <p>
      In words, <code>{'{reply}'}</code>, <code>{'{octets}'}</code>, <code>{'{skipped}'}</code>, <code>{'{wait}'}</code>{' '}
      and <code>{'{queue-id}'}</code> are filled in with what really happened. At the end,{' '}
      <code>## What you now know</code> holds a list of <code>- **question** answer</code>, and <code>## Try this</code>{' '}
      one thing to try.
    </p>
  </details>
);
