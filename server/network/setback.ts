/** What is wrong with a host that somebody calls or asks. */
import type { ConnectionId } from '../../shared/trace/event.ts';
import type { HostId } from '../../shared/world/world.ts';
import type { FaultBook } from '../base/faults.ts';

export type Setback = 'refuses' | 'silent';

/** Strikes where something is wrong. */
export function setbackAt(faults: FaultBook, host: HostId, connection: ConnectionId): Setback | null {
  const where = { host, connection };
  if (faults.strike('host-off', fault => fault.host === host, where)) return 'refuses';
  return faults.strike('host-silent', fault => fault.host === host, where) ? 'silent' : null;
}
