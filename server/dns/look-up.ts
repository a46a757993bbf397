/** What DNS says about one name and type: asks until the CNAME chain ends, and tells how long that may be remembered (RFC 1034 §5.2.2, RFC 2308). */

import type { DnsData, DnsMessage, DnsRecord } from '../../shared/decode/dns.ts';
import { canonicalName, sameName } from '../../shared/decode/dns-name.ts';
import type { Cause } from '../../shared/trace/cause.ts';
import { type AskOptions, askServer } from './ask.ts';

export type SoughtType = 'MX' | 'A' | 'AAAA';

/** `ttl`: the least of everything it follows from, in seconds; 0 may not be remembered. */
export type Looked =
  /** `answers`: the chain and what it leads to, as DNS shows them: "MX 10 mx1.green.example". */
  | {
      readonly kind: 'found';
      readonly data: readonly DnsData[];
      readonly answers: readonly string[];
      readonly ttl: number;
    }
  | { readonly kind: 'no-such-name'; readonly ttl: number }
  | { readonly kind: 'no-data'; readonly ttl: number }
  /** No answer or no usable one. */
  | { readonly kind: 'unknown'; readonly cause: Cause };

/** Names in a CNAME chain, over all answers. */
const CHAIN = 8;
/** A TTL with its first bit set counts as none at all (RFC 2181 §8). */
const LONGEST_TTL = 2 ** 31 - 1;

const ttlOf = (records: readonly DnsRecord[]): number =>
  records.reduce((least, { ttl }) => Math.min(least, ttl > LONGEST_TTL ? 0 : ttl), Number.POSITIVE_INFINITY);

/** How long "no" may be remembered: as the SOA beside it says, and not at all without one (RFC 2308 §5). */
function negativeTtl(answer: DnsMessage): number {
  const soa = answer.authority.find(record => record.type === 'SOA');
  return soa?.data.type === 'SOA' ? Math.min(ttlOf([soa]), soa.data.minimum) : 0;
}

interface Followed {
  readonly last: string;
  /** The aliases on the way. */
  readonly aliases: readonly DnsRecord[];
  readonly records: readonly DnsRecord[];
}

/** The last name of the chain that an answer holds for `name`, and the records wanted there; null where it goes round or on and on. */
function follow(answer: DnsMessage, name: string, type: string): Followed | null {
  const aliases: DnsRecord[] = [];
  let last = name;
  for (let hop = 0; hop <= CHAIN; hop++) {
    const here = answer.answers.filter(record => record.klass === 'IN' && sameName(record.name, last));
    const records = here.filter(record => record.type === type);
    const alias = here.find(record => record.data.type === 'CNAME');
    if (records.length > 0 || alias?.data.type !== 'CNAME') return { last, aliases, records };
    aliases.push(alias);
    last = alias.data.name;
  }
  return null;
}

/** Never rejects for what the outside does. */
export async function lookUp(options: AskOptions, name: string, type: SoughtType): Promise<Looked> {
  const passed = new Set<string>();
  const aliases: DnsRecord[] = [];
  for (let current = name; passed.size < CHAIN; ) {
    passed.add(canonicalName(current));
    const reply = await askServer(options, current, type);
    if (reply.kind === 'no-answer') return { kind: 'unknown', cause: reply.cause };
    const { message } = reply;
    if (message.rcodeName !== 'NOERROR' && message.rcodeName !== 'NXDOMAIN') {
      return { kind: 'unknown', cause: { code: 'dns-rcode', name: current, type, rcode: message.rcodeName } };
    }
    const chain = follow(message, current, type);
    if (!chain) break;
    const { last, records } = chain;
    aliases.push(...chain.aliases);
    if (records.length > 0) {
      const all = [...aliases, ...records];
      const data = records.map(record => record.data);
      return { kind: 'found', data, answers: all.map(({ text }) => text), ttl: ttlOf(all) };
    }
    const ttl = Math.min(ttlOf(aliases), negativeTtl(message));
    // The code speaks of the last name of a chain (RFC 6604 §2.1).
    if (message.rcodeName === 'NXDOMAIN') return { kind: 'no-such-name', ttl };
    const closed = message.authority.some(record => record.type === 'SOA');
    if (sameName(last, current)) {
      // NS records without SOA: "ask over there", which a stub cannot (RFC 2308 §2.2).
      const referral = !closed && message.authority.some(record => record.type === 'NS');
      return referral ? { kind: 'unknown', cause: { code: 'dns-referral', name: current } } : { kind: 'no-data', ttl };
    }
    if (closed) return { kind: 'no-data', ttl };
    if (passed.has(canonicalName(last))) break;
    current = last;
  }
  return { kind: 'unknown', cause: { code: 'cname-endless', name } };
}
