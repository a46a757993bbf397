/** Faults that have struck and whose consequence has yet to be told: the beat it makes says that somebody asked for it. */
import { faultLabel, faultSentence } from '../explain/faults.ts';
import type { ConnectionId, TraceEvent } from '../trace/event.ts';
import type { Fault } from '../world/fault.ts';
import type { HostId, PublicWorld } from '../world/world.ts';
import type { Caption } from './story.ts';

type Struck = TraceEvent & { readonly kind: 'fault.struck' };

/** Strikes whose consequence may still come. */
const MOST_WAITING = 64;

export class Arranged {
  private waiting: Struck[] = [];

  struck(event: Struck): void {
    this.waiting = [...this.waiting, event].slice(-MOST_WAITING);
  }

  /** What struck on this connection and has not been told. */
  on(connection: ConnectionId): Fault | null {
    return this.take(event => event.connection === connection);
  }

  /** What struck on this connection, or at this host, and keeps it from answering calls. */
  atDial(connection: ConnectionId, host: HostId): Fault | null {
    return this.take(
      ({ fault, connection: where }) =>
        where === connection || ((fault.kind === 'host-off' || fault.kind === 'host-silent') && fault.host === host),
    );
  }

  /** What struck at DNS when it was asked for this name. */
  atName(exchange: ConnectionId, name: string): Fault | null {
    return this.take(
      ({ fault, connection }) =>
        connection === exchange || ('name' in fault && fault.name.toLowerCase() === name.toLowerCase()),
    );
  }

  private take(matches: (event: Struck) => boolean): Fault | null {
    const found = this.waiting.find(matches);
    if (found === undefined) return null;
    this.waiting = this.waiting.filter(each => !matches(each));
    return found.fault;
  }
}

const words = (fault: Fault, world: PublicWorld): string => `You asked for this: ${faultSentence(fault, world)}`;

/** The caption of what a fault led to, which says that it was arranged. */
export const arranged = (caption: Caption, fault: Fault | null, world: PublicWorld): Caption =>
  fault === null ? caption : { ...caption, body: `${caption.body} ${words(fault, world)}`.trim() };

/** The caption of a fault that leads to nothing else that would be told. */
export const struckCaption = (protocol: Caption['protocol'], fault: Fault, world: PublicWorld): Caption => ({
  protocol,
  title: faultLabel(fault),
  body: words(fault, world),
  references: [],
});
