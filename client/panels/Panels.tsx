/** The side of the page: the same moment as conversation, message, DNS, queue, inbox or words, and the explanation of one thing. */
import type { ReactNode } from 'react';
import type { Scene, Story } from '../../shared/story/story.ts';
import { type TabItem, Tabs } from '../design/Tabs.tsx';
import { type PanelTab, showTab } from '../player/store.ts';
import { usePlayer } from '../player/usePlayer.ts';
import { Conversation } from './Conversation.tsx';
import { DnsPanel } from './DnsPanel.tsx';
import { InboxPanel } from './InboxPanel.tsx';
import { Inspector } from './Inspector.tsx';
import { MessagePanel } from './MessagePanel.tsx';
import { QueuePanel } from './QueuePanel.tsx';
import { Transcript } from './Transcript.tsx';
import './panels.css';
import './conversation.css';
import './letter.css';
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

const PANELS: Readonly<Record<PanelTab, (props: { readonly story: Story; readonly scene: Scene }) => ReactNode>> = {
  conversation: Conversation,
  message: MessagePanel,
  dns: DnsPanel,
  queue: QueuePanel,
  inbox: InboxPanel,
  transcript: Transcript,
};

export function Panels({ story, scene }: { readonly story: Story; readonly scene: Scene }): ReactNode {
  const tab = usePlayer(state => state.tab);
  const target = usePlayer(state => state.inspect);
  usePlayer(state => state.revision);
  const Panel = PANELS[tab];
  return (
    <aside className="panels" aria-label="Details">
      <Tabs label="Details of this moment" items={TABS} selected={tab} onSelect={showTab}>
        <Panel story={story} scene={scene} />
      </Tabs>
      {target !== null && <Inspector story={story} scene={scene} target={target} />}
    </aside>
  );
}
