/** In the explanation of a host, a line or a fault: what goes wrong there now, and what else could. */
import type { ReactNode } from 'react';
import { faultSentence } from '../../../shared/explain/faults.ts';
import { type Fault, faultPlace } from '../../../shared/faults/fault.ts';
import { offersAt, offersForLine } from '../../../shared/faults/offers.ts';
import type { Line, Story } from '../../../shared/story/story.ts';
import type { HostId, PublicWorld } from '../../../shared/world/world.ts';
import { hostName } from '../../caption/host-name.ts';
import { Button } from '../../design/Button.tsx';
import { clear } from '../../session/keeper.ts';
import { useKeeper } from '../../session/useKeeper.ts';
import { inspect } from '../../session/view.ts';
import { FaultOffers } from './FaultOffers.tsx';
import { type FaultSeen, useFaults } from './in-force.ts';
import { momentOf } from './line-verb.ts';
import './world.css';

const TIMES: Readonly<Record<Fault['times'], string>> = {
  next: 'It strikes once, the next time, and is gone.',
  always: 'It strikes every time, until somebody clears it.',
};

function InForce({ seen, world }: { readonly seen: FaultSeen; readonly world: PublicWorld }): ReactNode {
  return (
    <li>
      <span className="fault-words">{faultSentence(seen.fault, world)}</span>
      {seen.clearable && <Button onClick={() => void clear(seen.fault.id)}>Clear</Button>}
    </li>
  );
}

export function HostFaults({ host }: { readonly host: HostId }): ReactNode {
  const { world, faults } = useFaults();
  const now = useKeeper(state => state.facts?.world ?? null);
  if (world === null) return null;
  const here = faults.filter(({ fault }) => {
    const { hosts, cable } = faultPlace(fault, world);
    return hosts.includes(host) || (cable?.includes(host) ?? false);
  });
  return (
    <>
      {here.length > 0 && (
        <>
          <h3>What goes wrong here</h3>
          <ul className="faults-here">
            {here.map(seen => (
              <InForce key={seen.fault.id} seen={seen} world={world} />
            ))}
          </ul>
        </>
      )}
      {now !== null &&
        offersAt(now, host).map((group, at) => (
          <section key={group.title} className="offer-group">
            <h3>{at === 0 ? 'What can go wrong here' : group.title}</h3>
            <FaultOffers key={host} offers={group.offers} />
          </section>
        ))}
    </>
  );
}

/** For a command or a reply: how it may go the next time. */
export function LineFaults({ story, line }: { readonly story: Story; readonly line: Line }): ReactNode {
  const live = useKeeper(state => state.facts?.world.hosts.some(({ id }) => id === line.server) ?? false);
  const moment = live ? momentOf(story, line) : null;
  if (moment === null) return null;
  return (
    <section className="offer-group">
      <h3>Answer this differently next time</h3>
      <FaultOffers key={line.index} offers={offersForLine(moment)} />
    </section>
  );
}

export function FaultFacts({ id }: { readonly id: string }): ReactNode {
  const { world, faults } = useFaults();
  const seen = faults.find(({ fault }) => fault.id === id);
  if (world === null || seen === undefined)
    return <p>This fault is over: it has struck, or somebody has cleared it.</p>;
  const { hosts, cable } = faultPlace(seen.fault, world);
  const place = JSON.stringify([hosts, cable]);
  // A mark on the stage stands for all faults of its place.
  const beside = faults.filter(other => {
    const its = faultPlace(other.fault, world);
    return other !== seen && JSON.stringify([its.hosts, its.cable]) === place;
  });
  return (
    <>
      <p>
        {faultSentence(seen.fault, world)} {TIMES[seen.fault.times]} It is not merely drawn: what follows really crosses
        the wire.
      </p>
      <div className="fault-actions">
        {seen.clearable ? (
          <Button look="primary" onClick={() => void clear(id).then(() => inspect(null))}>
            Clear this fault
          </Button>
        ) : (
          <p>It is over by now: what you see is the past.</p>
        )}
        {(cable ?? hosts).map(host => (
          <Button key={host} onClick={() => inspect({ kind: 'host', host })}>
            {hostName(world, host)}
          </Button>
        ))}
      </div>
      {beside.length > 0 && (
        <>
          <h3>Also here</h3>
          <ul className="faults-here">
            {beside.map(other => (
              <InForce key={other.fault.id} seen={other} world={world} />
            ))}
          </ul>
        </>
      )}
    </>
  );
}
