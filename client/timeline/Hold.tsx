/** The debugger's brake: stops the real wire, says how much waits in it, and lets one chunk go at a time. */
import type { ReactNode } from 'react';
import { holdWire, releaseOne } from '../session/session.ts';
import { usePlayer } from '../session/usePlayer.ts';

/** Nothing where there is no live wire to hold. */
export function Hold(): ReactNode {
  const holding = usePlayer(state => state.holding);
  if (holding === null) return null;
  const { on, waiting } = holding;
  return (
    <>
      <button
        type="button"
        className="timeline-hold"
        aria-pressed={on}
        title="Stop the wire: what is sent waits until you let it go  h"
        onClick={() => holdWire(!on)}
      >
        Hold wire
      </button>
      {on && (
        <span className="timeline-held">
          <button type="button" disabled={waiting === 0} title="Let the oldest chunk go  r" onClick={releaseOne}>
            Step
          </button>
          {waiting} waiting
        </span>
      )}
    </>
  );
}
