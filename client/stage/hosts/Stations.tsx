/** Every host as the scene has it: lit, dimmed, failing, responsible. */
import { memo } from 'react';
import type { Protocol } from '../../../shared/protocols.ts';
import type { Scene, Story } from '../../../shared/story/story.ts';
import type { HostId } from '../../../shared/world/world.ts';
import { failureIn } from '../moment/failing.ts';
import { marksOf } from '../moment/marks.ts';
import { shortly } from '../moment/shortly.ts';
import type { Inspect } from '../plan/inspect.ts';
import type { Layout } from '../plan/plan.ts';
import { Badges } from './Badges.tsx';
import { Station } from './Station.tsx';

interface StationsProps {
  readonly layout: Layout;
  readonly story: Story;
  readonly scene: Scene;
  readonly onInspect: (target: Inspect) => void;
}

/** When this host's queue tries one of its letters again, "4 min"; null where none waits. In so few words that cards rest between steps. */
function nextTry({ state, wireAt }: Scene, host: HostId): string | null {
  const due = state.queue.flatMap(entry => (entry.host === host && entry.nextAt !== null ? [entry.nextAt] : []));
  return due.length === 0 ? null : shortly(Math.min(...due) - wireAt - state.jumped);
}

export const Stations = memo(function Stations({ layout, story, scene, onInspect }: StationsProps) {
  const { state, lit, litCable, caption } = scene;
  const colour: Protocol = litCable?.protocol ?? caption?.protocol ?? 'smtp';
  const failing = failureIn(story, scene);
  const marks = marksOf(state.world);
  const focus = state.letters.find(({ id }) => id === state.focus);
  const done = focus === undefined || focus.place === 'inbox' || focus.place === 'refused';
  const cards = layout.stations.map(card => ({
    card,
    host: state.world.hosts.find(({ id }) => id === card.host),
    shape: layout.shape,
    state: state.hosts[card.host],
    lit: lit.includes(card.host) ? colour : null,
    dim: lit.length > 0 && !lit.includes(card.host),
    failing: card.host === failing?.host ? failing.verdict : null,
    responsible: !done && focus.responsible === card.host,
    faults: marks.hosts.get(card.host),
    nextTry: nextTry(scene, card.host),
    onInspect,
  }));
  return (
    <g className="stations">
      {cards.map(each => (
        <Station key={each.card.host} {...each} />
      ))}
      {cards.map(each => (
        <Badges key={each.card.host} {...each} />
      ))}
    </g>
  );
});
