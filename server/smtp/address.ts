/** The grammar of paths and mailboxes (RFC 5321 §4.1.2): what stands between the angle brackets of MAIL and RCPT. Pure. */
import { isIPv4, isIPv6 } from 'node:net';

export interface Mailbox {
  /** As given: case and quotes kept (RFC 5321 §2.4). */
  readonly localPart: string;
  /** In lower case; an address literal keeps its brackets: `[192.0.2.1]`. */
  readonly domain: string;
  /** `localPart@domain`. */
  readonly address: string;
}

type Path =
  | { readonly kind: 'null' }
  /** `<Postmaster>` without a domain, in any case: whoever runs this host (RFC 5321 §4.5.1). */
  | { readonly kind: 'postmaster' }
  | ({ readonly kind: 'mailbox' } & Mailbox);

export type PathRead =
  | { readonly ok: true; readonly path: Path /** What follows the closing bracket. */; readonly rest: string }
  | { readonly ok: false; readonly problem: 'syntax' | 'too-long' | 'non-ascii' };

const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
const DOT_STRING = `${ATOM}(?:\\.${ATOM})*`;
const QUOTED_STRING = '"(?:[ !#-\\[\\]-~]|\\\\[ -~])*"';
// The underscore is not in the grammar, but in many a host name.
const LABEL = '[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?';
const DOMAIN = `${LABEL}(?:\\.${LABEL})*`;
const LITERAL = '\\[[!-Z^-~]+\\]';
const MAILBOX = `(${DOT_STRING}|${QUOTED_STRING})@(${DOMAIN}|${LITERAL})`;
// A source route is read over: only the last address counts (RFC 5321 §3.6.1, appendix C).
const ROUTE = `(?:@${DOMAIN}(?:,@${DOMAIN})*:)?`;
const PATH = new RegExp(`^<${ROUTE}${MAILBOX}>`);
const BARE_MAILBOX = new RegExp(`^${MAILBOX}$`);
const HOST_NAME = new RegExp(`^(?:${DOMAIN}|${LITERAL})$`);

/** RFC 5321 §4.5.3.1.1–3. */
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

function mailboxOf(localPart: string, domain: string): Mailbox | 'syntax' | 'too-long' {
  if (localPart.length > LOCAL_PART_LIMIT || domain.length > DOMAIN_LIMIT) return 'too-long';
  if (localPart.length + domain.length + 3 > PATH_LIMIT) return 'too-long';
  if (!domainIsSound(domain)) return 'syntax';
  const lower = domain.toLowerCase();
  return { localPart, domain: lower, address: `${localPart}@${lower}` };
}

/** Reads the path that `text` begins with. */
export function parsePath(text: string): PathRead {
  if (text.startsWith('<>')) return { ok: true, path: { kind: 'null' }, rest: text.slice(2) };
  const postmaster = /^<postmaster>/i.exec(text);
  if (postmaster) return { ok: true, path: { kind: 'postmaster' }, rest: text.slice(postmaster[0].length) };
  const found = PATH.exec(text);
  if (!found) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: every octet above ASCII is meant
    return { ok: false, problem: /^<[^>]*[^\x00-\x7f]/.test(text) ? 'non-ascii' : 'syntax' };
  }
  const mailbox = mailboxOf(found[1] ?? '', found[2] ?? '');
  if (typeof mailbox === 'string') return { ok: false, problem: mailbox };
  return { ok: true, path: { kind: 'mailbox', ...mailbox }, rest: text.slice(found[0].length) };
}

/** Reads a whole address, `alice@blue.example` or `"a b"@[192.0.2.1]`, without brackets; null where it is none. */
export function parseMailbox(address: string): Mailbox | null {
  const found = BARE_MAILBOX.exec(address);
  if (!found) return null;
  const mailbox = mailboxOf(found[1] ?? '', found[2] ?? '');
  return typeof mailbox === 'string' ? null : mailbox;
}

/** What EHLO and HELO may be given: a domain or an address literal (RFC 5321 §4.1.1.1). */
export const isHostName = (name: string): boolean =>
  name.length <= DOMAIN_LIMIT && HOST_NAME.test(name) && domainIsSound(name);
