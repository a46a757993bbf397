/** Why something could not be done: a code and its data, as events and states hold it. Its words are made in explain/causes.ts. */

import { assertNever } from '../world/world.ts';

export type MemberKind = 'text' | 'count' | 'cause' | 'refusals';

/** The members that causes have; `because` is what it came of. Times are whole milliseconds or seconds, as the name says. */
export const MEMBERS = {
  because: 'cause',
  first: 'count',
  lines: 'count',
  marked: 'count',
  milliseconds: 'count',
  octets: 'count',
  port: 'count',
  second: 'count',
  seconds: 'count',
  times: 'count',
  refusals: 'refusals',
  address: 'text',
  detail: 'text',
  domain: 'text',
  exchange: 'text',
  line: 'text',
  name: 'text',
  rcode: 'text',
  reply: 'text',
  text: 'text',
  type: 'text',
} as const satisfies Readonly<Record<string, MemberKind>>;
type MemberName = keyof typeof MEMBERS;

/** One row a code, with its members. A row never changes its meaning; a new meaning is a new row. */
const CAUSES = {
  // A call (RFC 9293 §3.5).
  'nothing-listens': ['address', 'port'],
  'call-timed-out': ['address', 'seconds'],
  'no-such-address': ['address'],
  'no-mail-leaves': ['address'],
  'call-given-up': ['address'],
  'call-not-taken': ['address'],
  'call-failed': ['address', 'detail'],
  // RFC 768: this machine gives none.
  'no-udp-socket': ['address', 'detail'],
  // DNS.
  'dns-unreachable': ['address', 'because'],
  'dns-question-given-up': ['name', 'type'],
  'dns-silent': ['name', 'type', 'times'],
  'dns-rcode': ['name', 'type', 'rcode'],
  'dns-referral': ['name'],
  'cname-endless': ['name'],
  'not-an-address': ['name'],
  'not-a-host-name': ['name'],
  'no-such-host': ['name'],
  'no-address-record': ['name'],
  // An SMTP dialogue. `reply`: its code and all its words.
  'connection-over': [],
  'connection-closed': [],
  'connection-broke': ['detail'],
  'server-hung-up': [],
  'server-silent': ['milliseconds'],
  'server-took-nothing': ['milliseconds'],
  'not-smtp': ['because'],
  'no-reply-line': ['line'],
  'two-reply-codes': ['first', 'second'],
  'endless-reply': ['lines'],
  'endless-reply-line': ['octets'],
  accepted: ['reply'],
  answered: ['reply'],
  'senseless-answer': ['reply'],
  'no-recipient-accepted': [],
  'bad-address': ['address'],
  'address-needs-smtputf8': ['address'],
  'header-needs-smtputf8': [],
  'needs-binarymime': [],
  'needs-8bitmime': [],
  'no-known-login': [],
  // A queue. `exchange`: the host that was tried.
  'exchange-answered': ['exchange', 'reply'],
  'exchange-failed': ['exchange', 'because'],
  'exchange-unreachable': ['exchange', 'address', 'because'],
  'exchange-without-address': ['exchange', 'because'],
  'exchange-address-unknown': ['exchange', 'because'],
  'null-mx': ['domain'],
  'no-such-domain': ['domain'],
  'no-mail-host': ['domain', 'because'],
  'no-host-takes-it': ['domain'],
  'route-unknown': ['domain', 'because'],
  'mail-loop': ['name'],
  'not-in-time': ['milliseconds', 'because'],
  'letter-damaged': ['detail'],
  'letter-unreadable': ['detail'],
  'not-taken-here': ['reply'],
  'delivered-here': [],
  'is-a-report': [],
  'no-report-wanted': [],
  // A mail client.
  'submission-unreachable': ['address', 'because'],
  'maildrop-unreachable': ['address', 'because'],
  'server-unreachable': ['address', 'because'],
  'kept-in-outbox': ['because'],
  'not-taken': ['refusals'],
  'perhaps-taken': ['refusals'],
  'outbox-unusable': ['detail'],
  'outbox-untidy': ['detail'],
  'inbox-unusable': ['detail'],
  'letter-not-kept': ['detail'],
  'broken-off': ['marked'],
  'pop3-answered': ['text'],
  'pop3-no-count': [],
  'pop3-bad-list': [],
  'pop3-bad-credentials': [],
  'pop3-not-spoken': [],
  'pop3-endless-line': [],
  'pop3-endless-message': [],
  'pop3-silent': [],
  'pop3-lost': [],
  'pop3-hung-up': [],
  'stranger-lost': [],
  'stranger-silent': [],
  'stranger-hung-up': [],
  'stranger-heard-no-smtp': ['because'],
  /** In the words of an old recording, or of somebody who is not mailscope. */
  words: ['text'],
  /** The same, of a call that nobody answered. */
  'timeout-in-words': ['text'],
  /** A newer mailscope knows what `name` means. */
  unlisted: ['name'],
} as const satisfies Readonly<Record<string, readonly MemberName[]>>;

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
type CauseOf<Code extends CauseCode> = { readonly code: Code } & {
  readonly [Name in (typeof CAUSES)[Code][number]]: MemberValues[(typeof MEMBERS)[Name]];
};
export type Cause = { [Code in CauseCode]: CauseOf<Code> }[CauseCode];

/** How deep causes may stand in one another. */
const DEEPEST = 6;
/** Characters of one text, and recipients or groups of them, that are read. */
export const LONGEST_TEXT = 65_536;
export const MOST_LISTED = 10_000;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const isCauseCode = (code: string): code is CauseCode => Object.hasOwn(CAUSES, code);
/** In the order of the row. */
export const membersOf = (code: CauseCode): readonly MemberName[] => CAUSES[code];
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
  return membersOf(value.code).every(name => isMember(MEMBERS[name], value[name], depth));
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
  return { code, ...Object.fromEntries(membersOf(code).map(name => [name, part(MEMBERS[name], value[name])])) };
}

/** A cause as a file has it, or null where it is none. A code that is not known here is kept by its name. */
export function causeFrom(value: unknown): Cause | null {
  const cause = listed(value);
  return isCause(cause) ? cause : null;
}
