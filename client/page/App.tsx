/** The page: stage and caption, what stands beside them, and the timeline below; one column on a phone. */

import { type ReactNode, useCallback, useEffect, useMemo, useRef } from 'react';
import { noteText } from '../../shared/explain/notes.ts';
import { endOf, troubleSentence } from '../../shared/explain/troubles.ts';
import type { Story } from '../../shared/story/story.ts';
import { Compose } from '../compose/Compose.tsx';
import { FirstLetter } from '../compose/FirstLetter.tsx';
import { Stranger } from '../compose/Stranger.tsx';
import { Connect } from '../connect/Connect.tsx';
import { Button } from '../design/Button.tsx';
import { CrossIcon } from '../design/icons.tsx';
import { SaveAs } from '../film/SaveAs.tsx';
import { Gallery } from '../gallery/Gallery.tsx';
import { MakeItYours } from '../gallery/MakeItYours.tsx';
import { Help } from '../keys/Help.tsx';
import { Panels } from '../panels/Panels.tsx';
import { newestWorld, visitorIn } from '../player/navigate.ts';
import { useTrail } from '../player/useTrail.ts';
import { LiveRegion } from '../session/LiveRegion.tsx';
import { backFromJump, forgetJump } from '../session/rush.ts';
import { beginAgain, openFile } from '../session/session.ts';
import { time } from '../session/travel.ts';
import { usePlayer } from '../session/usePlayer.ts';
import { inspect, notify, setTroubles, showGallery } from '../session/view.ts';
import { Share } from '../share/Share.tsx';
import { DropTarget } from '../source/DropTarget.tsx';
import { Stage } from '../stage/draw/Stage.tsx';
import { Telling } from '../stories/Telling.tsx';
import { Ending } from '../stories/TheEnd.tsx';
import { Trying } from '../stories/Trying.tsx';
import { Present } from '../talk/stage/Present.tsx';
import { Timeline } from '../timeline/Timeline.tsx';
import { ClockBar } from '../world/ClockBar.tsx';
import { FaultStrip } from '../world/faults/FaultStrip.tsx';
import { WorldEditor } from '../world/WorldEditor.tsx';
import { useStageInSight } from './stage-in-sight.ts';
import { TopBar } from './TopBar.tsx';
import './app.css';

function Notices(): ReactNode {
  const away = usePlayer(state => state.source.kind === 'live' && state.source.status === 'away');
  const ended = usePlayer(state => state.source.kind === 'live' && state.source.status === 'ended');
  const empty = usePlayer(state => state.story === null);
  const held = usePlayer(state => (state.holding?.on ? state.holding.waiting : null));
  const notice = usePlayer(state => state.notice);
  const jumped = usePlayer(state => state.jumped);
  const troubles = usePlayer(state => state.troubles);
  const why = usePlayer(state => (state.source.kind === 'live' ? state.source.why : undefined));
  return (
    <div className="notices" role="status">
      {away && (
        <p className="notice">
          {why ??
            (empty ? 'No server answers; trying again…' : 'The server went away. What you see is kept; trying again…')}
        </p>
      )}
      {ended && (
        <p className="notice">
          {empty ? 'This story’s world has ended.' : 'This story’s world has ended. What you see is kept.'}
          <Button look="quiet" onClick={() => void beginAgain()}>
            Start the story again
          </Button>
        </p>
      )}
      {held !== null && (
        <p className="notice held">
          The wire is held: {held === 0 ? 'whatever is said next will wait in it' : 'what was said waits in it'}.
        </p>
      )}
      {troubles.map(trouble => (
        <p className="notice bad standing" key={`${trouble.code} ${trouble.file ?? ''}`}>
          {troubleSentence(trouble)}
          {endOf(trouble) === null && (
            <button
              type="button"
              aria-label="Dismiss this message"
              onClick={() => setTroubles(troubles.filter(each => each !== trouble))}
            >
              <CrossIcon />
            </button>
          )}
        </p>
      ))}
      <Trying />
      {jumped !== null && (
        <p className="notice">
          {jumped.beats.toLocaleString('en')} things happened meanwhile; jumped to now.
          <Button look="quiet" onClick={backFromJump}>
            Back to where you were
          </Button>
          <button type="button" aria-label="Stay here" onClick={forgetJump}>
            <CrossIcon />
          </button>
        </p>
      )}
      {notice !== null && (
        <p className="notice bad">
          {notice}
          <button type="button" aria-label="Dismiss this message" onClick={() => notify(null)}>
            <CrossIcon />
          </button>
        </p>
      )}
    </div>
  );
}

/** Sheets that stand on the timeline must know how high it is. */
export function useFootHeight(): (element: HTMLElement | null) => void {
  const observer = useRef<ResizeObserver | null>(null);
  useEffect(() => () => observer.current?.disconnect(), []);
  return useCallback(element => {
    observer.current?.disconnect();
    if (element === null) return;
    observer.current = new ResizeObserver(() =>
      document.documentElement.style.setProperty('--foot', `${element.offsetHeight}px`),
    );
    observer.current.observe(element);
  }, []);
}

/** What is drawn anew with every picture; the rest of the page is not. */
export function Picture({ story, children }: { readonly story: Story; readonly children: ReactNode }): ReactNode {
  const scene = usePlayer(state => state.scene);
  const run = scene?.run?.index ?? -1;
  const world = scene?.state.world ?? null;
  const visitor = useMemo(() => {
    return world !== null && visitorIn(story, story.runs[run], world);
  }, [story, world, run]);
  if (scene === null) return null;
  return (
    <main className="page-stage">
      <div className="page-drawing">
        <Stage story={story} scene={scene} noteText={noteText} time={time} onInspect={inspect} visitor={visitor} />
      </div>
      <div className="page-caption">{children}</div>
    </main>
  );
}

function Under({ story }: { readonly story: Story }): ReactNode {
  const scene = useTrail(state => state.under);
  const own = usePlayer(state => state.source.kind === 'live' && state.source.story === null);
  if (scene === null) return null;
  return (
    <>
      <Ending scene={scene} story={story}>
        <Telling scene={scene} story={story} />
      </Ending>
      <ClockBar story={story} scene={scene} />
      {story.runs.length === 0 && own && <FirstLetter world={newestWorld(story)} />}
    </>
  );
}

export function Beside({ story }: { readonly story: Story }): ReactNode {
  const scene = useTrail(state => state.beside);
  return scene === null ? null : <Panels story={story} scene={scene} />;
}

export function App(): ReactNode {
  const story = usePlayer(state => state.story);
  const shown = usePlayer(state => state.scene !== null);
  const source = usePlayer(state => state.source);
  const notice = usePlayer(state => state.notice);
  const foot = useFootHeight();
  useStageInSight();
  const gallery = usePlayer(state => state.gallery);
  const presenting = usePlayer(state => state.presenting);
  if (presenting) {
    return (
      <Present>
        {story !== null && <Compose world={newestWorld(story)} />}
        <Help on="talk" />
      </Present>
    );
  }
  if (gallery) {
    return (
      <>
        <Gallery />
        <Help on="page" />
      </>
    );
  }
  return (
    <>
      <div className="page">
        <TopBar />
        <Notices />
        {story !== null && shown ? (
          <>
            <Picture story={story}>
              <Under story={story} />
            </Picture>
            <Beside story={story} />
          </>
        ) : (
          <main className="page-stage waiting">
            <p>
              {source.kind === 'live'
                ? source.story === null
                  ? 'Looking for the server…'
                  : 'The story is about to begin…'
                : notice === null
                  ? 'Opening the recording…'
                  : 'No recording is open.'}
            </p>
            <p>A trace file can be dropped anywhere on this page; it needs no server.</p>
            <Button onClick={() => showGallery(true)}>Watch a story</Button>
          </main>
        )}
        <div className="page-foot" ref={foot}>
          <FaultStrip />
          <Timeline />
        </div>
        <LiveRegion />
      </div>
      {story !== null && <Compose world={newestWorld(story)} />}
      {story !== null && <Stranger world={newestWorld(story)} />}
      <Connect />
      <WorldEditor />
      <MakeItYours />
      <Help on="page" />
      <Share />
      <SaveAs />
      <DropTarget onFile={file => void openFile(file)} />
    </>
  );
}
