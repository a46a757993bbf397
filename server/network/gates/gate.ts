/** A gate of the wire: what every chunk goes through on its way across, one gate behind the other. */
import type { Span } from '../../../shared/decode/span.ts';
import type { ConnectionId, Endpoint, Side } from '../../../shared/trace/event.ts';
import type { Recorder } from '../../record/recorder.ts';
import type { Hold } from '../cable/hold.ts';
import type { LagSetting } from '../cable/lag.ts';
import type { Tap } from '../cable/tap.ts';

/** One chunk of one side on its way across. */
export interface Crossing {
  readonly side: Side;
  readonly bytes: Buffer;
  /** What the octets are; none where no dialogue is followed, and none behind the last gate that asks. */
  readonly spans: readonly Span[];
}

/** `fin`: both ends find it closed. `reset`: both find it broken off. `silence`: nothing crosses any more, and nobody is told. */
export type Blow = 'fin' | 'reset' | 'silence';

/** One connection's gate. */
export interface Gate {
  /** Calls `next` with it: now or later, whole, in pieces or not at all; in the order in which its side sent. */
  pass(crossing: Crossing, next: (crossing: Crossing) => void): void;
  /** Calls `next` behind everything that this side sent before, with what was kept of it: nothing more will come. */
  end(side: Side, next: (leftover: Crossing | null) => void): void;
  /** No more should be read from this side for now. */
  full(side: Side): boolean;
  /** Something is on its way here that should arrive before the connection is given up. */
  waits(side: Side): boolean;
  /** Nothing of what waits crosses any more. */
  close(): void;
}

/** Whose connection a gate stands in. */
export interface Place {
  readonly connection: ConnectionId;
  readonly from: Endpoint;
  readonly to: Endpoint;
  /** Ends the connection where it stands. */
  readonly strike: (blow: Blow) => void;
}

/** What the gates of one network share. */
export interface GateSetting extends LagSetting {
  readonly recorder: Recorder;
  readonly hold: Hold;
  readonly tap: Tap;
  /** How many connections are open. */
  readonly open: () => number;
}

export type CreateGate = (place: Place, setting: GateSetting) => Gate;

/** A gate at which nothing waits; it only looks. */
export const openGate = (pass: Gate['pass']): Gate => ({
  pass,
  end: (_side, next) => next(null),
  full: () => false,
  waits: () => false,
  close: () => undefined,
});

/** Lets a chunk through the gates from the `nth` on, then to `last`. `later` runs where one of them had let something wait. */
export function passThrough(
  gates: readonly Gate[],
  crossing: Crossing,
  last: (crossing: Crossing) => void,
  later: () => void,
  nth = 0,
): void {
  const gate = gates[nth];
  if (gate === undefined) {
    last(crossing);
    return;
  }
  let atOnce = true;
  gate.pass(crossing, passed => {
    passThrough(gates, passed, last, later, nth + 1);
    if (!atOnce) later();
  });
  atOnce = false;
}

/** Goes behind everything that this side sent, gate by gate; what was kept goes through the gates that are left. */
export function endThrough(
  gates: readonly Gate[],
  side: Side,
  last: (crossing: Crossing) => void,
  over: () => void,
  nth = 0,
): void {
  const gate = gates[nth];
  if (gate === undefined) {
    over();
    return;
  }
  gate.end(side, leftover => {
    if (leftover !== null) passThrough(gates, leftover, last, () => undefined, nth + 1);
    endThrough(gates, side, last, over, nth + 1);
  });
}
