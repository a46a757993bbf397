/** What waits on the servers' disks at this moment, why, and until when; and the ways to wait no longer. */
import type { ReactNode } from 'react';
import { causeText } from '../../shared/explain/causes.ts';
import type { QueueEntry, Scene, Story } from '../../shared/story/story.ts';
import { visible } from '../../shared/visible.ts';
import { hostName } from '../caption/host-name.ts';
import { bytesText, spanText } from '../caption/measures.ts';
import { Button } from '../design/Button.tsx';
import { tryNow } from '../session/keeper.ts';
import { useKeeper } from '../session/useKeeper.ts';
import { inspect } from '../session/view.ts';
import { ClockAhead, ClockMoves } from '../world/ClockBar.tsx';
import { useWorldNow } from '../world/world-time.ts';

function nextText(entry: QueueEntry, now: number): string {
  if (entry.nextAt === null) return 'It is being tried now.';
  const left = (entry.nextAt - now) / 1_000_000;
  const nth = entry.attempts === 0 ? 'First try' : 'Next try';
  return left > 0 ? `${nth} in ${spanText(left)}.` : `${nth} is due.`;
}

function Entry({
  scene,
  entry,
  now,
}: {
  readonly scene: Scene;
  readonly entry: QueueEntry;
  readonly now: number;
}): ReactNode {
  const letter = scene.state.letters.find(each => each.id === entry.letter);
  const subject = letter === undefined ? 'A letter' : letter.subject === '' ? '(no subject)' : letter.subject;
  return (
    <li>
      <button
        type="button"
        disabled={letter === undefined}
        onClick={() => letter !== undefined && inspect({ kind: 'letter', letter: letter.id })}
      >
        <b>{visible(subject)}</b>
        <span>
          {hostName(scene.state.world, entry.host)} · <code>{entry.queueId}</code>
          {letter !== undefined && letter.size > 0 && ` · ${bytesText(letter.size)}`}
        </span>
        <span>
          from {entry.reversePath === '' ? '<> (a report)' : visible(entry.reversePath)} to{' '}
          {visible(entry.recipients.join(', '))}
        </span>
        {entry.cause !== null && (
          <span className="queue-deferred">
            ◷ {entry.status !== '' && `${entry.status} `}
            {visible(causeText(entry.cause))}
          </span>
        )}
        <span className="queue-next">
          {entry.attempts > 0 && `${entry.attempts === 1 ? 'One attempt' : `${entry.attempts} attempts`} so far. `}
          {nextText(entry, now)}
        </span>
      </button>
    </li>
  );
}

export function QueuePanel({ story, scene }: { readonly story: Story; readonly scene: Scene }): ReactNode {
  const { queue, jumped } = scene.state;
  const live = useKeeper(state => state.clock !== null);
  const busy = useKeeper(state => state.busy);
  const now = useWorldNow(story, scene, queue.length > 0);
  return (
    <div className="panel-scroll queue">
      {(live || jumped > 0) && (
        <div className="queue-clock">
          <ClockAhead jumped={jumped} />
          <ClockMoves story={story} scene={scene} />
        </div>
      )}
      {queue.length === 0 ? (
        <p className="panel-note">
          No letter waits in a queue at this moment. A server writes a letter to its queue before it says 250, so that a
          power cut cannot lose it.
        </p>
      ) : (
        <>
          {live && (
            <p className="queue-clock">
              <Button disabled={busy} onClick={() => void tryNow()}>
                Try now
              </Button>
            </p>
          )}
          <ul className="queue-list">
            {queue.map(entry => (
              <Entry key={`${entry.host} ${entry.queueId}`} scene={scene} entry={entry} now={now} />
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
