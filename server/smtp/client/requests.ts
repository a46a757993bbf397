/** The lines by which an SMTP client asks for a transaction, with what this server's EHLO offered and nothing else (RFC 5321 §4.1.1.11). Pure. */
import { utf8 } from '../../../shared/bytes.ts';
import { crlfForm } from '../../base/crlf.ts';
import type { Envelope, RecipientDsn } from '../envelope.ts';
import { hasEightBit } from '../message/dot-stuffing.ts';
import { inLines } from '../message/recode.ts';
import { type Fate, ours } from './fate.ts';
import type { Offers } from './introduce.ts';

export interface Requests {
  readonly mail: string;
  /** Those who can be named at all, in the order of the envelope. */
  readonly rcpt: readonly { readonly recipient: string; readonly line: string }[];
  /** What becomes of the others. */
  readonly unsendable: ReadonlyMap<string, Fate>;
}

const isAscii = (text: string): boolean => Buffer.byteLength(text) === text.length;

/** Null where the address can stand in a command line of this conversation. */
function unsendable(address: string, offers: Offers): Fate | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they would end the line
  if (/[\x00-\x1f\x7f]/.test(address)) return ours('5.1.3', { code: 'bad-address', address });
  return isAscii(address) || offers.has('SMTPUTF8') ? null : ours('5.6.7', { code: 'address-needs-smtputf8', address });
}

/** A header in UTF-8 (RFC 6532). Octets that are not even that are nobody's rule, and go as they always went. */
function hasUtf8Header(message: Buffer): boolean {
  const end = message.indexOf('\r\n\r\n');
  const header = end === -1 ? message : message.subarray(0, end);
  return hasEightBit(header) && utf8(header) !== null;
}

/** `KEYWORD=value` where there is a value that can stand in a line. */
const parameter = (keyword: string, value: string | undefined, beyondAscii: boolean): string =>
  value !== undefined && (beyondAscii ? /^[!-~\u0080-\uffff]+$/ : /^[!-~]+$/).test(value) ? ` ${keyword}=${value}` : '';

function rcptLine(recipient: string, offers: Offers, dsn: RecipientDsn | undefined): string {
  if (!offers.has('DSN')) return `RCPT TO:<${recipient}>`;
  const notify = parameter('NOTIFY', dsn?.notify?.join(','), false);
  return `RCPT TO:<${recipient}>${notify}${parameter('ORCPT', dsn?.orcpt, offers.has('SMTPUTF8'))}`;
}

/** How the octets of a letter go: as they are, in one BDAT, or in lines. */
export interface Carriage {
  readonly binary: boolean;
  readonly message: Buffer;
}

/**
 * A letter of BODY=BINARYMIME goes as it is where that is offered. Elsewhere its author may put it into lines; anybody else has
 * to give it up rather than change it (RFC 3030 §3; 5.6.3 is "conversion required but not supported", RFC 3463 §3.7).
 */
export function carriageOf(
  offers: Offers,
  { body }: Envelope,
  letter: { readonly message: Buffer; readonly recodes: boolean },
): Carriage | Fate {
  if (body !== 'BINARYMIME') return { binary: false, message: crlfForm(letter.message) };
  // One without the other promises nothing that can be used.
  if (offers.has('BINARYMIME') && offers.has('CHUNKING')) return { binary: true, message: letter.message };
  return letter.recodes
    ? { binary: false, message: inLines(letter.message) }
    : ours('5.6.3', { code: 'needs-binarymime' });
}

/** The requests, or why this letter cannot go this way at all. */
export function requestsFor(offers: Offers, envelope: Envelope, { binary, message }: Carriage): Requests | Fate {
  const { reversePath, recipients } = envelope;
  const badSender = unsendable(reversePath, offers);
  if (badSender) return badSender;
  const utf8Header = hasUtf8Header(message);
  if (utf8Header && !offers.has('SMTPUTF8')) {
    return ours('5.6.7', { code: 'header-needs-smtputf8' });
  }
  const eightBit = !binary && hasEightBit(message);
  if (eightBit && !offers.has('8BITMIME')) {
    return ours('5.6.3', { code: 'needs-8bitmime' });
  }
  const refused = new Map<string, Fate>();
  for (const recipient of recipients) {
    const fate = unsendable(recipient, offers);
    if (fate) refused.set(recipient, fate);
  }
  const sendable = recipients.filter(recipient => !refused.has(recipient));
  const beyondAscii = envelope.smtpUtf8 || utf8Header || ![reversePath, ...sendable].every(isAscii);
  const parameters = [
    offers.has('SIZE') ? ` SIZE=${message.length}` : '',
    binary ? ' BODY=BINARYMIME' : '',
    eightBit ? ' BODY=8BITMIME' : '',
    beyondAscii && offers.has('SMTPUTF8') ? ' SMTPUTF8' : '',
    offers.has('DSN') ? parameter('RET', envelope.ret, false) + parameter('ENVID', envelope.envid, false) : '',
  ];
  return {
    mail: `MAIL FROM:<${reversePath}>${parameters.join('')}`,
    rcpt: sendable.map(recipient => ({ recipient, line: rcptLine(recipient, offers, envelope.dsn?.[recipient]) })),
    unsendable: refused,
  };
}
