/** Every fault in force, always in sight where there are any, each with one click to clear it. */
import { type ReactNode, useState } from 'react';
import { faultLabel, faultSentence } from '../../../shared/explain/faults.ts';
import { type Fault, faultPlace } from '../../../shared/faults/fault.ts';
import type { PublicWorld } from '../../../shared/world/world.ts';
import { hostName } from '../../caption/host-name.ts';
import { Button } from '../../design/Button.tsx';
import { BoltIcon, CrossIcon } from '../../design/icons.tsx';
import { clear } from '../../session/keeper.ts';
import { inspect } from '../../session/view.ts';
import { type FaultSeen, useFaults } from './in-force.ts';
import './world.css';

/** As many as stand in a row on a laptop; the rest on request. */
const SHOWN = 4;

/** "Incoming server", or "Outgoing server – Incoming server" for a cable. */
function placeText(world: PublicWorld, fault: Fault): string {
  const { hosts, cable } = faultPlace(fault, world);
  return (cable ?? hosts).map(id => hostName(world, id)).join(' – ');
}

function Chip({ seen, world }: { readonly seen: FaultSeen; readonly world: PublicWorld }): ReactNode {
  const { fault, clearable } = seen;
  const sentence = faultSentence(fault, world);
  return (
    <li className={clearable ? 'fault-chip' : 'fault-chip past'}>
      <button
        type="button"
        className="fault-name"
        title={sentence}
        onClick={() => inspect({ kind: 'fault', id: fault.id })}
      >
        <span className="fault-where">{placeText(world, fault)}</span> <b>{faultLabel(fault)}</b>{' '}
        <small>{clearable ? (fault.times === 'next' ? 'next time' : 'always') : 'over by now'}</small>
      </button>
      {clearable && (
        <button
          type="button"
          className="fault-clear"
          aria-label={`Clear: ${sentence}`}
          onClick={() => void clear(fault.id)}
        >
          <CrossIcon size={13} />
        </button>
      )}
    </li>
  );
}

export function FaultStrip(): ReactNode {
  const { world, faults } = useFaults();
  const [all, setAll] = useState(false);
  if (world === null || faults.length === 0) return null;
  const shown = all ? faults : faults.slice(0, SHOWN);
  const clearable = faults.some(seen => seen.clearable);
  return (
    <section className="fault-strip" aria-label="Faults in force">
      <h2>
        <BoltIcon size={15} /> <span className="fault-strip-title">Faults</span>
      </h2>
      <ul className={all ? 'all' : undefined}>
        {shown.map(seen => (
          <Chip key={seen.fault.id} seen={seen} world={world} />
        ))}
      </ul>
      {faults.length > SHOWN && (
        <Button look="quiet" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? 'Fewer' : `${faults.length - SHOWN} more`}
        </Button>
      )}
      {clearable && (
        <Button look="quiet" onClick={() => void clear(null)}>
          Clear all
        </Button>
      )}
    </section>
  );
}
