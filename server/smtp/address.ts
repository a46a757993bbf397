/** The grammar of paths and mailboxes (RFC 5321 §4.1.2, RFC 6531 §3.3): what stands between the angle brackets of MAIL and RCPT. Pure. */
import { isIPv4, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';

export interface Mailbox {
  /** As given: case and quotes kept (RFC 5321 §2.4). */
  readonly localPart: string;
  /** In lower case and in A-labels, as DNS knows it (RFC 5890); an address literal keeps its brackets: `[192.0.2.1]`. */
  readonly domain: string;
  /** `localPart@domain`, the local part with the least quoting: all quoted forms of it are one (RFC 5321 §4.1.2). */
  readonly address: string;
}

export type Path =
  | { readonly kind: 'null' }
  /** `<Postmaster>` without a domain, in any case: whoever runs this host (RFC 5321 §4.5.1). */
  | { readonly kind: 'postmaster' }
  | ({ readonly kind: 'mailbox' } & Mailbox);

export type PathRead =
  | {
      readonly ok: true;
      readonly path: Path;
      /** As it was written it is only for those who said SMTPUTF8 (RFC 6531). */
      readonly beyondAscii: boolean;
      /** What follows the closing bracket. */
      readonly rest: string;
    }
  | { readonly ok: false; readonly problem: 'syntax' | 'too-long' };

/** UTF8-non-ascii: whether it is allowed here is for the caller to say. */
const BEYOND = '\\u0080-\\uffff';
const ATOM = `[A-Za-z0-9!#$%&'*+/=?^_\`{|}~${BEYOND}-]+`;
const DOT_STRING = `${ATOM}(?:\\.${ATOM})*`;
const QUOTED_STRING = `"(?:[ !#-\\[\\]-~${BEYOND}]|\\\\[ -~])*"`;
// The underscore is not in the grammar, but in many a host name.
const LABEL = `[A-Za-z0-9_${BEYOND}](?:[A-Za-z0-9_${BEYOND}-]*[A-Za-z0-9_${BEYOND}])?`;
const DOMAIN = `${LABEL}(?:\\.${LABEL})*`;
const LITERAL = '\\[[!-Z^-~]+\\]';
const MAILBOX = `(${DOT_STRING}|${QUOTED_STRING})@(${DOMAIN}|${LITERAL})`;
// A source route is read over: only the last address counts (RFC 5321 §3.6.1, appendix C).
const ROUTE = `(?:@${DOMAIN}(?:,@${DOMAIN})*:)?`;
const PATH = new RegExp(`^<${ROUTE}${MAILBOX}>`);
const BARE_MAILBOX = new RegExp(`^${MAILBOX}$`);
const HOST_NAME = new RegExp(`^(?:${DOMAIN}|${LITERAL})$`);

const isPrintable = (text: string): boolean => /^[ -~]*$/.test(text);

/** Octets (RFC 5321 §4.5.3.1.1–3). */
const LOCAL_PART_LIMIT = 64;
const DOMAIN_LIMIT = 255;
const PATH_LIMIT = 256;

const literalIsSound = (literal: string): boolean => {
  const inside = literal.slice(1, -1);
  if (/^ipv6:/i.test(inside)) return isIPv6(inside.slice(5));
  return isIPv4(inside) || /^[A-Za-z0-9-]*[A-Za-z0-9]:./.test(inside);
};

const domainIsSound = (domain: string): boolean =>
  domain.startsWith('[') ? literalIsSound(domain) : domain.split('.').every(label => label.length <= 63);

const IS_DOT_STRING = new RegExp(`^${DOT_STRING}$`);

/** A quoted string says no more than what it quotes: `"bob"` and `"b\\ob"` are bob (RFC 5321 §4.1.2). */
function withLeastQuoting(localPart: string): string {
  if (!localPart.startsWith('"')) return localPart;
  const quoted = localPart.slice(1, -1).replaceAll(/\\(.)/g, '$1');
  return IS_DOT_STRING.test(quoted) ? quoted : `"${quoted.replaceAll(/["\\]/g, '\\$&')}"`;
}

/** U-labels become A-labels, '' where they cannot. */
const inALabels = (domain: string): string => (isPrintable(domain) ? domain.toLowerCase() : domainToASCII(domain));

function mailboxOf(localPart: string, written: string): Mailbox | 'syntax' | 'too-long' {
  const domain = inALabels(written);
  const local = Buffer.byteLength(localPart);
  if (local > LOCAL_PART_LIMIT || domain.length > DOMAIN_LIMIT) return 'too-long';
  if (local + domain.length + 3 > PATH_LIMIT) return 'too-long';
  if (domain === '' || !domainIsSound(domain)) return 'syntax';
  return { localPart, domain, address: `${withLeastQuoting(localPart)}@${domain}` };
}

/** Reads the path that `text` begins with; characters beyond ASCII are let through. */
export function parsePath(text: string): PathRead {
  const read = (path: Path, length: number): PathRead => {
    const beyondAscii = !isPrintable(text.slice(0, length));
    return { ok: true, path, beyondAscii, rest: text.slice(length) };
  };
  if (text.startsWith('<>')) return read({ kind: 'null' }, 2);
  const postmaster = /^<postmaster>/i.exec(text)?.[0];
  if (postmaster !== undefined) return read({ kind: 'postmaster' }, postmaster.length);
  const found = PATH.exec(text);
  if (!found) return { ok: false, problem: 'syntax' };
  const mailbox = mailboxOf(found[1] ?? '', found[2] ?? '');
  if (typeof mailbox === 'string') return { ok: false, problem: mailbox };
  return read({ kind: 'mailbox', ...mailbox }, found[0].length);
}

/** Reads a whole address, `alice@blue.example` or `"a b"@[192.0.2.1]`, without brackets; null where it is none. Only ASCII. */
export function parseMailbox(address: string): Mailbox | null {
  const found = isPrintable(address) ? BARE_MAILBOX.exec(address) : null;
  if (!found) return null;
  const mailbox = mailboxOf(found[1] ?? '', found[2] ?? '');
  return typeof mailbox === 'string' ? null : mailbox;
}

/** What EHLO and HELO may be given: a domain or an address literal (RFC 5321 §4.1.1.1), in ASCII also where the envelope is not (RFC 6531 §3.7.1). */
export const isHostName = (name: string): boolean =>
  isPrintable(name) && name.length <= DOMAIN_LIMIT && HOST_NAME.test(name) && domainIsSound(name);
