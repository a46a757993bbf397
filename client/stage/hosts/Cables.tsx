/** Every cable of the moment: the idle ones of the journey, the open connections, and the one in use. */
import { memo } from 'react';
import type { Protocol } from '../../../shared/protocols.ts';
import type { Scene, Story } from '../../../shared/story/story.ts';
import type { HostId } from '../../../shared/world/world.ts';
import { type Failure, failureIn } from '../moment/failing.ts';
import { centre } from '../plan/geometry.ts';
import { cableOf } from '../plan/layout.ts';
import { EMPTY, nowhereOn } from '../plan/nowhere.ts';
import { type Layout, stationOf } from '../plan/plan.ts';
import { Cable, type CableState } from './Cable.tsx';
import { decoration } from './pressed.ts';

interface Shown {
  readonly from: HostId;
  readonly to: HostId;
  readonly protocol: Protocol;
  readonly state: CableState;
}

/** One entry a pair of hosts: what is in use hides what is open, and that what is idle. */
function cablesOf(layout: Layout, scene: Pick<Scene, 'litCable' | 'state'>, failure: Failure | null): readonly Shown[] {
  const byPair = new Map<string, Shown>();
  const put = (cable: Shown) => byPair.set([cable.from, cable.to].sort().join(' '), cable);
  for (const cable of layout.idle) put({ ...cable, state: 'idle' });
  for (const { client, server, protocol } of scene.state.connections)
    put({ from: client, to: server, protocol, state: 'open' });
  if (failure !== null && failure.motion.from !== failure.motion.to) put({ ...failure.motion, state: 'lit' });
  if (scene.litCable !== null) put({ ...scene.litCable, state: 'lit' });
  return [...byPair.values()];
}

interface CablesProps {
  readonly layout: Layout;
  readonly story: Story;
  readonly scene: Scene;
}

export const Cables = memo(function Cables({ layout, story, scene }: CablesProps) {
  const failing = failureIn(story, scene);
  const cables = cablesOf(layout, scene, failing);
  const astray = cables.some(
    ({ from, to }) => stationOf(layout, from) === undefined || stationOf(layout, to) === undefined,
  );
  return (
    <g className="cables">
      {astray ? <Nobody layout={layout} /> : null}
      {cables.map(({ from, to, protocol, state }) => {
        const curve = cableOf(layout, from, to);
        return curve === null ? null : (
          <Cable
            key={`${from} ${to}`}
            curve={curve}
            state={state}
            protocol={protocol}
            dim={scene.lit.length > 0}
            failing={
              state === 'lit' && (failing?.host === from || failing?.host === to) ? (failing?.verdict ?? null) : null
            }
          />
        );
      })}
    </g>
  );
});

/** The empty place at the end of a cable that leads to no host of this world. */
function Nobody({ layout }: Pick<CablesProps, 'layout'>) {
  const { x, y } = centre(nowhereOn(layout));
  return (
    <g {...decoration} className="nobody" transform={`translate(${x} ${y})`}>
      <circle r={EMPTY} />
      <text y="4.6" textAnchor="middle">
        ?
      </text>
    </g>
  );
}
