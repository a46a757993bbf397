/** Why something could not be done, in words: one row a code. `{name}` stands for a member, `{name:format}` for how it is told. */
import type { Cause, CauseCode, Refusals } from '../trace/cause.ts';
import { OLD_SENTENCES } from '../trace/old-sentences.ts';
import { roughSpan } from './words/spans.ts';
import { sentence } from './words/wording.ts';

/** Those that no old recording has. */
const NEWER = {
  'no-udp-socket': 'this machine has no UDP socket to reach {address} ({detail})',
  accepted: '{reply}',
  'not-taken-here': '{reply}',
  'delivered-here': 'delivered here',
  words: '{text}',
  'timeout-in-words': '{text}',
  unlisted: 'for a reason that this mailscope does not know ({name})',
} as const satisfies Partial<Record<CauseCode, string>>;

/** What was said of the others is said still; whoever changes the words of one gives it a row of its own. */
const WORDS: Readonly<Record<CauseCode, string>> = { ...OLD_SENTENCES, ...NEWER };

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
