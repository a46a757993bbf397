/** Why something could not be done: a code and its data, as events and states hold it. Its words are made in explain/causes.ts. */

import { assertNever } from '../world/world.ts';

/** What a member of a cause is. Times are whole milliseconds or seconds, as its name says; `cause` is what it came of. */
export type MemberKind = 'text' | 'count' | 'cause' | 'refusals';

/** One row a code, with its members. A row never changes its meaning; a new meaning is a new row. */
export const CAUSES = {
  // A call (RFC 9293 §3.5).
  'nothing-listens': { address: 'text', port: 'count' },
  'call-timed-out': { address: 'text', seconds: 'count' },
  'no-such-address': { address: 'text' },
  'no-mail-leaves': { address: 'text' },
  'call-given-up': { address: 'text' },
  'call-not-taken': { address: 'text' },
  'call-failed': { address: 'text', detail: 'text' },
  // DNS.
  'dns-unreachable': { address: 'text', because: 'cause' },
  'dns-question-given-up': { name: 'text', type: 'text' },
  'dns-silent': { name: 'text', type: 'text', times: 'count' },
  'dns-rcode': { name: 'text', type: 'text', rcode: 'text' },
  'dns-referral': { name: 'text' },
  'cname-endless': { name: 'text' },
  'not-an-address': { name: 'text' },
  'not-a-host-name': { name: 'text' },
  'no-such-host': { name: 'text' },
  'no-address-record': { name: 'text' },
  // An SMTP dialogue. `reply`: its code and all its words.
  'connection-over': {},
  'connection-closed': {},
  'connection-broke': { detail: 'text' },
  'server-hung-up': {},
  'server-silent': { milliseconds: 'count' },
  'server-took-nothing': { milliseconds: 'count' },
  'not-smtp': { because: 'cause' },
  'no-reply-line': { line: 'text' },
  'two-reply-codes': { first: 'count', second: 'count' },
  'endless-reply': { lines: 'count' },
  'endless-reply-line': { octets: 'count' },
  accepted: { reply: 'text' },
  answered: { reply: 'text' },
  'senseless-answer': { reply: 'text' },
  'no-recipient-accepted': {},
  'bad-address': { address: 'text' },
  'address-needs-smtputf8': { address: 'text' },
  'header-needs-smtputf8': {},
  'needs-binarymime': {},
  'needs-8bitmime': {},
  'no-known-login': {},
  // A queue. `exchange`: the host that was tried.
  'exchange-answered': { exchange: 'text', reply: 'text' },
  'exchange-failed': { exchange: 'text', because: 'cause' },
  'exchange-unreachable': { exchange: 'text', address: 'text', because: 'cause' },
  'exchange-without-address': { exchange: 'text', because: 'cause' },
  'exchange-address-unknown': { exchange: 'text', because: 'cause' },
  'null-mx': { domain: 'text' },
  'no-such-domain': { domain: 'text' },
  'no-mail-host': { domain: 'text', because: 'cause' },
  'no-host-takes-it': { domain: 'text' },
  'route-unknown': { domain: 'text', because: 'cause' },
  'mail-loop': { name: 'text' },
  'not-in-time': { milliseconds: 'count', because: 'cause' },
  'letter-damaged': { detail: 'text' },
  'letter-unreadable': { detail: 'text' },
  'not-taken-here': { reply: 'text' },
  'delivered-here': {},
  'is-a-report': {},
  'no-report-wanted': {},
  // A mail client.
  'submission-unreachable': { address: 'text', because: 'cause' },
  'maildrop-unreachable': { address: 'text', because: 'cause' },
  'server-unreachable': { address: 'text', because: 'cause' },
  'kept-in-outbox': { because: 'cause' },
  'not-taken': { refusals: 'refusals' },
  'perhaps-taken': { refusals: 'refusals' },
  'outbox-unusable': { detail: 'text' },
  'outbox-untidy': { detail: 'text' },
  'inbox-unusable': { detail: 'text' },
  'letter-not-kept': { detail: 'text' },
  'broken-off': { marked: 'count' },
  'pop3-answered': { text: 'text' },
  'pop3-no-count': {},
  'pop3-bad-list': {},
  'pop3-bad-credentials': {},
  'pop3-not-spoken': {},
  'pop3-endless-line': {},
  'pop3-endless-message': {},
  'pop3-silent': {},
  'pop3-lost': {},
  'pop3-hung-up': {},
  'stranger-lost': {},
  'stranger-silent': {},
  'stranger-hung-up': {},
  'stranger-heard-no-smtp': { because: 'cause' },
  /** In the words of an old recording, or of somebody who is not mailscope. */
  words: { text: 'text' },
  /** The same, of a call that nobody answered. */
  'timeout-in-words': { text: 'text' },
  /** A newer mailscope knows what `name` means. */
  unlisted: { name: 'text' },
} as const satisfies Readonly<Record<string, Readonly<Record<string, MemberKind>>>>;

export type CauseCode = keyof typeof CAUSES;

/** Recipients who were refused for the same reason. */
export interface Refusals {
  readonly recipients: readonly string[];
  readonly because: Cause;
}

interface MemberValues {
  readonly text: string;
  readonly count: number;
  readonly cause: Cause;
  readonly refusals: readonly Refusals[];
}
type Members<Row> = { readonly [Name in keyof Row]: Row[Name] extends MemberKind ? MemberValues[Row[Name]] : never };

type CauseOf<Code extends CauseCode> = { readonly code: Code } & Members<(typeof CAUSES)[Code]>;
export type Cause = { [Code in CauseCode]: CauseOf<Code> }[CauseCode];

/** How deep causes may stand in one another. */
const DEEPEST = 6;
/** Characters of one text, and recipients or groups of them, that are read. */
export const LONGEST_TEXT = 65_536;
export const MOST_LISTED = 10_000;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const isCauseCode = (code: string): code is CauseCode => Object.hasOwn(CAUSES, code);
const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= LONGEST_TEXT;

function isMember(kind: MemberKind, value: unknown, depth: number): boolean {
  switch (kind) {
    case 'text':
      return isText(value);
    case 'count':
      return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
    case 'cause':
      return isCause(value, depth - 1);
    case 'refusals':
      return Array.isArray(value) && value.length <= MOST_LISTED && value.every(each => isRefusals(each, depth));
    default:
      return assertNever(kind);
  }
}

const isRefusals = (value: unknown, depth: number): boolean =>
  isObject(value) &&
  Array.isArray(value.recipients) &&
  value.recipients.length <= MOST_LISTED &&
  value.recipients.every(isText) &&
  isCause(value.because, depth - 1);

/** Whether all that a code needs is there, and no more nested than is read. */
function isCause(value: unknown, depth = DEEPEST): value is Cause {
  if (depth < 0 || !isObject(value) || typeof value.code !== 'string' || !isCauseCode(value.code)) return false;
  return Object.entries<MemberKind>(CAUSES[value.code]).every(([name, kind]) => isMember(kind, value[name], depth));
}

/** The members that a code has, and none besides. */
function listed(value: unknown, depth = DEEPEST): unknown {
  if (!isObject(value) || depth < 0) return value;
  const { code } = value;
  if (typeof code !== 'string') return value;
  if (!isCauseCode(code)) return { code: 'unlisted', name: code.slice(0, 64) };
  const part = (kind: MemberKind, member: unknown): unknown => {
    if (kind === 'cause') return listed(member, depth - 1);
    if (kind !== 'refusals' || !Array.isArray(member)) return member;
    return member.map((each: unknown) =>
      isObject(each) ? { recipients: each.recipients, because: listed(each.because, depth - 1) } : each,
    );
  };
  const members = Object.entries<MemberKind>(CAUSES[code]);
  return { code, ...Object.fromEntries(members.map(([name, kind]) => [name, part(kind, value[name])])) };
}

/** A cause as a file has it, or null where it is none. A code that is not known here is kept by its name. */
export function causeFrom(value: unknown): Cause | null {
  const cause = listed(value);
  return isCause(cause) ? cause : null;
}
