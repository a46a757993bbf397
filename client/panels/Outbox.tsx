/** What a person's mail client could not hand over: it waits with them, and goes when they say so. */
import { type ReactNode, useEffect, useState } from 'react';
import { visible } from '../../shared/visible.ts';
import { Button } from '../design/Button.tsx';
import { awaitMore, awaitNothing } from '../player/travel.ts';
import { usePlayer } from '../player/usePlayer.ts';
import { notify } from '../player/view.ts';
import { readOutbox, sendAgain, type UnsentLetter } from '../source/api.ts';

/** The trace grows many times a second; the outbox is asked for once it has paused for so many milliseconds. */
const PAUSE = 250;
/** Letters that are drawn; who waits longest comes first. */
const MOST_SHOWN = 50;

async function again(user: string, id: string): Promise<void> {
  awaitMore();
  const answer = await sendAgain(user, id);
  if (answer.ok) return;
  awaitNothing();
  notify(answer.message);
}

/** Nothing while nothing waits. `reader` is a user's address. */
export function Outbox({ reader }: { readonly reader: string }): ReactNode {
  const story = usePlayer(state => state.story);
  const [letters, setLetters] = useState<readonly UnsentLetter[]>([]);
  useEffect(() => {
    let wanted = story !== null;
    const timer = setTimeout(() => {
      void readOutbox(reader).then(answer => {
        if (wanted && answer.ok) setLetters(answer.value);
      });
    }, PAUSE);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [reader, story]);
  if (letters.length === 0) return null;
  return (
    <section className="outbox" aria-label="Outbox">
      <h3>Still in the outbox</h3>
      <ul>
        {letters.slice(0, MOST_SHOWN).map(letter => (
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
      {letters.length > MOST_SHOWN && (
        <p className="panel-note">And {(letters.length - MOST_SHOWN).toLocaleString('en')} more, sent after these.</p>
      )}
    </section>
  );
}
