/** What became of recipients, and how they are told apart: by domain before an attempt, by cause after it. Pure. */

import { domainOf } from '../../shared/address.ts';
import type { Cause } from '../../shared/trace/cause.ts';
import type { RecipientOutcome } from '../smtp/client/send.ts';

export interface Fate extends Pick<RecipientOutcome, 'recipient' | 'verdict' | 'status' | 'cause' | 'reply'> {
  /** The host it was tried at; null where none was found. It answered where `reply` is one. */
  readonly exchange: string | null;
  /** Accepted by a host that will itself tell the sender what becomes of it (RFC 3461 §5.2.1). */
  readonly relayedWithDsn: boolean;
}

/** Recipients who share a status and a cause. */
export interface Group {
  readonly recipients: readonly string[];
  readonly status: string;
  readonly cause: Cause;
}

/** In the order in which the domains are first named. */
export function byDomain(recipients: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const recipient of recipients) {
    const domain = domainOf(recipient);
    const group = groups.get(domain);
    if (group) group.push(recipient);
    else groups.set(domain, [recipient]);
  }
  return groups;
}

/** Those who share a cause are told of in one breath. */
export function byCause(fates: readonly Pick<Fate, 'recipient' | 'status' | 'cause'>[]): readonly Group[] {
  const groups = new Map<string, Group & { readonly recipients: string[] }>();
  for (const { recipient, status, cause } of fates) {
    const key = `${status} ${JSON.stringify(cause)}`;
    const group = groups.get(key) ?? { recipients: [], status, cause };
    group.recipients.push(recipient);
    groups.set(key, group);
  }
  return [...groups.values()];
}
