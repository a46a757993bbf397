/** Tells DNS questions and answers, whether they came as datagrams or over TCP: postcards, not letters. */

import { joined } from '../../bytes.ts';
import { type DnsMessage, decodeDns, dnsFrames } from '../../decode/dns.ts';
import { captions } from '../../explain/captions.ts';
import { called } from '../../explain/words/wording.ts';
import type { Fault } from '../../faults/fault.ts';
import { protocolAt } from '../../protocols.ts';
import type { Outcome } from '../../story/story.ts';
import type { ConnectionId, Endpoint, Side, TraceEvent } from '../../trace/event.ts';
import { arranged } from '../occurrences/arranged.ts';
import { Connection } from '../occurrences/connection.ts';
import { short } from '../occurrences/label.ts';
import type { BeatOf, Occurrence } from '../occurrences/occurrence.ts';
import type { Telling } from '../occurrences/telling.ts';

const isAddress = (type: string): boolean => type === 'A' || type === 'AAAA';

/** "? MX green.example" */
const questionText = (message: DnsMessage): string =>
  message.questions.map(({ type, name }) => `? ${type} ${name}`).join('\n');

function answerText(message: DnsMessage): string {
  if (message.rcode !== 0) return message.rcodeName;
  if (message.truncated) return 'truncated: ask again over TCP';
  const answers = message.answers.map(record => record.text);
  return answers.length > 0 ? answers.join('\n') : `no ${message.questions[0]?.type ?? ''} record`;
}

const isTrouble = (message: DnsMessage): boolean => message.rcode !== 0 && message.rcodeName !== 'NXDOMAIN';

/** One DNS message between two hosts, behind `framing` octets; `exchange` is the datagrams' or the TCP connection's name. */
export function tellDns(
  telling: Telling,
  exchange: ConnectionId,
  from: Endpoint,
  to: Endpoint,
  bytes: Uint8Array,
  event: TraceEvent,
  framing = 0,
): Occurrence[] {
  const message = decodeDns(bytes.subarray(framing));
  const answer = message?.response ?? protocolAt(from.port) === 'dns';
  const [client, server] = answer ? [to, from] : [from, to];
  const connection = new Connection(exchange, 'dns', client, server, telling);
  const question = message?.questions[0];
  const name = question?.name.toLowerCase() ?? '';
  const type = question?.type ?? '?';
  const thread = `dns ${client.host} ${name}`;
  const asker = called(telling.world, client.host);
  const verdict: Outcome = !answer ? null : !message || isTrouble(message) ? 'wait' : message.rcode !== 0 ? 'no' : 'ok';
  const text = message ? (answer ? answerText(message) : questionText(message)) : 'not a DNS message';
  const line = connection.line({
    text,
    bytes,
    framing,
    from: answer ? 'server' : 'client',
    role: answer ? 'answer' : 'question',
    verdict,
    letter: null,
  });
  const label = answer
    ? text
        .split('\n')
        .slice(0, 2)
        .map(each => short(each, 26))
    : [`${type} ?`, short(name, 26)];
  const asking = `${type} ${name}`;
  const silence = !answer && telling.asked(client.host, asking, event.at);
  if (answer) telling.answered(client.host, asking);
  const fault = telling.arranged.atName(exchange, name);
  const beat = message
    ? becauseOf(
        silence ? silenceOf(thread, asker, name) : beatOf(thread, asker, message, exchange),
        silence || answer ? fault : null,
        telling,
      )
    : {
        key: `${exchange} odd`,
        name: 'dns.other' as const,
        chapter: 'other' as const,
        caption: captions.other('dns', 'A packet that is no DNS message'),
      };
  return [
    {
      ...connection.occurs(event, beat, {
        hosts: connection.hosts,
        line,
        settles: answer,
        stays: false,
        failed: silence || verdict === 'wait' || (verdict === 'no' && type === 'MX'),
        motion: {
          kind: 'postcard',
          protocol: 'dns',
          from: from.host,
          to: to.host,
          label,
          reply: answer,
          verdict,
          letter: null,
        },
      }),
      thread,
    },
  ];
}

/** The question again, because nothing came back. */
const silenceOf = (thread: string, asker: string, name: string): BeatOf => ({
  key: `${thread} silence`,
  name: 'dns.silence',
  chapter: 'find-the-server',
  caption: captions.dnsSilence(asker, name),
});

/** Where a fault is behind it, the beat says so, and is one of its own. */
const becauseOf = (beat: BeatOf, fault: Fault | null, { world }: Telling): BeatOf =>
  fault === null ? beat : { ...beat, key: `${beat.key} ${fault.id}`, caption: arranged(beat.caption, fault, world) };

function beatOf(thread: string, asker: string, message: DnsMessage, exchange: ConnectionId): BeatOf {
  const question = message.questions[0];
  const name = question?.name.toLowerCase() ?? '';
  const type = question?.type ?? '?';
  const chapter = 'find-the-server' as const;
  if (!message.response) {
    if (type === 'MX')
      return {
        key: `${thread} ${exchange} mx?`,
        name: 'mx-question',
        chapter,
        caption: captions.mxQuestion(asker, name),
      };
    if (isAddress(type)) return { key: `${thread} address`, name: 'address', chapter, caption: captions.address(name) };
    return {
      key: `${thread} ${exchange}`,
      name: 'dns.question',
      chapter,
      caption: captions.dnsQuestion(asker, name, type),
    };
  }
  if (message.truncated)
    return { key: `${thread} ${exchange} cut`, name: 'dns.truncated', chapter, caption: captions.dnsTruncated(name) };
  if (isTrouble(message))
    return {
      key: `${thread} ${exchange} trouble`,
      name: 'dns.trouble',
      chapter,
      caption: captions.dnsTrouble(message.rcodeName),
    };
  if (message.rcode !== 0)
    return { key: `${thread} ${exchange} no`, name: 'dns.no-such-name', chapter, caption: captions.noSuchName(name) };
  if (isAddress(type)) return { key: `${thread} address`, name: 'address', chapter, caption: captions.address(name) };
  if (type !== 'MX')
    return { key: `${thread} ${exchange}`, name: 'dns.answer', chapter, caption: captions.dnsAnswer(name, type) };
  const exchangers = message.answers.flatMap(({ data }) => (data.type === 'MX' ? [data] : []));
  const [first] = exchangers.toSorted((one, other) => one.preference - other.preference);
  const key = `${thread} ${exchange} mx!`;
  if (!first) return { key, name: 'mx-answer', chapter, caption: captions.noData(name, 'MX') };
  if (first.exchange === '.' || first.exchange === '')
    return { key, name: 'mx-answer', chapter, caption: captions.nullMx(name) };
  return {
    key,
    name: 'mx-answer',
    chapter,
    caption: captions.mxAnswer(first.exchange, first.preference, exchangers.length - 1),
  };
}

/** Octets of a message's length before it. */
const LENGTH = 2;

/** DNS over TCP: each message behind its length (RFC 1035 §4.2.2). */
export class DnsReader {
  private readonly connection: Connection;
  private readonly flows: Record<Side, Uint8Array> = { client: new Uint8Array(0), server: new Uint8Array(0) };

  constructor(connection: Connection) {
    this.connection = connection;
  }

  hello(): BeatOf {
    const { id, world, from } = this.connection;
    return {
      key: `${id} dns`,
      name: 'dns.tcp',
      chapter: 'find-the-server',
      caption: captions.dnsOverTcp(called(world, from.host)),
    };
  }

  read(side: Side, bytes: Uint8Array, event: TraceEvent): Occurrence[] {
    const { id, from, to, telling } = this.connection;
    const stream = joined([this.flows[side], bytes]);
    const { frames, rest } = dnsFrames(stream);
    this.flows[side] = stream.subarray(rest);
    const [source, target] = side === 'client' ? [from, to] : [to, from];
    return frames.flatMap(frame =>
      tellDns(telling, id, source, target, stream.subarray(frame.from - LENGTH, frame.to), event, LENGTH),
    );
  }
}
