/** What the readers of one trace share: the world and the clock of the moment that is being read, and who is who. */

import { domainOf } from '../../address.ts';
import { type WireTime, wireTime } from '../../trace/event.ts';
import { domainNamed, type HostId, type PublicWorld } from '../../world/world.ts';
import { Arranged } from './arranged.ts';
import { LetterBook } from './letters.ts';
import { QueueBook } from './queue-book.ts';

/** Two of the same question within this time are two who ask at once; later, it is one who asks again. Microseconds of world time. */
const PATIENCE = 400_000;

export class Telling {
  readonly letters = new LetterBook();
  readonly queues = new QueueBook();
  readonly arranged = new Arranged();
  /** Questions to DNS without an answer, and when they were asked last, in world time. */
  private readonly unanswered = new Map<HostId, Map<string, WireTime>>();
  private current: PublicWorld;
  private moved = 0;

  constructor(world: PublicWorld) {
    this.current = world;
  }

  /** As it was when this was recorded: names are looked up in it. */
  get world(): PublicWorld {
    return this.current;
  }

  changed(world: PublicWorld): void {
    this.current = world;
  }

  moveOn(by: number): void {
    this.moved += by;
  }

  /** World time of what happened, or will happen, at this wire time. */
  worldTime(at: WireTime): WireTime {
    return wireTime(at + this.moved);
  }

  /** A question crosses: true where it did before and nothing came back. */
  asked(host: HostId, question: string, at: WireTime): boolean {
    const open = this.unanswered.get(host) ?? new Map<string, WireTime>();
    const before = open.get(question);
    this.unanswered.set(host, open.set(question, this.worldTime(at)));
    return before !== undefined && this.worldTime(at) - before >= PATIENCE;
  }

  answered(host: HostId, question: string): void {
    this.unanswered.get(host)?.delete(question);
  }

  /** The host begins something new: what it asks from now on is asked for the first time. */
  asksAnew(host: HostId): void {
    this.unanswered.delete(host);
  }

  /** The host that holds this mailbox; `otherwise` where the world does not say. */
  mailboxHost(mailbox: string, otherwise: HostId): HostId {
    return domainNamed(this.current, domainOf(mailbox))?.pop ?? otherwise;
  }
}
