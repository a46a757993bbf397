/** Faults in a told run: one wide row for whatever goes wrong, and the fault again, where all is there that its kind needs. */
import { LINE_PORTS, MOMENTS } from '../protocols.ts';
import { EXTENSION_KEYWORDS, type ExtensionKeyword, type Fault, type LineAt } from '../world/fault.ts';
import type { HostId } from '../world/world.ts';
import { type Book, type Kind, made, number, oneOf, orAbsent } from './book.ts';
import { Garbled } from './columns.ts';

interface Wide {
  readonly kind: string;
  readonly id: string;
  readonly times: 'next' | 'always';
  readonly host?: HostId;
  readonly at?: LineAt;
  readonly between?: readonly [HostId, HostId];
  readonly name?: string;
  readonly type?: 'MX' | 'A' | 'AAAA' | 'any';
  readonly rcode?: 'NXDOMAIN' | 'SERVFAIL' | 'REFUSED';
  readonly exchange?: string;
  readonly sender?: string;
  readonly keyword?: ExtensionKeyword;
  readonly mailbox?: string;
  readonly user?: string;
  readonly text?: string;
  readonly code?: number;
  readonly octets?: number;
  readonly milliseconds?: number;
  readonly seconds?: number;
  readonly latency?: number;
  readonly bytesPerSecond?: number;
}

function need<T>(value: T | undefined): T {
  if (value === undefined) throw new Garbled('A fault lacks what its kind needs.');
  return value;
}

function faultOf(wide: Wide): Fault {
  const { kind, id, times } = wide;
  const which = { id, times };
  switch (kind) {
    case 'host-off':
    case 'host-silent':
    case 'disk-full':
      return { ...which, kind, host: need(wide.host) };
    case 'host-slow':
      return { ...which, kind, host: need(wide.host), milliseconds: need(wide.milliseconds) };
    case 'greylist':
      return { ...which, kind, host: need(wide.host), seconds: need(wide.seconds) };
    case 'refuses-sender':
      return { ...which, kind, host: need(wide.host), sender: need(wide.sender) };
    case 'lacks-extension':
      return { ...which, kind, host: need(wide.host), keyword: need(wide.keyword) };
    case 'mailbox-full':
      return { ...which, kind, mailbox: need(wide.mailbox) };
    case 'wrong-password':
      return { ...which, kind, user: need(wide.user) };
    case 'answer':
      return { ...which, kind, at: need(wide.at), code: need(wide.code), text: need(wide.text) };
    case 'delay':
      return { ...which, kind, at: need(wide.at), milliseconds: need(wide.milliseconds) };
    case 'drop':
    case 'reset':
    case 'lose-reply':
      return { ...which, kind, at: need(wide.at) };
    case 'cut':
    case 'stall':
      return { ...which, kind, at: need(wide.at), octets: need(wide.octets) };
    case 'slow-cable':
      return {
        ...which,
        kind,
        between: need(wide.between),
        latency: need(wide.latency),
        bytesPerSecond: need(wide.bytesPerSecond),
      };
    case 'dns-answer':
      return { ...which, kind, name: need(wide.name), type: need(wide.type), rcode: need(wide.rcode) };
    case 'dns-silence':
    case 'dns-truncate':
      return { ...which, kind, name: need(wide.name), type: need(wide.type) };
    case 'dns-wrong-mx':
      return { ...which, kind, name: need(wide.name), exchange: need(wide.exchange) };
    case 'dns-ttl':
      return { ...which, kind, name: need(wide.name), seconds: need(wide.seconds) };
    default:
      throw new Garbled('A fault of no known kind.');
  }
}

export function faultIn(book: Book): Kind<Fault> {
  const { text } = book;
  const [some, count] = [orAbsent(text), orAbsent(number)];
  const pair = book.record<{ readonly one: HostId; readonly other: HostId }>({ one: text, other: text });
  const line = book.record<LineAt>({
    server: text,
    port: oneOf(...LINE_PORTS),
    verb: oneOf(...MOMENTS),
    client: some,
  });
  const wide = book.record<Wide>({
    kind: text,
    id: text,
    times: oneOf('next', 'always'),
    host: some,
    at: orAbsent(line),
    between: orAbsent(
      made<readonly [HostId, HostId], { readonly one: HostId; readonly other: HostId }>(
        pair,
        ({ one, other }) => [one, other],
        ([one, other]) => ({ one, other }),
      ),
    ),
    name: some,
    type: orAbsent(oneOf('MX', 'A', 'AAAA', 'any')),
    rcode: orAbsent(oneOf('NXDOMAIN', 'SERVFAIL', 'REFUSED')),
    exchange: some,
    sender: some,
    keyword: orAbsent(oneOf(...EXTENSION_KEYWORDS)),
    mailbox: some,
    user: some,
    text: some,
    code: count,
    octets: count,
    milliseconds: count,
    seconds: count,
    latency: count,
    bytesPerSecond: count,
  });
  return made<Fault, Wide>(wide, faultOf, fault => fault);
}
