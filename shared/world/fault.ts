/** Faults: what is to go wrong in a world, where it will strike, and whether once or always. Data; nothing in here is random. */
import type { LinePort, Moment } from '../protocols.ts';
import type { HostId } from './world.ts';

/** The moments of a conversation at which a fault can strike: the server's greeting, a verb of SMTP or POP3, or the dot that ends a letter. */
export type LineVerb = Moment;

/** A coming line: said to (or, for GREETING, by) this server, on this port. `client`: only where this host is the one that called. */
export interface LineAt {
  readonly server: HostId;
  readonly port: LinePort;
  readonly verb: LineVerb;
  readonly client?: HostId;
}

export type DnsType = 'MX' | 'A' | 'AAAA' | 'any';

/** What goes wrong. `name` of a DNS fault is the name asked for, in lower case without the last dot. */
export type FaultWhat =
  /** `always`: its power is out, connections break and its queue waits on the disk. `next`: the next call is refused. */
  | { readonly kind: 'host-off'; readonly host: HostId }
  /** It does not answer a call at all: whoever dials waits until the time-out. */
  | { readonly kind: 'host-silent'; readonly host: HostId }
  /** Each of its replies comes so much later. */
  | { readonly kind: 'host-slow'; readonly host: HostId; readonly milliseconds: number }
  /** 452 4.3.1 after the end of data. */
  | { readonly kind: 'disk-full'; readonly host: HostId }
  /** 451 4.7.1 at RCPT to a (client, sender, recipient) first seen less than `seconds` ago (RFC 6647). */
  | { readonly kind: 'greylist'; readonly host: HostId; readonly seconds: number }
  /** 550 5.7.1 at MAIL from this address, or from this domain where it has no @. */
  | { readonly kind: 'refuses-sender'; readonly host: HostId; readonly sender: string }
  /** EHLO does not offer this keyword, and the server does not know it. */
  | { readonly kind: 'lacks-extension'; readonly host: HostId; readonly keyword: ExtensionKeyword }
  /** 452 4.2.2 at RCPT, whatever the quota. `mailbox` is the address of a user. */
  | { readonly kind: 'mailbox-full'; readonly mailbox: string }
  /** The mail client of this user has the wrong password: the server refuses it, as it is. */
  | { readonly kind: 'wrong-password'; readonly user: string }
  /** The server answers this instead of doing what it is asked. POP3 has no codes: it answers -ERR with the text. */
  | { readonly kind: 'answer'; readonly at: LineAt; readonly code: number; readonly text: string }
  /** The reply comes so much later. */
  | { readonly kind: 'delay'; readonly at: LineAt; readonly milliseconds: number }
  /** The line is not passed on, and both ends find the connection closed. */
  | { readonly kind: 'drop'; readonly at: LineAt }
  /** The same, with a reset. */
  | { readonly kind: 'reset'; readonly at: LineAt }
  /** After so many octets of the letter's content the connection is reset. `at.verb` is END-OF-DATA. */
  | { readonly kind: 'cut'; readonly at: LineAt; readonly octets: number }
  /** After so many octets of the letter's content nothing more crosses, and nobody is told. `at.verb` is END-OF-DATA. */
  | { readonly kind: 'stall'; readonly at: LineAt; readonly octets: number }
  /** The server does what it was asked and says so; the reply is lost and the connection breaks. */
  | { readonly kind: 'lose-reply'; readonly at: LineAt }
  /** The cable between the two: `latency` milliseconds each way, `bytesPerSecond` 0 is no limit. */
  | {
      readonly kind: 'slow-cable';
      readonly between: readonly [HostId, HostId];
      readonly latency: number;
      readonly bytesPerSecond: number;
    }
  | {
      readonly kind: 'dns-answer';
      readonly name: string;
      readonly type: DnsType;
      readonly rcode: 'NXDOMAIN' | 'SERVFAIL' | 'REFUSED';
    }
  | { readonly kind: 'dns-silence'; readonly name: string; readonly type: DnsType }
  /** The UDP answer is empty and says TC, so that whoever asked asks again over TCP. */
  | { readonly kind: 'dns-truncate'; readonly name: string; readonly type: DnsType }
  /** The MX answer names this exchange alone. */
  | { readonly kind: 'dns-wrong-mx'; readonly name: string; readonly exchange: string }
  /** Answers about the name say this TTL. */
  | { readonly kind: 'dns-ttl'; readonly name: string; readonly seconds: number };

export type FaultKind = FaultWhat['kind'];

/** Keywords of EHLO that a server can be made to lack. */
export const EXTENSION_KEYWORDS = [
  'PIPELINING',
  'SIZE',
  '8BITMIME',
  'SMTPUTF8',
  'DSN',
  'CHUNKING',
  'BINARYMIME',
  'ENHANCEDSTATUSCODES',
] as const;
export type ExtensionKeyword = (typeof EXTENSION_KEYWORDS)[number];

/** `id` is unique in its world ("f3"). `next`: strikes once and is gone. `always`: until somebody clears it. */
export type Fault = FaultWhat & { readonly id: string; readonly times: 'next' | 'always' };
export type FaultOf<Kind extends FaultKind> = Extract<Fault, { readonly kind: Kind }>;
