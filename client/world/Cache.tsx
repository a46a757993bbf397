/** What the resolvers remember at this moment, each answer with the time it may still be kept. */
import type { ReactNode } from 'react';
import type { CacheEntry, Scene, Story } from '../../shared/story/story.ts';
import { hostName } from '../caption/host-name.ts';
import { spanText } from '../caption/measures.ts';
import { useWorldNow } from './world-time.ts';
import './zones.css';

function Entry({ entry, now }: { readonly entry: CacheEntry; readonly now: number }): ReactNode {
  const left = (entry.expiresAt - now) / 1_000_000;
  return (
    <li className={entry.negative ? 'cached negative' : 'cached'}>
      <p>
        <span className="record-name">{entry.name}</span> <b>{entry.type}</b>
        {entry.hits > 0 && <small>saved {entry.hits === 1 ? 'one question' : `${entry.hits} questions`}</small>}
      </p>
      <p className="record-data">
        {entry.negative ? '✕ there is none: that is remembered too' : entry.answers.join(', ')}
      </p>
      <p className="cached-left">
        {left > 0 ? `TTL: ${spanText(left)} left` : 'over: the next time it is asked again'}
      </p>
    </li>
  );
}

export function Cache({ story, scene }: { readonly story: Story; readonly scene: Scene }): ReactNode {
  const { cache, world } = scene.state;
  const now = useWorldNow(story, scene, cache.length > 0);
  if (cache.length === 0)
    return (
      <p className="panel-empty">
        No resolver remembers anything at this moment. An answer is kept for as long as its TTL says, and the question
        is not asked again until then.
      </p>
    );
  const hosts = [...new Set(cache.map(({ host }) => host))];
  return hosts.map(host => (
    <section key={host} className="cache">
      <h3>{hostName(world, host)} remembers</h3>
      <ul>
        {cache
          .filter(entry => entry.host === host)
          .map(entry => (
            <Entry key={`${entry.name} ${entry.type}`} entry={entry} now={now} />
          ))}
      </ul>
    </section>
  ));
}
