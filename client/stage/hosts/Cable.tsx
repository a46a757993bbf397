/** A cable: dotted while nothing is connected, solid while a connection is open, glowing while it is in use. */
import type { Protocol } from '../../../shared/protocols.ts';
import { type Curve, pathOf } from '../plan/geometry.ts';

export type CableState = 'idle' | 'open' | 'lit';

export function Cable({
  curve,
  state,
  protocol,
  dim,
  failing,
}: {
  readonly curve: Curve;
  readonly state: CableState;
  readonly protocol: Protocol;
  readonly dim: boolean;
  /** The edge is marked where something has just gone wrong on it. */
  readonly failing: 'no' | 'wait' | null;
}) {
  const d = pathOf(curve);
  return (
    <g
      className={`cable ${state} ${protocol}${dim ? ' dim' : ''}${failing === null ? '' : failing === 'no' ? ' bad' : ' waiting'}`}
    >
      {state === 'lit' ? <path className="cable-glow" d={d} /> : null}
      <path className="cable-core" d={d} />
      {protocol === 'tls' && state !== 'idle' ? <path className="cable-sheath" d={d} /> : null}
    </g>
  );
}
