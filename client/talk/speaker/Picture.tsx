/** One beat in small, with its title. */
import { type ReactNode, useMemo } from 'react';
import type { Beat, Story } from '../../../shared/story/story.ts';
import { words } from '../../caption/Caption.tsx';
import { pictureOf, Still } from '../../stage/still/Still.tsx';

interface PictureProps {
  readonly label: string;
  readonly story: Story | null;
  readonly beat: Beat | null;
  /** Said where there is no beat. */
  readonly none: string;
  readonly blank?: boolean;
}

export function Picture({ label, story, beat, none, blank = false }: PictureProps): ReactNode {
  const picture = useMemo(() => (story === null || beat === null ? null : pictureOf(story, beat.start)), [story, beat]);
  return (
    <figure className={blank ? 'speaker-picture blank' : 'speaker-picture'}>
      <figcaption>
        <b>{label}</b>
        <span>{beat === null ? '' : words(beat.caption.title)}</span>
      </figcaption>
      <div className="speaker-still">
        {picture === null ? <p>{story === null ? '' : none}</p> : <Still picture={picture} size="card" />}
        {blank && <p className="speaker-blank">The stage is blank</p>}
      </div>
    </figure>
  );
}
