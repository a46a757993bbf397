/** Why something could not be done, in words: one row a code. `{name}` stands for a member, `{name:format}` for how it is told. */
import type { Cause, CauseCode, Refusals } from '../trace/cause.ts';
import { roughSpan } from './spans.ts';
import { sentence } from './wording.ts';

const WORDS: Readonly<Record<CauseCode, string>> = {
  'nothing-listens': 'nothing listens on port {port} of {address}',
  'call-timed-out': '{address} did not answer within {seconds} seconds',
  'no-such-address': 'no host in this world has the address {address}',
  'no-mail-leaves': 'no mail leaves this machine, and {address} is not on it',
  'call-given-up': 'the call to {address} was given up before it was answered',
  'call-not-taken': 'the connection to {address} could not be opened: nobody took the call',
  'call-failed': 'the connection to {address} could not be opened: {detail}',
  'dns-unreachable': 'DNS cannot be reached at {address}: {because}',
  'dns-question-given-up': 'the question for {type} of {name} was given up',
  'dns-silent': 'DNS did not answer when asked {times:times} for {type} of {name}',
  'dns-rcode': 'DNS answered {rcode} when asked for {type} of {name}',
  'dns-referral': 'DNS referred {name} to another server',
  'cname-endless': 'the CNAME chain from {name} does not end',
  'not-an-address': '{name} is not an address',
  'not-a-host-name': '{name} is not a host name',
  'no-such-host': 'the host {name} does not exist',
  'no-address-record': 'the host {name} has no address',
  'connection-over': 'the connection is closed',
  'connection-closed': 'the connection was closed',
  'connection-broke': 'the connection broke off: {detail}',
  'server-hung-up': 'the server closed the connection',
  'server-silent': 'the server said nothing for {milliseconds:time}',
  'server-took-nothing': 'the server took nothing for {milliseconds:time}',
  'not-smtp': 'the server does not speak SMTP: {because}',
  'no-reply-line': 'not a reply: {line:quoted}',
  'two-reply-codes': 'one reply with two codes, {first} and {second}',
  'endless-reply': 'a reply of more than {lines} lines',
  'endless-reply-line': 'a reply line of more than {octets} octets',
  accepted: '{reply}',
  answered: 'the server answered {reply}',
  'senseless-answer': 'the server gave an answer that makes no sense here: {reply}',
  'no-recipient-accepted': 'no recipient was accepted',
  'bad-address': '{address:quoted} is not an address',
  'address-needs-smtputf8': '{address:quoted} has characters beyond ASCII; it needs SMTPUTF8, which is not offered',
  'header-needs-smtputf8':
    'the header of the letter has characters beyond ASCII; it needs SMTPUTF8, which is not offered',
  'needs-binarymime': 'the letter is binary and the server takes lines only (no BINARYMIME)',
  'needs-8bitmime': 'the letter has 8-bit characters and the server does not take them (no 8BITMIME)',
  'no-known-login': 'the server offers no way to log in that is known here (PLAIN, LOGIN)',
  'exchange-answered': '{exchange} answered {reply}',
  'exchange-failed': '{exchange}: {because}',
  'exchange-unreachable': '{exchange} [{address}] could not be reached: {because}',
  'exchange-without-address': '{exchange} has no address: {because}',
  'exchange-address-unknown': 'nobody could tell the address of {exchange}: {because}',
  'null-mx': '{domain} says that it takes no mail at all (null MX)',
  'no-such-domain': 'there is no domain {domain}',
  'no-mail-host': '{domain} names no host that takes its mail: {because}',
  'no-host-takes-it': '{domain} has no host that takes its mail',
  'route-unknown': 'nobody could tell where mail for {domain} goes: {because}',
  'mail-loop': '{name}: its mail exchanger is this very server, so the letter would go round in circles',
  'not-in-time': 'not delivered within {milliseconds:span}: {because}',
  'letter-damaged': 'the queue file is damaged: {detail}',
  'letter-unreadable': 'the queue file is gone or unreadable: {detail}',
  'not-taken-here': '{reply}',
  'delivered-here': 'delivered here',
  'is-a-report': 'it is itself a notification, and nobody is told what becomes of those',
  'no-report-wanted': 'the sender asked not to be told of failures',
  'submission-unreachable': 'The outgoing server at {address} cannot be reached: {because}.',
  'maildrop-unreachable': 'The mailbox server at {address} cannot be reached: {because}.',
  'server-unreachable': 'The server at {address} cannot be reached: {because}.',
  'kept-in-outbox': '{because} The letter waits in the outbox.',
  'not-taken': '{refusals}. The letter waits in the outbox.',
  'perhaps-taken': '{refusals}. The letter waits in the outbox, though the server may have taken it all the same.',
  'outbox-unusable': 'The letter was not sent, because the outbox cannot be used: {detail}.',
  'outbox-untidy': 'The letter was sent, but the outbox cannot be tidied, where it still lies: {detail}.',
  'inbox-unusable': 'The inbox cannot be opened: {detail}.',
  'letter-not-kept': 'The message could not be kept: {detail}',
  'broken-off': 'The connection was broken off before QUIT, so the server removes nothing{marked:marked}.',
  'pop3-answered': 'The mail server said: {text}',
  'pop3-no-count': 'The mail server did not say how many messages there are.',
  'pop3-bad-list': 'The mail server sent a list of messages that cannot be read.',
  'pop3-bad-credentials': 'The user name or password has a character no server accepts.',
  'pop3-not-spoken': 'The mail server answered with something that is not POP3.',
  'pop3-endless-line': 'The mail server sent a line without end.',
  'pop3-endless-message': 'The mail server sent a message without end.',
  'pop3-silent': 'The mail server did not answer in time.',
  'pop3-lost': 'The connection to the mail server was lost.',
  'pop3-hung-up': 'The mail server hung up.',
  'stranger-lost': 'The connection to the server was lost.',
  'stranger-silent': 'The server did not answer in time.',
  'stranger-hung-up': 'The server hung up.',
  'stranger-heard-no-smtp': 'The server does not speak SMTP: {because}.',
  words: '{text}',
  'timeout-in-words': '{text}',
  unlisted: 'for a reason that this mailscope does not know ({name})',
};

type Member = string | number | Cause | readonly Refusals[];

const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

/** Refusals as they are told one after the other, without the last one's full stop. */
const refusalsText = (refusals: readonly Refusals[]): string =>
  refusals
    .map(({ recipients, because }) => `${recipients.join(', ')}: ${causeText(because)}`)
    .join('; ')
    .replace(/\.$/, '');

const FORMATS: Readonly<Record<string, (count: number) => string>> = {
  time: milliseconds => (milliseconds < 1000 ? `${milliseconds} ms` : `${Math.round(milliseconds / 1000)} s`),
  span: roughSpan,
  times: times => (times === 1 ? 'once' : `${times} times`),
  marked: messages =>
    messages === 0 ? '' : `: ${counted(messages, 'message')} marked as deleted will be there next time`,
};

function memberText(member: Member, format: string): string {
  if (typeof member === 'string') return format === 'quoted' ? JSON.stringify(member) : member;
  if (typeof member === 'number') return FORMATS[format]?.(member) ?? String(member);
  return 'code' in member ? causeText(member) : refusalsText(member);
}

/** One sentence, fit for a bounce or for a log; most have no full stop, and those that a mail client tells its user have one. */
export function causeText(cause: Cause): string {
  const members = new Map<string, Member>(Object.entries<Member>(cause));
  return WORDS[cause.code].replace(/\{(\w+)(?::(\w+))?\}/g, (_, name: string, format = '') =>
    memberText(members.get(name) ?? '', format),
  );
}

/** As a sentence of its own; '' where nothing is known. */
export function stated(cause: Cause): string {
  const text = causeText(cause);
  return /[.!?]$/.test(text) || text === '' ? sentence(text) : `${sentence(text)}.`;
}
