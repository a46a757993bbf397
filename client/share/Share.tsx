/** "Share & embed": what is shown, for somebody else to see. A link, a figure for an article, files to keep. */
import { type ReactNode, useMemo, useState } from 'react';
import { titleOf } from '../../shared/export/facts.ts';
import type { Theme } from '../../shared/export/transcript-html.ts';
import { runAt } from '../../shared/story/scene.ts';
import { nameOfBeat, spanOf } from '../../shared/story/span.ts';
import type { Story } from '../../shared/story/story.ts';
import { Dialog } from '../design/Dialog.tsx';
import { Tabs } from '../design/Tabs.tsx';
import { moment } from '../session/travel.ts';
import { usePlayer } from '../session/usePlayer.ts';
import { openDialog } from '../session/view.ts';
import { EmbedTab } from './EmbedTab.tsx';
import { type Chosen, stemOf } from './files.ts';
import { homeOf, linkFor } from './home.ts';
import { LinkTab } from './LinkTab.tsx';
import { Part } from './Part.tsx';
import { SaveTab } from './SaveTab.tsx';
import './share.css';

type Tab = 'link' | 'embed' | 'save';
const TABS = [
  { id: 'link', label: 'Link' },
  { id: 'embed', label: 'Embed' },
  { id: 'save', label: 'Save' },
] as const satisfies readonly { readonly id: Tab; readonly label: string }[];

/** The run that is on, first and last beat. */
function runNow(story: Story): readonly [first: number, last: number] {
  const run = runAt(story, moment());
  return run === null ? [0, story.beats.length - 1] : [run.firstBeat, run.lastBeat];
}

/** As the element and the command line take it; null where the run begins, or ends, anyway. */
function namesOf(story: Story, first: number, last: number): Pick<Chosen, 'from' | 'to'> {
  const [opening, closing] = [story.beats[first], story.beats[last]];
  return {
    from: first === 0 || opening === undefined ? null : nameOfBeat(story, opening),
    to: last >= story.beats.length - 1 || closing === undefined ? null : nameOfBeat(story, closing),
  };
}

function Sheet({ story }: { readonly story: Story }): ReactNode {
  const source = usePlayer(state => state.source);
  const [tab, setTab] = useState<Tab>('link');
  const [[first, last], setPart] = useState(() => runNow(story));
  const [theme, setTheme] = useState<Theme>('auto');
  const [autoplay, setAutoplay] = useState(false);
  const chosen = useMemo((): Chosen | null => {
    const { from, to } = namesOf(story, first, last);
    const found = spanOf(story, from, to);
    return found.ok ? { story, span: found.span, from, to, theme, autoplay } : null;
  }, [story, first, last, theme, autoplay]);
  if (chosen === null) return <p>Nothing has happened yet that could be shared. Send a letter first.</p>;
  const title = titleOf(story, chosen.span);
  const stem = stemOf(story, chosen.span);
  const home = homeOf(source, stem);
  const part = <Part story={story} first={first} last={last} onChoose={(...chose) => setPart(chose)} />;
  const link = linkFor(home, source, null);
  return (
    <div className="share">
      <Tabs label="Ways to share" items={TABS} selected={tab} onSelect={setTab}>
        {tab === 'link' && <LinkTab home={home} source={source} onSave={() => setTab('save')} />}
        {tab === 'embed' && (
          <EmbedTab {...{ chosen, title, stem, home, part, link }} onTheme={setTheme} onAutoplay={setAutoplay} />
        )}
        {tab === 'save' && <SaveTab chosen={chosen} part={part} link={link} />}
      </Tabs>
    </div>
  );
}

export function Share(): ReactNode {
  const open = usePlayer(state => state.dialog?.kind === 'share');
  const story = usePlayer(state => (open ? state.story : null));
  return (
    <Dialog open={open && story !== null} onClose={() => openDialog(null)} title="Share & embed" wide>
      {story !== null && <Sheet story={story} />}
    </Dialog>
  );
}
