/** The side of the page: the same moment as conversation, message, DNS, queue, inbox or words, as a part of its story, and the explanation of one thing. */
import type { ReactNode } from 'react';
import type { Scene, Story } from '../../shared/story/story.ts';
import { type TabItem, Tabs } from '../design/Tabs.tsx';
import { scriptOf } from '../player/questions.ts';
import type { PanelTab } from '../session/store.ts';
import { usePlayer } from '../session/usePlayer.ts';
import { showTab } from '../session/view.ts';
import { StoryNotes } from '../stories/StoryNotes.tsx';
import { StoryTab } from '../stories/StoryTab.tsx';
import { Conversation } from './Conversation.tsx';
import { DnsPanel } from './DnsPanel.tsx';
import { InboxPanel } from './InboxPanel.tsx';
import { Inspector } from './Inspector.tsx';
import { MessagePanel } from './letter/MessagePanel.tsx';
import { QueuePanel } from './QueuePanel.tsx';
import { Transcript } from './Transcript.tsx';
import './panels.css';
import './conversation.css';
import './letter/letter.css';
import './lists.css';
import './inspector.css';

const TABS: readonly TabItem<PanelTab>[] = [
  { id: 'conversation', label: 'Conversation' },
  { id: 'message', label: 'Message' },
  { id: 'dns', label: 'DNS' },
  { id: 'queue', label: 'Queue' },
  { id: 'inbox', label: 'Inbox' },
  { id: 'transcript', label: 'Transcript' },
];

/** Only while a story is told by a script. */
const STORY_TAB: TabItem<PanelTab> = { id: 'story', label: 'Story' };

const PANELS: Readonly<Record<PanelTab, (props: { readonly story: Story; readonly scene: Scene }) => ReactNode>> = {
  story: StoryTab,
  conversation: Conversation,
  message: MessagePanel,
  dns: DnsPanel,
  queue: QueuePanel,
  inbox: InboxPanel,
  transcript: Transcript,
};

export function Panels({ story, scene }: { readonly story: Story; readonly scene: Scene }): ReactNode {
  const chosen = usePlayer(state => state.tab);
  const target = usePlayer(state => state.inspect);
  const told = scriptOf(story, scene.run) !== null;
  const tab = chosen === 'story' && !told ? 'conversation' : chosen;
  const Panel = PANELS[tab];
  return (
    <aside className="panels" aria-label="Details">
      <Tabs label="Details of this moment" items={told ? [STORY_TAB, ...TABS] : TABS} selected={tab} onSelect={showTab}>
        <Panel story={story} scene={scene} />
      </Tabs>
      <StoryNotes story={story} scene={scene} as="beside" />
      {target !== null && <Inspector story={story} scene={scene} target={target} />}
    </aside>
  );
}
