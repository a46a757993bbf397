/** World time: how far it is ahead, what is waited for, and the buttons that move it on. */
import type { ReactNode } from 'react';
import type { Scene, Story } from '../../shared/story/story.ts';
import { spanText } from '../caption/measures.ts';
import { Button } from '../design/Button.tsx';
import { ClockIcon, SkipIcon } from '../design/icons.tsx';
import { advance, toNext } from '../session/keeper.ts';
import { useKeeper } from '../session/useKeeper.ts';
import { useWorldNow } from './world-time.ts';
import './clock.css';

const CHOICES = [
  [15 * 60, '15 minutes'],
  [3600, '1 hour'],
  [4 * 3600, '4 hours'],
  [86_400, '1 day'],
  [5 * 86_400, '5 days'],
] as const;

/** "4 h 15 min ahead of the machine’s clock"; nothing while the two agree. */
export function ClockAhead({ jumped }: { readonly jumped: number }): ReactNode {
  if (jumped < 1_000_000) return null;
  return (
    <p className="clock-ahead">
      <ClockIcon />
      <span>
        World time is <b>{spanText(jumped / 1_000_000)}</b> ahead
        <span className="clock-of"> of the machine’s clock</span>.
      </span>
    </p>
  );
}

/** "the next attempt of 9A3F71C0DE": which one of the queue's, nobody who waits wants to know. */
const withoutId = (what: string): string => what.replace(/ of [0-9A-Z]{6,}$/, '');

/** The buttons; nothing where there is no clock to move. `brief`: only the way to what is waited for. */
export function ClockMoves({
  story,
  scene,
  brief = false,
}: {
  readonly story: Story;
  readonly scene: Scene;
  readonly brief?: boolean;
}): ReactNode {
  const clock = useKeeper(state => state.clock);
  const busy = useKeeper(state => state.busy);
  const now = useWorldNow(story, scene, clock?.next != null);
  if (clock === null) return null;
  const began = Date.parse(story.header.createdAt);
  const due = clock.next === null ? 0 : Date.parse(clock.now) + clock.next.in - began;
  const seconds = Math.max(0, due / 1000 - now / 1_000_000);
  return (
    <div className="clock-moves">
      {clock.next !== null && (
        <Button
          icon={<SkipIcon />}
          look={brief ? 'plain' : 'primary'}
          disabled={busy}
          title="World time is moved on, and what is due happens for real  t"
          onClick={() => void toNext()}
        >
          Skip to {withoutId(clock.next.what)} (in {spanText(seconds)})
        </Button>
      )}
      {!brief &&
        CHOICES.map(([by, words]) => (
          <Button key={by} disabled={busy} onClick={() => void advance(by)}>
            <span className="sr-only">Move world time on by </span>+ {words}
          </Button>
        ))}
    </div>
  );
}

/** Under the caption, where the viewer waits: only when something else waits too. */
export function ClockBar({ story, scene }: { readonly story: Story; readonly scene: Scene }): ReactNode {
  const waits = useKeeper(state => state.clock?.next != null);
  const atEnd = (scene.step?.index ?? -1) === story.steps.length - 1;
  const { jumped } = scene.state;
  if (jumped < 1_000_000 && !(waits && atEnd)) return null;
  return (
    <div className="clock-bar">
      <ClockAhead jumped={jumped} />
      {atEnd && <ClockMoves story={story} scene={scene} brief />}
    </div>
  );
}
