/** The stamps a letter gets on its way (RFC 5321 §4.4): `Received:` at every server, `Return-Path:` at the last. Pure. */
import { isIPv6 } from 'node:net';
import { recordedMessageId } from '../../../shared/trace/event.ts';
import { fieldValue, headerFields, withFieldsOnTop, withoutFields } from './header-fields.ts';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (value: number): string => String(value).padStart(2, '0');

/**
 * A date-time with a numeric zone, in UTC: `Mon, 23 Nov 2026 11:15:18 +0000` (RFC 5322 §3.3). Always as long: a letter must not
 * weigh less on the first nine days of a month.
 */
export const dateTime = (date: Date): string =>
  `${DAYS[date.getUTCDay()]}, ${two(date.getUTCDate())} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()} ` +
  `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} +0000`;

export interface ReceivedFacts {
  /** What the client called itself in HELO or EHLO. */
  readonly greeting: string;
  /** What the reverse zone calls its address; null: no name. */
  readonly reverseName: string | null;
  /** Its address in the world. */
  readonly address: string;
  readonly by: string;
  /** RFC 3848; the last two where MAIL said SMTPUTF8 (RFC 6531 §4.3). */
  readonly protocol: 'SMTP' | 'ESMTP' | 'ESMTPA' | 'UTF8SMTP' | 'UTF8SMTPA';
  readonly id: string;
  /** Named only when it is the only one: a stamp must not betray a Bcc (RFC 5321 §7.2). */
  readonly recipients: readonly string[];
  readonly date: Date;
}

const tcpInfo = (address: string): string => (isIPv6(address) ? `[IPv6:${address}]` : `[${address}]`);

/** The whole field, folded, with its last CRLF. */
export function receivedField(facts: ReceivedFacts): string {
  const [only, ...others] = facts.recipients;
  const lines = [
    `Received: from ${facts.greeting} (${facts.reverseName ?? 'unknown'} ${tcpInfo(facts.address)})`,
    `by ${facts.by} with ${facts.protocol} id ${facts.id}`,
    ...(only !== undefined && others.length === 0 ? [`for <${only}>`] : []),
  ];
  return `${lines.join('\r\n\t')};\r\n\t${dateTime(facts.date)}\r\n`;
}

/** The whole field with its CRLF; '' gives `<>`. */
const returnPathField = (reversePath: string): string => `Return-Path: <${reversePath}>\r\n`;

/** What final delivery stores: our Return-Path on the first line, none of anybody else's (RFC 5321 §4.4). */
export const withReturnPath = (message: Buffer, reversePath: string): Buffer =>
  withFieldsOnTop(withoutFields(message, ['return-path']), returnPathField(reversePath));

/** How many servers have stamped it (RFC 5321 §6.3). */
export const countReceived = (message: Buffer): number =>
  headerFields(message).filter(field => field.name === 'received').length;

/** The Message-ID with its angle brackets, as much of it as is recorded, or '' where there is none. */
export function messageIdOf(message: Buffer): string {
  const field = headerFields(message).find(({ name }) => name === 'message-id');
  return recordedMessageId(field ? (/<[^<>\s]+>/.exec(fieldValue(message, field))?.[0] ?? '') : '');
}
