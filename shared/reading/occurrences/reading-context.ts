/** State shared by the readers of one trace: the world and its clock at the current event, letters, queues and arranged faults. */

import { domainOf } from '../../address.ts';
import { type WireTime, wireTime } from '../../trace/event.ts';
import { domainNamed, type HostId, type PublicWorld } from '../../world/world.ts';
import { Arranged } from './arranged.ts';
import { LetterBook } from './letters.ts';
import { QueueBook } from './queue-book.ts';

/** The same question after this time is a retry; within it, two programs ask at once. Microseconds of world time. */
const RETRY_AFTER = 400_000;

export class ReadingContext {
  readonly letters = new LetterBook();
  readonly queues = new QueueBook();
  readonly arranged = new Arranged();
  /** Questions to DNS without an answer, and when they were asked last, in world time. */
  private readonly unanswered = new Map<HostId, Map<string, WireTime>>();
  private current: PublicWorld;
  private advancedBy = 0;

  constructor(world: PublicWorld) {
    this.current = world;
  }

  /** As it was when this was recorded: names are looked up in it. */
  get world(): PublicWorld {
    return this.current;
  }

  setWorld(world: PublicWorld): void {
    this.current = world;
  }

  advanceClock(by: number): void {
    this.advancedBy += by;
  }

  /** World time of what happened, or will happen, at this wire time. */
  worldTime(at: WireTime): WireTime {
    return wireTime(at + this.advancedBy);
  }

  /** Records a question; true where it is a retry of one that was never answered. */
  recordQuestion(host: HostId, question: string, at: WireTime): boolean {
    const open = this.unanswered.get(host) ?? new Map<string, WireTime>();
    const before = open.get(question);
    this.unanswered.set(host, open.set(question, this.worldTime(at)));
    return before !== undefined && this.worldTime(at) - before >= RETRY_AFTER;
  }

  recordAnswer(host: HostId, question: string): void {
    this.unanswered.get(host)?.delete(question);
  }

  /** The host begins a new attempt: its next questions are no retries. */
  forgetQuestions(host: HostId): void {
    this.unanswered.delete(host);
  }

  /** The host that holds this mailbox; `otherwise` where the world does not say. */
  mailboxHost(mailbox: string, otherwise: HostId): HostId {
    return domainNamed(this.current, domainOf(mailbox))?.pop ?? otherwise;
  }
}
