/** Every host as the scene has it: lit, dimmed, failing, responsible. */
import { memo } from 'react';
import type { Protocol, Scene, Story } from '../../shared/story/story.ts';
import { failingHost } from './failing.ts';
import type { Inspect } from './inspect.ts';
import type { Layout } from './plan.ts';
import { Station } from './Station.tsx';

interface StationsProps {
  readonly layout: Layout;
  readonly story: Story;
  readonly scene: Scene;
  readonly onInspect: (target: Inspect) => void;
}

export const Stations = memo(function Stations({ layout, story, scene, onInspect }: StationsProps) {
  const { state, lit, litCable, caption } = scene;
  const colour: Protocol = litCable?.protocol ?? caption?.protocol ?? 'smtp';
  const failing = failingHost(story, scene);
  const focus = state.letters.find(({ id }) => id === state.focus);
  const done = focus === undefined || focus.place === 'inbox' || focus.place === 'refused';
  return (
    <g className="stations">
      {layout.stations.map(card => (
        <Station
          key={card.host}
          card={card}
          host={state.world.hosts.find(({ id }) => id === card.host)}
          shape={layout.shape}
          state={state.hosts[card.host]}
          lit={lit.includes(card.host) ? colour : null}
          dim={lit.length > 0 && !lit.includes(card.host)}
          failing={card.host === failing}
          responsible={!done && focus.responsible === card.host}
          onInspect={() => onInspect({ kind: 'host', host: card.host })}
        />
      ))}
    </g>
  );
});
