/** On an empty stage: the letter that lies ready, and the one click that sends it. */
import { type ReactNode, useState } from 'react';
import type { PublicWorld } from '../../shared/world/world.ts';
import { Button } from '../design/Button.tsx';
import { LetterIcon } from '../design/icons.tsx';
import { FirstStory } from '../gallery/FirstStory.tsx';
import { shownRoomApi } from '../session/shown-room.ts';
import { awaitNothing, awaitRun } from '../session/travel.ts';
import { usePlayer } from '../session/usePlayer.ts';
import { notify, openDialog } from '../session/view.ts';
import { firstDraft } from './Compose.tsx';

export function FirstLetter({ world }: { readonly world: PublicWorld }): ReactNode {
  const [sending, setSending] = useState(false);
  const live = usePlayer(state => state.source.kind === 'live' && state.source.status === 'live');
  const draft = firstDraft(world);
  const name = (address: string): string => world.users.find(user => user.address === address)?.name ?? address;
  const send = async (): Promise<void> => {
    setSending(true);
    awaitRun();
    const { from, to, subject, text } = draft;
    const answer = await shownRoomApi().sendLetter({ from, to: [to], subject, text, collect: true });
    setSending(false);
    if (answer.ok) return;
    awaitNothing();
    notify(answer.message);
  };
  return (
    <div className="first-letter">
      <Button look="primary" icon={<LetterIcon />} disabled={!live || sending} onClick={() => void send()}>
        Send
      </Button>
      <p>
        <b>“{draft.subject}”</b> from {name(draft.from)} to {name(draft.to)}
      </p>
      <Button onClick={() => openDialog({ kind: 'compose', draft: null })}>Change it first</Button>
      <FirstStory className="first-story" />
    </div>
  );
}
