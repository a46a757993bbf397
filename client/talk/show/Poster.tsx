/** How to follow, on the stage itself, large enough for the last row. A click or Escape takes it down. */
import { type ReactNode, useEffect } from 'react';
import { useStore } from 'zustand';
import { howMany } from './followers.ts';
import { Qr } from './Qr.tsx';
import { stageShow, takePosterDown } from './stage.ts';
import './show-dialogs.css';

/** A link as a person would type it: without what every browser adds, and broken where its query begins. */
function spoken(link: string): { readonly place: string; readonly rest: string } {
  const [place = '', ...rest] = link.replace(/^https?:\/\//, '').split(/(?=\?)/);
  return { place, rest: rest.join('') };
}

export function Poster(): ReactNode {
  const up = useStore(stageShow, state => state.poster);
  const sharing = useStore(stageShow, state => state.sharing);
  useEffect(() => {
    if (!up) return;
    const press = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      event.stopPropagation();
      takePosterDown();
    };
    // Before the stage hears of it, which Escape would end.
    addEventListener('keydown', press, true);
    return () => removeEventListener('keydown', press, true);
  }, [up]);
  const link = sharing.status === 'on' ? sharing.show.audience[0] : undefined;
  if (!up || link === undefined || sharing.status !== 'on') return null;
  const { place, rest } = spoken(link);
  return (
    <section className="show-poster" aria-label="How to follow">
      <button type="button" className="show-poster-shut" aria-label="Take the code down" onClick={takePosterDown} />
      <div className="show-poster-sheet airmail-edge">
        <Qr text={link} label="QR code of the audience’s link" />
        <div>
          <h2>Follow on your phone</h2>
          <p className="show-poster-link">
            {place}
            <wbr />
            {rest}
          </p>
          <p className="show-poster-count">{howMany(sharing.followers)}</p>
        </div>
      </div>
    </section>
  );
}
