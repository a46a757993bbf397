/** What waits on the servers' disks at this moment, and until when. */
import type { ReactNode } from 'react';
import type { Scene, Story } from '../../shared/story/story.ts';
import { wallClock } from '../../shared/trace/header.ts';
import { inspect } from '../player/store.ts';
import { hostName } from './host-name.ts';
import { bytesText } from './measures.ts';

export function QueuePanel({ story, scene }: { readonly story: Story; readonly scene: Scene }): ReactNode {
  const queued = scene.state.letters.filter(letter => letter.place === 'queued' || letter.deferred !== null);
  if (queued.length === 0) {
    return (
      <p className="panel-empty">
        No letter waits in a queue at this moment. A server writes a letter to its queue before it says 250, so that a
        power cut cannot lose it.
      </p>
    );
  }
  return (
    <ul className="panel-scroll queue-list">
      {queued.map(letter => (
        <li key={letter.id}>
          <button type="button" onClick={() => inspect({ kind: 'letter', letter: letter.id })}>
            <b>{letter.subject === '' ? '(no subject)' : letter.subject}</b>
            <span>
              {hostName(scene.state.world, letter.at)}
              {letter.queueId !== null && (
                <>
                  {' '}
                  · <code>{letter.queueId}</code>
                </>
              )}
              {letter.size > 0 && ` · ${bytesText(letter.size)}`}
            </span>
            <span>to {letter.recipients.join(', ')}</span>
            {letter.deferred !== null && (
              <span className="queue-deferred">
                ◷ {letter.deferred.reason} Next try at {wallClock(story.header.createdAt, letter.deferred.retryAt)} UTC.
              </span>
            )}
          </button>
        </li>
      ))}
    </ul>
  );
}
