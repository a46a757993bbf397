/** The head of the page: which letter is shown, whether it is live, and what one can do. */
import { memo, type ReactNode, useEffect, useRef, useState } from 'react';
import { runAt } from '../../shared/story/scene.ts';
import type { Run, Story } from '../../shared/story/story.ts';
import { wallClock } from '../../shared/trace/header.ts';
import { Button } from '../design/Button.tsx';
import { Header } from '../design/Header.tsx';
import {
  AudienceIcon,
  HelpIcon,
  LetterIcon,
  MenuIcon,
  MoonIcon,
  NotesIcon,
  OpenIcon,
  PlugIcon,
  PresentIcon,
  SaveIcon,
  SunIcon,
} from '../design/icons.tsx';
import { StoryButton } from '../gallery/StoryButton.tsx';
import { scriptOf } from '../player/questions.ts';
import { partAround } from '../player/shown-part.ts';
import { backToLiveWorld, leaveStory, openFile } from '../session/session.ts';
import { goTo } from '../session/travel.ts';
import { usePlayer } from '../session/usePlayer.ts';
import { openDialog, present, setTheme } from '../session/view.ts';
import { ShareButton } from '../share/ShareButton.tsx';
import { traceAddress } from '../source/room-api.ts';
import { openAudience, openSpeakerWindow } from '../talk/show/stage.ts';
import { WorldButton } from '../world/WorldButton.tsx';
import './top-bar.css';

/** Journeys that are offered on either side of the one that is shown, where there are too many to be listed. */
const RUNS = 60;

interface ChoicesProps {
  readonly story: Story;
  readonly count: number;
  /** The run that is shown, of which those around it are offered. */
  readonly index: number;
  /** Only the newest run may still get a better title. */
  readonly newest: string;
}

/** Letters of one title are told apart by the time at which their journeys began. */
const Choices = memo(function Choices({ story, count, index, newest }: ChoicesProps): ReactNode {
  const titleOf = (run: Run): string => (run.index === count - 1 ? newest : run.title);
  const { from, to } = partAround(count, index, RUNS);
  const runs = story.runs.slice(from, to);
  const seen = new Set<string>();
  const shared = new Set<string>();
  for (const title of runs.map(titleOf)) (seen.has(title) ? shared : seen).add(title);
  const options = runs.map(run => {
    const title = titleOf(run);
    const began = story.beats[run.firstBeat]?.wireStart;
    return (
      <option key={run.index} value={run.index}>
        {shared.has(title) && began !== undefined ? `${title} (${wallClock(story.header.createdAt, began)})` : title}
      </option>
    );
  });
  return (
    <>
      {from > 0 && <option value={from - 1}>… {from.toLocaleString('en')} earlier</option>}
      {options}
      {to < count && <option value={to}>… {(count - to).toLocaleString('en')} later</option>}
    </>
  );
});

/** One entry a journey, newest last. */
function RunSelector(): ReactNode {
  const story = usePlayer(state => state.story);
  const count = usePlayer(state => state.story?.runs.length ?? 0);
  const index = usePlayer(state =>
    state.story === null ? -1 : (runAt(state.story, state.scene?.at ?? 0)?.index ?? -1),
  );
  const run = story?.runs[index];
  if (story === null || run === undefined) return null;
  const told = scriptOf(story, run) !== null;
  // A story is named by its own button; beside it, only what there is to choose from.
  if (told && count === 1) return null;
  return (
    <label className="top-runs">
      <span className="top-runs-count">{told ? `${index + 1} of ${count}:` : `Letter ${index + 1} of ${count}:`}</span>
      <select
        aria-label={told ? `Story, ${index + 1} of ${count} on this page` : `Letter ${index + 1} of ${count}`}
        value={index}
        onChange={event => goTo(story.runs[Number(event.target.value)]?.start ?? 0)}
      >
        <Choices story={story} count={count} index={index} newest={story.runs[count - 1]?.title ?? ''} />
      </select>
    </label>
  );
}

function SourceState(): ReactNode {
  const source = usePlayer(state => state.source);
  const held = usePlayer(state => state.holding?.on ?? false);
  if (source.kind === 'recorded') {
    return (
      <p className="top-source recorded" title={source.name}>
        <i aria-hidden="true" />
        <span>Recording</span>
      </p>
    );
  }
  const words = {
    connecting: 'Connecting…',
    live: 'Live on the wire',
    away: 'Server away',
    ended: 'World ended',
  }[source.status];
  return (
    <p className={`top-source ${held ? 'held' : source.status}`}>
      <i aria-hidden="true" />
      <span>{held ? 'The wire is held' : words}</span>
    </p>
  );
}

/** What most come for, outside the menu where there is room. */
function Lead({
  entry = false,
  then,
}: {
  readonly entry?: boolean;
  readonly then?: (act: () => void) => () => void;
}): ReactNode {
  const live = usePlayer(state => state.source.kind === 'live');
  const told = usePlayer(state => state.source.story !== null);
  const doing = then ?? ((act: () => void) => act);
  const className = entry ? 'top-lead-entry' : 'top-lead';
  if (told)
    return (
      <Button className={className} onClick={doing(() => void leaveStory())}>
        Back to your own world
      </Button>
    );
  return live ? (
    <Button className={className} icon={<PlugIcon />} onClick={doing(() => openDialog({ kind: 'connect' }))}>
      Connect a mail client
    </Button>
  ) : (
    <Button className={className} onClick={doing(() => void backToLiveWorld())}>
      Back to the live world
    </Button>
  );
}

function Menu(): ReactNode {
  const [open, setOpen] = useState(false);
  const file = useRef<HTMLInputElement>(null);
  const root = useRef<HTMLDivElement>(null);
  const source = usePlayer(state => state.source);
  const theme = usePlayer(state => state.theme);
  useEffect(() => {
    if (!open) return;
    const away = (event: Event): void => {
      const inside = event.target instanceof Node && root.current?.contains(event.target);
      if (event instanceof KeyboardEvent ? event.key === 'Escape' : !inside) setOpen(false);
    };
    addEventListener('pointerdown', away);
    addEventListener('keydown', away);
    return () => {
      removeEventListener('pointerdown', away);
      removeEventListener('keydown', away);
    };
  }, [open]);
  const then = (act: () => void) => (): void => {
    setOpen(false);
    act();
  };
  return (
    <div className="top-menu" ref={root}>
      <Button
        className="top-menu-button"
        look="plain"
        icon={<MenuIcon />}
        aria-label="Menu"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      />
      <div className={open ? 'top-actions open' : 'top-actions'}>
        <Lead entry then={then} />
        <StoryButton className="top-story-entry" entry onOpen={() => setOpen(false)} />
        <WorldButton className="top-world-entry" entry onOpen={() => setOpen(false)} />
        <ShareButton className="top-share-entry" entry then={then} />
        {source.kind === 'live' && source.status !== 'ended' && (
          <a className="button plain" href={traceAddress(source.room)} download onClick={() => setOpen(false)}>
            <SaveIcon />
            Save trace
          </a>
        )}
        <Button className="top-present-entry" icon={<PresentIcon />} onClick={then(() => present(true))}>
          Present
        </Button>
        <Button icon={<AudienceIcon />} title="a" onClick={then(openAudience)}>
          Let the audience follow
        </Button>
        <Button icon={<NotesIcon />} title="s" onClick={then(openSpeakerWindow)}>
          Speaker window
        </Button>
        <Button icon={<OpenIcon />} onClick={then(() => file.current?.click())}>
          Open a trace
        </Button>
        <Button
          look="plain"
          className="top-help"
          icon={<HelpIcon />}
          title="Keys  ?"
          onClick={then(() => openDialog({ kind: 'help' }))}
        >
          Keys
        </Button>
        <Button
          className="top-theme-entry"
          icon={theme === 'dark' ? <SunIcon /> : <MoonIcon />}
          onClick={then(() => setTheme(theme === 'dark' ? 'light' : 'dark'))}
        >
          {theme === 'dark' ? 'Light theme' : 'Dark theme'}
        </Button>
      </div>
      <input
        ref={file}
        type="file"
        hidden
        aria-label="Open a trace"
        accept=".ndjson,application/x-ndjson,application/json,text/plain"
        onChange={event => {
          const chosen = event.target.files?.[0];
          event.target.value = '';
          if (chosen !== undefined) void openFile(chosen);
        }}
      />
    </div>
  );
}

export function TopBar(): ReactNode {
  const theme = usePlayer(state => state.theme);
  const source = usePlayer(state => state.source);
  const ready = usePlayer(state => state.story !== null);
  const closed =
    source.kind === 'recorded' ? 'A recording is shown: letters can only be sent in the live world.' : null;
  return (
    <Header>
      <StoryButton className="top-stories" titled="top-story" />
      <RunSelector />
      <WorldButton className="top-world" />
      <span className="header-space" />
      <SourceState />
      <Lead />
      <ShareButton className="top-share" />
      <Menu />
      <Button
        className="top-present"
        aria-label="Present"
        title="Present it to a room  p"
        icon={<PresentIcon />}
        disabled={!ready}
        onClick={() => present(true)}
      />
      <Button
        className="top-theme"
        aria-label={theme === 'dark' ? 'Light theme' : 'Dark theme'}
        title="Light or dark  d"
        icon={theme === 'dark' ? <SunIcon /> : <MoonIcon />}
        onClick={() => setTheme(theme === 'dark' ? 'light' : 'dark')}
      />
      <Button
        look="primary"
        icon={<LetterIcon />}
        disabled={closed !== null || !ready}
        title={closed ?? 'Write a letter  n'}
        onClick={() => openDialog({ kind: 'compose', draft: null })}
      >
        <span>
          Send<span className="top-send-rest"> a letter</span>
        </span>
      </Button>
    </Header>
  );
}
