/** A figure: the map on top, what happens in words, and a bar to play it with. Draws what its player shows; decides nothing. */

import { type KeyboardEvent, type ReactNode, useSyncExternalStore } from 'react';
import { noteWords } from '../../../shared/story/note.ts';
import { Stage } from '../../stage/draw/Stage.tsx';
import { framing } from '../../stage/moment/framing.ts';
import type { Settings } from './attributes.ts';
import { Bar } from './Bar.tsx';
import type { Shown } from './figure-player.ts';
import type { FigureProps } from './figure-props.ts';
import { rowOf } from './keys.ts';
import { Lines } from './Lines.tsx';
import { Said, spoken } from './Said.tsx';
import { TextPanel } from './TextPanel.tsx';

const nameOf = ({ title }: Settings, { story }: Shown): string =>
  title ?? (story === null ? 'The way of a letter' : story.header.title);

export function Figure(props: FigureProps): ReactNode {
  const { player, settings, theme, still, failure, reading, act, goTo } = props;
  const shown = useSyncExternalStore(player.subscribe, player.shown);
  const { story, span, scene } = shown;
  const { view, captions, controls, keys } = settings;
  const drawn = story !== null && span !== null && scene !== null;
  const look = ['figure', theme, view, captions ? 'captioned' : '', controls ? 'controlled' : ''];
  const press = (event: KeyboardEvent): void => {
    if (reading && event.key === 'Escape') {
      event.preventDefault();
      act('help');
      return;
    }
    const row = keys ? rowOf(event.nativeEvent ?? event) : null;
    if (row === null) return;
    event.preventDefault();
    if (!event.repeat || 'repeats' in row) act(row.act, event.key);
  };
  return (
    <figure
      className={look.filter(Boolean).join(' ')}
      // Else the tooltip of the element would hang over all of it.
      title=""
      lang={settings.lang ?? 'en'}
      aria-label={nameOf(settings, shown)}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: its keys act only while it has the focus, so it must be able to have it
      tabIndex={0}
      onKeyDown={press}
    >
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: Space does the same, and so does a button */}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: as on any film, pressing the picture plays it */}
      <div className="figure-picture" onClick={drawn ? () => act('toggle') : undefined}>
        {drawn && view !== 'ladder' ? (
          <Stage
            story={story}
            scene={scene}
            noteText={noteWords}
            time={player.time}
            onInspect={null}
            framing={framing}
            still={still}
            visitor={false}
          />
        ) : null}
        {drawn && view === 'ladder' ? <Lines story={story} span={span} scene={scene} /> : null}
        {drawn ? null : (
          <div className="figure-fallback">
            {failure === null ? null : (
              <p className="figure-failure" role="alert">
                {failure}
              </p>
            )}
            <slot />
          </div>
        )}
      </div>
      {drawn && view === 'split' ? <Lines story={story} span={span} scene={scene} /> : null}
      {captions ? <Said scene={scene} /> : null}
      {controls ? <Bar {...props} shown={shown} /> : null}
      {drawn && reading ? <TextPanel story={story} span={span} scene={scene} keys={keys} goTo={goTo} /> : null}
      <p className="sr-only" role="status" aria-live="polite" aria-atomic="true">
        {spoken(shown)}
      </p>
    </figure>
  );
}
