/** One DNS packet in, one out or none: header, EDNS, size and every kind of mistake, without a socket (RFC 1035 §4, RFC 6891, RFC 8906). */
import { type DnsMessage, decodeDns, decodeDnsHeader } from '../../shared/decode/dns.ts';
import type { Zone } from '../../shared/world/world.ts';
import { encodeDns, type Sections } from './encode.ts';
import { type Setback, spoilAnswer } from './setback.ts';
import { answerQuestion, recordsOf } from './zone.ts';

/** What every resolver can take without EDNS (RFC 1035 §4.2.1). */
const PLAIN_UDP = 512;
/** What passes every common path in one piece, and what an OPT record of ours says. */
const EDNS_UDP = 1232;
const TCP = 0xffff;

const FORMERR = 1;
const NOTIMP = 4;
const REFUSED = 5;
const BADVERS = 16;
const RCODE = { NOERROR: 0, SERVFAIL: 2, NXDOMAIN: 3, REFUSED } as const;

/** Null where there is no OPT record or not exactly one where it belongs. */
function edns(query: DnsMessage): { readonly size: number; readonly version: number } | 'none' | 'malformed' {
  const everywhere = [...query.answers, ...query.authority, ...query.additional].filter(one => one.type === 'OPT');
  const [opt] = query.additional.filter(one => one.type === 'OPT');
  if (everywhere.length === 0) return 'none';
  if (everywhere.length > 1 || opt?.name !== '.' || opt.data.type !== 'OPT') return 'malformed';
  return { size: opt.data.udpPayloadSize, version: opt.data.version };
}

/**
 * The answer to the octets of one message; null where silence is the right answer: fewer than twelve octets, or itself an
 * answer (two servers would talk for ever). `setback` says what goes wrong with it. Throws a RangeError only where a zone holds
 * what no message can carry.
 */
export function respond(
  zones: readonly Zone[],
  bytes: Uint8Array,
  transport: 'udp' | 'tcp',
  setback: Setback = {},
): Buffer | null {
  const header = decodeDnsHeader(bytes);
  if (!header || header.response) return null;
  const query = decodeDns(bytes);
  const opt = query ? edns(query) : 'none';
  const offered = typeof opt === 'object' ? opt.size : PLAIN_UDP;
  const limit = transport === 'tcp' ? TCP : Math.min(Math.max(offered, PLAIN_UDP), EDNS_UDP);
  const questions =
    query?.questions.length === 1
      ? query.questions.map(({ name, range }) => ({
          name,
          // As asked, so that types and classes without a name come back unchanged.
          typeCode: ((bytes[range.to - 4] ?? 0) << 8) | (bytes[range.to - 3] ?? 0),
          klassCode: ((bytes[range.to - 2] ?? 0) << 8) | (bytes[range.to - 1] ?? 0),
        }))
      : [];
  const reply = (rcode: number, sections: Partial<Sections> = {}, authoritative = false): Buffer =>
    encodeDns(
      {
        id: header.id,
        response: true,
        opcode: header.opcode,
        authoritative,
        truncated: setback.truncate ?? false,
        recursionDesired: header.recursionDesired,
        rcode,
      },
      {
        questions,
        answers: [],
        authority: [],
        additional: [],
        additionalNeeded: false,
        edns: opt === 'none' ? null : EDNS_UDP,
        ...sections,
      },
      limit,
    );

  // An unknown opcode may have sections of its own shape, so it comes before "malformed".
  if (header.opcode !== 0) return reply(NOTIMP);
  if (!query || query.trailing > 0 || opt === 'malformed') return reply(FORMERR);
  if (typeof opt === 'object' && opt.version !== 0) return reply(BADVERS);
  const [question] = query.questions;
  // RFC 9619 §4: exactly one.
  if (!question || query.questions.length !== 1) return reply(FORMERR);
  if (question.klass !== 'IN') return reply(REFUSED);

  const answer = spoilAnswer(zones, question.name, answerQuestion(zones, question), setback);
  return reply(
    RCODE[answer.rcode],
    {
      answers: answer.answers,
      authority: answer.authority,
      additional: answer.additional,
      additionalNeeded: answer.referral,
    },
    answer.authoritative,
  );
}

/** Throws a RangeError with the zone's name where a record cannot be put into a DNS message, so that it is found at the start. */
export function checkZones(zones: readonly Zone[]): void {
  const header = { id: 0, response: true, opcode: 0, authoritative: true, recursionDesired: false, rcode: 0 };
  for (const zone of zones) {
    for (const record of recordsOf(zone)) {
      const sections = { questions: [], answers: [[record]], authority: [], additional: [], edns: null };
      try {
        encodeDns(header, { ...sections, additionalNeeded: false }, TCP);
      } catch (error) {
        if (error instanceof RangeError) throw new RangeError(`zone ${zone.name}: ${error.message}`);
        throw error;
      }
    }
  }
}
