/** What a person's mail client could not hand over: it waits with them, and goes when they say so. */
import type { ReactNode } from 'react';
import { visible } from '../../shared/visible.ts';
import { Button } from '../design/Button.tsx';
import { shownRoomApi } from '../session/shown-room.ts';
import { awaitMore, awaitNothing } from '../session/travel.ts';
import { useKeeper } from '../session/useKeeper.ts';
import { notify } from '../session/view.ts';

async function again(user: string, id: string): Promise<void> {
  awaitMore();
  const answer = await shownRoomApi().sendAgain(user, id);
  if (answer.ok) return;
  awaitNothing();
  notify(answer.message);
}

/** Nothing while nothing waits. `reader` is a user's address. */
export function Outbox({ reader }: { readonly reader: string }): ReactNode {
  const outbox = useKeeper(state => state.outbox).find(({ user }) => user === reader);
  if (outbox === undefined) return null;
  const { letters, more } = outbox;
  return (
    <section className="outbox" aria-label="Outbox">
      <h3>Still in the outbox</h3>
      <ul>
        {letters.map(letter => (
          <li key={letter.id}>
            <span>
              <b>{visible(letter.subject) || '(no subject)'}</b> to {visible(letter.envelope.recipients.join(', '))}
            </span>
            <Button look="plain" onClick={() => void again(reader, letter.id)}>
              Send again
            </Button>
          </li>
        ))}
      </ul>
      {more > 0 && <p className="panel-note">And {more.toLocaleString('en')} more, sent after these.</p>}
    </section>
  );
}
