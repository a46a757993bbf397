/** What waits in which queue, as the trace is read: whose letter an entry is, for whom it still waits, and which errand is under way. */
import type { ConnectionId } from '../../trace/event.ts';
import type { HostId } from '../../world/world.ts';

export interface Waiting {
  readonly host: HostId;
  readonly queueId: string;
  readonly reversePath: string;
  readonly messageId: string;
  /** The letter that waits there; another one where the first went on for some of the recipients. */
  letter: string;
  pending: readonly string[];
  /** How many recipients it came with, and how many of them were given up. */
  readonly count: number;
  lost: number;
}

/** An attempt to bring a letter to its recipients of one domain, from `mail.attempted` until each of them has a fate. */
export interface Errand {
  readonly entry: Waiting;
  readonly domain: string;
  readonly recipients: readonly string[];
  /** Which attempt at this domain it is, from 1. */
  readonly nth: number;
  /** What travels: the entry's own letter, or a copy where others have to wait. */
  letter: string;
  /** The next host has taken it. */
  gone: boolean;
  /** Recipients without a fate, in lower case. */
  readonly left: Set<string>;
  lost: number;
  /** The connection that carries it now. */
  on: ConnectionId | null;
}

/** Attempts of one letter that are told in full; those that follow go the same way. */
const TOLD_IN_FULL = 3;

/** Errands that may be under way at once. */
const MOST_ERRANDS = 256;
/** Recipients of one entry that are kept apart: more than any server here takes in one letter. */
const MOST_RECIPIENTS = 1000;
/** Entries that are gone and may still be reported on. */
const MOST_GONE = 64;

const key = (host: HostId, queueId: string): string => `${host} ${queueId}`;

export const without = (all: readonly string[], some: readonly string[]): readonly string[] => {
  const gone = new Set(some.map(each => each.toLowerCase()));
  return all.filter(each => !gone.has(each.toLowerCase()));
};

export class QueueBook {
  private readonly entries = new Map<string, Waiting>();
  private readonly gone = new Map<string, Waiting>();
  private errands: Errand[] = [];
  /** Attempts so far, by entry and domain. */
  private readonly tries = new Map<string, Map<string, number>>();
  /** Entries that have not been tried often enough yet for their attempts to be an old story. */
  private readonly fresh = new Set<string>();
  /** How many entries each host has. */
  private readonly busy = new Map<HostId, number>();
  /** Reports that have been written, by where they will be queued. */
  private readonly reports = new Map<string, string>();

  put(entry: Pick<Waiting, 'host' | 'queueId' | 'reversePath' | 'messageId' | 'letter' | 'pending'>): Waiting {
    const pending = entry.pending.slice(0, MOST_RECIPIENTS);
    const waiting = { ...entry, pending, count: entry.pending.length, lost: 0 };
    if (this.find(entry.host, entry.queueId) === null) this.count(entry.host, 1);
    this.entries.set(key(entry.host, entry.queueId), waiting);
    this.tries.delete(key(entry.host, entry.queueId));
    this.fresh.add(key(entry.host, entry.queueId));
    return waiting;
  }

  find(host: HostId, queueId: string): Waiting | null {
    return this.entries.get(key(host, queueId)) ?? null;
  }

  /** Also one that has left the queue lately. */
  remembered(host: HostId, queueId: string): Waiting | null {
    return this.find(host, queueId) ?? this.gone.get(key(host, queueId)) ?? null;
  }

  announce(host: HostId, queueId: string, letter: string): void {
    this.reports.set(key(host, queueId), letter);
  }

  /** The report that was said to be queued under this id. */
  announced(host: HostId, queueId: string): string | null {
    const id = key(host, queueId);
    const letter = this.reports.get(id) ?? null;
    this.reports.delete(id);
    return letter;
  }

  /** `nth` counts the attempts at this domain from 1; `others` wait while this one is under way. Null for an entry that nobody knows. */
  attempt(
    host: HostId,
    queueId: string,
    domain: string,
    asked: readonly string[],
  ): { readonly errand: Errand; readonly nth: number; readonly others: readonly string[] } | null {
    const entry = this.find(host, queueId);
    if (entry === null) return null;
    const tries = this.tries.get(key(host, queueId)) ?? new Map<string, number>();
    const nth = (tries.get(domain) ?? 0) + 1;
    this.tries.set(key(host, queueId), tries.set(domain, nth));
    if (nth >= TOLD_IN_FULL) this.fresh.delete(key(host, queueId));
    const recipients = asked.slice(0, MOST_RECIPIENTS);
    const elsewhere = this.errands.filter(each => each.entry === entry && each.domain !== domain);
    const taken = elsewhere.flatMap(each => [...each.left]);
    const others = without(without(entry.pending, recipients), taken);
    const errand: Errand = {
      entry,
      domain,
      recipients,
      nth,
      letter: entry.letter,
      gone: false,
      left: new Set(recipients.map(each => each.toLowerCase())),
      lost: 0,
      on: null,
    };
    this.errands = [...this.errands.filter(each => each.entry !== entry || each.domain !== domain), errand].slice(
      -MOST_ERRANDS,
    );
    return { errand, nth, others };
  }

  /** How often this domain has been tried for the entry. */
  attempts({ host, queueId }: Waiting, domain: string): number {
    return this.tries.get(key(host, queueId))?.get(domain) ?? 0;
  }

  /** The errand of `host` with this envelope that no other connection carries; the oldest of several. */
  carriedBy(host: HostId, connection: ConnectionId, reversePath: string, recipient: string | null): Errand | null {
    const path = reversePath.toLowerCase();
    const whom = recipient?.toLowerCase() ?? null;
    const fits = ({ entry, on, left }: Errand) =>
      entry.host === host &&
      (on === null || on === connection) &&
      entry.reversePath.toLowerCase() === path &&
      (whom === null || left.has(whom));
    return this.errands.find(fits) ?? null;
  }

  /** The errand of `host` with this Message-ID and this recipient. */
  carrying(host: HostId, messageId: string, recipient: string): Errand | null {
    const whom = recipient.toLowerCase();
    const fits = ({ entry, left }: Errand) =>
      messageId !== '' && entry.host === host && entry.messageId === messageId && left.has(whom);
    return this.errands.find(fits) ?? null;
  }

  /** The errand, of whatever host, that brings this letter to this recipient without a connection. */
  bringing(messageId: string, recipient: string): Errand | null {
    const whom = recipient.toLowerCase();
    return this.errands.find(({ entry, left }) => entry.messageId === messageId && left.has(whom)) ?? null;
  }

  /** True while an errand of this entry other than `but` carries its own letter, or has brought it away. */
  isOut(entry: Waiting, but: Errand | null): boolean {
    return this.errands.some(each => each !== but && each.entry === entry && each.letter === entry.letter);
  }

  /** These recipients have it: nobody waits for them any more. */
  served(errand: Errand, recipients: readonly string[]): void {
    errand.gone = true;
    errand.entry.pending = without(errand.entry.pending, recipients);
    this.settle(errand, recipients);
  }

  /** These have a fate for now. Returns the errand that was for them. */
  decided(entry: Waiting, recipients: readonly string[]): Errand | null {
    const [first = ''] = recipients;
    const errand = this.errands.find(each => each.entry === entry && each.left.has(first.toLowerCase())) ?? null;
    if (errand !== null) this.settle(errand, recipients);
    return errand;
  }

  giveUp(entry: Waiting, recipients: readonly string[]): void {
    entry.pending = without(entry.pending, recipients);
    entry.lost += recipients.length;
  }

  remove(host: HostId, queueId: string): void {
    const id = key(host, queueId);
    const entry = this.entries.get(id);
    if (entry === undefined) return;
    this.entries.delete(id);
    this.count(host, -1);
    this.tries.delete(id);
    this.fresh.delete(id);
    this.errands = this.errands.filter(each => each.entry !== entry);
    this.gone.set(id, entry);
    const [oldest] = this.gone.keys();
    if (this.gone.size > MOST_GONE && oldest !== undefined) this.gone.delete(oldest);
  }

  /** True where all that `host` is doing now has been done before, more than once. */
  isOldStory(host: HostId): boolean {
    const own = this.errands.filter(({ entry }) => entry.host === host);
    return own.length > 0 && own.every(({ nth }) => nth > TOLD_IN_FULL);
  }

  /** True where an attempt that is about to begin is one of those. */
  isOldNow(host: HostId, queueId: string, domain: string): boolean {
    const others = this.errands.filter(({ entry }) => entry.host === host && entry.queueId !== queueId);
    const tries = this.tries.get(key(host, queueId))?.get(domain) ?? 0;
    return tries >= TOLD_IN_FULL && others.every(({ nth }) => nth > TOLD_IN_FULL);
  }

  /** True where nothing waits that has not been tried again and again. */
  get waitsAsEver(): boolean {
    return this.entries.size > 0 && this.fresh.size === 0;
  }

  /** True where its queue holds something. */
  isBusy(host: HostId): boolean {
    return this.busy.has(host);
  }

  private count(host: HostId, by: number): void {
    const count = (this.busy.get(host) ?? 0) + by;
    if (count > 0) this.busy.set(host, count);
    else this.busy.delete(host);
  }

  private settle(errand: Errand, recipients: readonly string[]): void {
    for (const recipient of recipients) errand.left.delete(recipient.toLowerCase());
    errand.on = null;
    if (errand.left.size === 0) this.errands = this.errands.filter(each => each !== errand);
  }
}
