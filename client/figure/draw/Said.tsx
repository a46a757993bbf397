/** What happens, in words: for the eye, always in the same room; for the ear, once a step. */
import type { ReactNode } from 'react';
import type { Scene } from '../../../shared/story/story.ts';
import { words } from '../../caption/Caption.tsx';
import { Tag } from '../../design/Tag.tsx';
import type { Shown } from './figure-player.ts';

/** Characters from which a body is set smaller, so that it stays in the room that every caption has. */
const MANY = 200;

export function Said({ scene }: { readonly scene: Scene | null }): ReactNode {
  const caption = scene?.caption ?? null;
  const beat = scene?.beat ?? null;
  return (
    <figcaption className={`figure-said ${beat?.failed ? 'failed' : ''}`}>
      {caption === null || beat === null ? null : (
        // Of each step anew: words that only change would count as a shift of the page's layout.
        <div className="figure-step" key={beat.index}>
          <Tag protocol={caption.protocol} words={beat.name === 'clock.jumped' ? 'TIME' : null} />
          <div className="figure-words">
            <p className="figure-title">{words(caption.title)}</p>
            <p className={caption.body.length > MANY ? 'many' : undefined}>
              {words(caption.body.replace(/\n{2,}/g, ' '))}
              {caption.references.map(({ label, url }) => (
                <span key={url}>
                  {' '}
                  <a href={url} target="_blank" rel="noreferrer">
                    {label}
                  </a>
                </span>
              ))}
            </p>
          </div>
        </div>
      )}
    </figcaption>
  );
}

/** Nothing before somebody moves it: a page full of figures would else speak at once. */
export function spoken({ scene, moved }: Shown): string {
  if (!moved || scene === null || scene.caption === null) return '';
  const { title, body } = scene.caption;
  return `${scene.beat?.failed ? 'Failed. ' : ''}${title}. ${body}`.replaceAll('**', '');
}
