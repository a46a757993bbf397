/** The fields of faults: what a fault can be told, each with its type and its bounds stated once. */

import type { LinePort, Moment } from '../protocols.ts';

/** A host of the world, by its fully qualified domain name in lower case. */
type HostName = string;

/** The moments of a conversation at which a fault can strike: the server's greeting, a verb of SMTP or POP3, or the dot that ends a letter. */
export type LineVerb = Moment;

/** A coming line: said to (or, for GREETING, by) this server, on this port. `client`: only where this host is the one that called. */
export interface LineAt {
  readonly server: HostName;
  readonly port: LinePort;
  readonly verb: LineVerb;
  readonly client?: HostName;
}

export const DNS_TYPES = ['MX', 'A', 'AAAA', 'any'] as const;
type DnsType = (typeof DNS_TYPES)[number];
/** Answers of DNS that are none. */
export const RCODES = ['NXDOMAIN', 'SERVFAIL', 'REFUSED'] as const;
type Rcode = (typeof RCODES)[number];

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

/** Most of each whole number; none is negative. */
export const MOST = { milliseconds: 600_000, seconds: 31_536_000, octets: 2 ** 30 } as const;
/** RFC 5321 §4.2.1: the replies that refuse. */
export const REFUSING_CODES = { least: 400, most: 599 } as const;
/** The text of a reply crosses as it is written: one line of ASCII. */
export const REPLY_TEXT = /^[ -~]*$/;
export const LONGEST_REPLY_TEXT = 400;

export interface FaultFields {
  readonly host: HostName;
  readonly at: LineAt;
  readonly between: readonly [HostName, HostName];
  /** The name asked for, in lower case without the last dot. */
  readonly name: string;
  readonly type: DnsType;
  readonly rcode: Rcode;
  /** A host, or '' for none. */
  readonly exchange: string;
  /** An address, or a domain where it has no @. */
  readonly sender: string;
  readonly keyword: ExtensionKeyword;
  /** The address of a user. */
  readonly mailbox: string;
  /** The address of a user. */
  readonly user: string;
  readonly text: string;
  readonly code: number;
  /** Of the letter's content, header and body. */
  readonly octets: number;
  readonly milliseconds: number;
  /** Of world time. */
  readonly seconds: number;
  /** Milliseconds each way. */
  readonly latency: number;
  /** 0 is no limit. */
  readonly bytesPerSecond: number;
}
export type FieldName = keyof FaultFields;
