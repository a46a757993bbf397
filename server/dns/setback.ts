/** What goes wrong with one DNS question: which of the world's faults strike it, and what they make of the answer. */
import type { DnsQuestion } from '../../shared/decode/dns.ts';
import { canonicalName } from '../../shared/decode/dns-name.ts';
import type { FaultOf } from '../../shared/faults/fault.ts';
import type { ConnectionId } from '../../shared/trace/event.ts';
import type { HostId, Zone } from '../../shared/world/world.ts';
import type { FaultBook } from '../base/faults.ts';
import type { RRset } from './encode.ts';
import { negativeFor, type ZoneAnswer } from './zone.ts';

/** All of it may come together. */
export interface Setback {
  /** Instead of an answer. */
  readonly rcode?: 'NXDOMAIN' | 'SERVFAIL' | 'REFUSED';
  /** The answer is empty and says TC. */
  readonly truncate?: true;
  /** The MX answer names this host alone. */
  readonly exchange?: string;
  /** Seconds that everything in the answer says of itself, "no" as well. */
  readonly ttl?: number;
}

/** The answer, or one that is none; SERVFAIL is nothing that a zone would ever say. */
export type SpoiltAnswer = Omit<ZoneAnswer, 'rcode'> & { readonly rcode: ZoneAnswer['rcode'] | 'SERVFAIL' };

type TypedFault = FaultOf<'dns-answer' | 'dns-silence' | 'dns-truncate'>;

/** Strikes; null where the right answer is none at all. */
export function setbackFor(
  faults: FaultBook,
  question: DnsQuestion,
  transport: 'udp' | 'tcp',
  where: { readonly host: HostId; readonly connection?: ConnectionId },
): Setback | null {
  const asked = canonicalName(question.name);
  const hits = ({ name }: { readonly name: string }): boolean => canonicalName(name) === asked;
  const hitsType = (fault: TypedFault): boolean =>
    hits(fault) && (fault.type === 'any' || fault.type === question.type);
  if (faults.strike('dns-silence', hitsType, where)) return null;
  if (transport === 'udp' && faults.strike('dns-truncate', hitsType, where)) return { truncate: true };
  const refusal = faults.strike('dns-answer', hitsType, where);
  const wrong = refusal === null && question.type === 'MX' ? faults.strike('dns-wrong-mx', hits, where) : null;
  const ttl = faults.strike('dns-ttl', hits, where);
  return {
    ...(refusal && { rcode: refusal.rcode }),
    ...(wrong && { exchange: wrong.exchange }),
    ...(ttl && { ttl: ttl.seconds }),
  };
}

const empty = { answers: [], authority: [], additional: [], referral: false } as const;

/** Every record says `ttl`, and an SOA that "no" may be remembered as long (RFC 2308 §5). */
const lasting = (rrsets: readonly RRset[], ttl: number): readonly RRset[] =>
  rrsets.map(rrset =>
    rrset.map(({ name, data }) => ({ name, ttl, data: data.type === 'SOA' ? { ...data, minimum: ttl } : data })),
  );

/** What becomes of the answer to a question for `name`. Pure. */
export function spoilt(zones: readonly Zone[], name: string, answer: ZoneAnswer, setback: Setback): SpoiltAnswer {
  const { rcode, truncate, exchange, ttl } = setback;
  if (truncate) return { ...answer, ...empty };
  const wrong = (): SpoiltAnswer => {
    if (rcode !== undefined) {
      const authority = rcode === 'NXDOMAIN' ? negativeFor(zones, name) : [];
      return { ...empty, rcode, authoritative: authority.length > 0, authority };
    }
    if (exchange === undefined) return answer;
    const told = answer.answers.flat().find(record => record.data.type === 'MX');
    const record = { name, ttl: told?.ttl ?? 3600, data: { type: 'MX', preference: 0, exchange } } as const;
    return { ...empty, rcode: 'NOERROR', authoritative: true, answers: [[record]] };
  };
  const altered = wrong();
  if (ttl === undefined) return altered;
  return { ...altered, answers: lasting(altered.answers, ttl), authority: lasting(altered.authority, ttl) };
}
