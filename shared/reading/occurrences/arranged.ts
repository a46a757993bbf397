/** Faults that have struck and whose consequence has yet to be told: the beat it makes says that somebody asked for it. */
import { faultLabel, faultSentence } from '../../explain/faults.ts';
import { consequenceOf } from '../../faults/explanations.ts';
import { type Fault, hostsNamed } from '../../faults/fault.ts';
import type { Caption } from '../../story/story.ts';
import type { ConnectionId, TraceEvent } from '../../trace/event.ts';
import type { HostId, PublicWorld } from '../../world/world.ts';

type Struck = TraceEvent & { readonly kind: 'fault.struck' };

/** Strikes whose consequence may still come. */
const MOST_WAITING = 64;

/** When the consequence of a fault on a connection can be told: with a reply that says yes, with one that says no, when it ends. */
type Moment = 'yes' | 'no' | 'end';

function fits(fault: Fault, moment: Moment): boolean {
  const consequence = consequenceOf(fault);
  if (consequence === 'refusal') return moment === 'no';
  return consequence === 'end' ? moment === 'end' : moment !== 'end';
}

export class Arranged {
  private waiting: Struck[] = [];
  private readonly told = new Set<string>();

  struck(event: Struck): void {
    this.waiting = [...this.waiting, event].slice(-MOST_WAITING);
  }

  /** What struck on this connection, leads to this, and has not been told. */
  on(connection: ConnectionId, moment: Moment): Fault | null {
    const fault = this.take(event => event.connection === connection && fits(event.fault, moment));
    // What strikes a conversation again and again is told once.
    if (fault === null || consequenceOf(fault) !== 'replies') return fault;
    const key = `${connection} ${fault.id}`;
    if (this.told.has(key)) return null;
    this.told.add(key);
    return fault;
  }

  /** What struck on this connection, or at this host, and keeps it from answering calls. */
  atDial(connection: ConnectionId, host: HostId): Fault | null {
    return this.take(
      ({ fault, connection: where }) =>
        where === connection || (consequenceOf(fault) === 'no-connection' && hostsNamed(fault).includes(host)),
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
