/** Where a told story ends: what one now knows, one thing to try, and the way on. Stands over its last caption. */
import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import type { ScriptProgress } from '../../shared/story/script.ts';
import type { Scene, Story } from '../../shared/story/story.ts';
import { words } from '../caption/Caption.tsx';
import { Button } from '../design/Button.tsx';
import { below, LAPTOP, ON_ITS_SIDE, upTo } from '../design/breakpoints.ts';
import { BookIcon, ClockIcon, CrossIcon, LetterIcon, WorldIcon } from '../design/icons.tsx';
import { saveSeen } from '../player/place.ts';
import { beginStory } from '../session/session.ts';
import { player } from '../session/store.ts';
import { goTo, play } from '../session/travel.ts';
import { useKeeper } from '../session/useKeeper.ts';
import { usePlayer } from '../session/usePlayer.ts';
import { openDialog, showGallery, showTab } from '../session/view.ts';
import { after, useCatalogue } from './catalogue.ts';
import { scriptEndedAt } from './script-end.ts';
import './the-end.css';

interface EndingProps {
  readonly story: Story;
  readonly scene: Scene;
  /** The caption, which keeps its place and its height. */
  readonly children: ReactNode;
}

/** The caption, and over it the end of the story once the viewer has come there, until they close it. */
export function Ending({ story, scene, children }: EndingProps): ReactNode {
  const [closed, setClosed] = useState(false);
  const ended = scriptEndedAt(story, scene);
  if (ended === null && closed) setClosed(false);
  const script = closed ? null : ended;
  return (
    <>
      <p className="sr-only" role="status">
        {script === null ? '' : 'The story is over. What you now know, and what to try, follows.'}
      </p>
      {script === null ? (
        children
      ) : (
        <div className="ending">
          <div className="ending-caption">{children}</div>
          <TheEnd key={script.name} script={script} start={scene.run?.start ?? 0} onClose={() => setClosed(true)} />
        </div>
      )}
    </>
  );
}

const PAGE_SCROLLS = `${below(LAPTOP)}, ${upTo(ON_ITS_SIDE)}`;

interface TheEndProps {
  readonly script: ScriptProgress;
  /** Where it began, in milliseconds of story time. */
  readonly start: number;
  readonly onClose: () => void;
}

function TheEnd({ script: told, start, onClose }: TheEndProps): ReactNode {
  const { name, script, met } = told;
  const heading = useId();
  const sheet = useRef<HTMLElement>(null);
  useEffect(() => {
    saveSeen(name);
    if (matchMedia(PAGE_SCROLLS).matches) sheet.current?.scrollIntoView({ block: 'nearest' });
  }, [name]);
  const again = (): void => {
    if (player.getState().reducedMotion) goTo(start, false);
    else play();
  };
  return (
    <section className="the-end airmail-edge" aria-labelledby={heading} ref={sheet}>
      <div className="the-end-head">
        <p>The end</p>
        <h2 id={heading}>{words(script.title)}</h2>
        <button type="button" className="dialog-close" aria-label="Back to the last step" onClick={onClose}>
          <CrossIcon />
        </button>
      </div>
      <div className="the-end-body">
        <Missed parts={script.parts.slice(met).map(({ title }) => title)} />
        <div className="the-end-columns">
          {script.known.length === 0 ? null : (
            <div className="the-end-known">
              <h3>What you now know</h3>
              {script.known.map(({ question, answer }) => (
                <details key={question}>
                  <summary>{words(question)}</summary>
                  <p>{words(answer)}</p>
                </details>
              ))}
            </div>
          )}
          {script.tryThis === '' ? null : <TryThis sentence={script.tryThis} />}
        </div>
      </div>
      <div className="the-end-ways">
        <Next name={name} />
        <Button onClick={again}>Watch again</Button>
        <Button onClick={() => openDialog({ kind: 'yours', script: told })}>Make it yours</Button>
      </div>
    </section>
  );
}

/** A story of one's own may wait for what never happens. */
function Missed({ parts }: { readonly parts: readonly string[] }): ReactNode {
  const [first, ...others] = parts;
  if (first === undefined) return null;
  return (
    <p className="the-end-missed">
      {parts.length === 1 ? 'One moment' : `${parts.length} moments`} of this story did not come: “{words(first)}”
      {others.length === 0 ? '' : others.length === 1 ? ' and the one after it' : ` and the ${others.length} after it`}.
    </p>
  );
}

/** Its buttons stand beside the queue; on a phone that is further down the page. */
function showClock(): void {
  showTab('queue');
  document.querySelector('.panels')?.scrollIntoView({ block: 'nearest' });
}

function TryThis({ sentence }: { readonly sentence: string }): ReactNode {
  const source = usePlayer(state => state.source);
  const editable = useKeeper(state => state.facts !== null);
  return (
    <div className="the-end-try">
      <h3>Try this</h3>
      {sentence.split('\n\n').map(paragraph => (
        <p key={paragraph} className="the-end-sentence">
          {words(paragraph)}
        </p>
      ))}
      {source.kind === 'live' && source.status === 'live' ? (
        <div className="the-end-ways">
          <Button icon={<WorldIcon />} disabled={!editable} onClick={() => openDialog({ kind: 'world' })}>
            Edit the world
          </Button>
          <Button icon={<LetterIcon />} onClick={() => openDialog({ kind: 'compose', draft: null })}>
            Send a letter
          </Button>
          <Button icon={<ClockIcon />} onClick={showClock}>
            Move the clock on
          </Button>
        </div>
      ) : (
        <p className="the-end-note">
          {source.kind === 'recorded' ? (
            <>
              This was a recording. To try it, run <code>mailscope</code> on your machine.
            </>
          ) : (
            'Its world is no longer there: start the story again to try it.'
          )}
        </p>
      )}
    </div>
  );
}

function Next({ name }: { readonly name: string }): ReactNode {
  const catalogue = useCatalogue();
  const next = catalogue.status === 'read' ? after(catalogue.stories, name) : null;
  return next === null ? (
    <Button look="primary" icon={<BookIcon />} onClick={() => showGallery(true)}>
      All stories
    </Button>
  ) : (
    <Button look="primary" className="the-end-next" onClick={() => void beginStory(next.name)}>
      <span>
        Next story: <b>{words(next.title)}</b>
      </span>
    </Button>
  );
}
