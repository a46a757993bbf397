/** Brings a line of an old recording to what is written today: where it had a sentence it gets the code and data that stand for it. */
import { type Cause, type CauseCode, causeFrom, isCauseCode, MEMBERS, membersOf } from './cause.ts';
import { OLD_EDITS, OLD_SENTENCES } from './old-sentences.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** How deep a sentence may stand in another one. */
const DEEPEST = 4;

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  millisecond: 1,
  s: 1000,
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};

interface Format {
  /** What it looks like in a sentence, without a group of its own. */
  readonly pattern: string;
  /** Null where it looks so and is none. */
  readonly read: (text: string, depth: number) => unknown;
}

const inMilliseconds = (text: string): unknown => {
  const [count = '', unit = ''] = text.split(' ');
  return Number(count) * (UNITS[unit] ?? UNITS[unit.replace(/s$/, '')] ?? Number.NaN);
};

function readQuoted(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const NUMBER: Format = { pattern: String.raw`\d{1,15}`, read: Number };
/** Names and addresses have no blanks, so that a sentence is taken apart in one way only. */
const NAME: Format = { pattern: String.raw`\S+`, read: text => text };
/** So that a recipient is not taken for the host that answered. */
const HOST: Format = { ...NAME, pattern: String.raw`[^\s@]+` };
const REST: Format = { pattern: '.*', read: text => text };
const FORMATS: Readonly<Record<string, Format>> = {
  quoted: { pattern: String.raw`"(?:[^"\\]|\\.)*"`, read: readQuoted },
  time: { pattern: String.raw`\d{1,12} m?s`, read: inMilliseconds },
  span: { pattern: String.raw`\d{1,12} (?:day|hour|minute|second|millisecond)s?`, read: inMilliseconds },
  times: { pattern: String.raw`once|\d{1,12} times`, read: text => (text === 'once' ? 1 : Number.parseInt(text, 10)) },
  marked: {
    pattern: String.raw`(?:: \d{1,12} messages? marked as deleted will be there next time)?`,
    read: text => Number(/\d+/.exec(text)?.[0] ?? 0),
  },
};
/** Texts that may hold anything; they stand at the end of their sentence. */
const FREE: ReadonlySet<string> = new Set(['reply', 'detail', 'text']);

interface Member extends Format {
  readonly name: string;
}

interface Sentence {
  readonly code: CauseCode;
  readonly pattern: RegExp;
  readonly members: readonly Member[];
}

/** "alice@blue.example, bob@green.example: WHY; carol@red.example: WHY" */
function readRefusals(text: string, depth: number): unknown {
  const groups = text.split('; ').map(group => {
    const [, recipients, why = ''] = /^([^\s@]+@[^\s@]+(?:, [^\s@]+@[^\s@]+)*): (.*)$/s.exec(group) ?? [];
    const because = recipients === undefined ? null : read(why, depth - 1);
    return because && { recipients: recipients?.split(', '), because };
  });
  return groups.includes(null) ? null : groups;
}

function memberOf(code: CauseCode, written: string, format: string | undefined): Member | null {
  const name = membersOf(code).find(each => each === written);
  if (name === undefined) return null;
  const kind = MEMBERS[name];
  if (kind === 'cause') return { name, pattern: '.*', read: (text, depth) => read(text, depth - 1) };
  if (kind === 'refusals') return { name, pattern: '.*', read: readRefusals };
  const known = format === undefined ? undefined : FORMATS[format];
  return {
    name,
    ...(known ?? (kind === 'count' ? NUMBER : FREE.has(name) ? REST : name === 'exchange' ? HOST : NAME)),
  };
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

const SENTENCES: readonly Sentence[] = Object.entries(OLD_SENTENCES).flatMap(([code, words]) => {
  if (!isCauseCode(code)) return [];
  const members: Member[] = [];
  const pieces = words.split(/(\{\w+(?::\w+)?\})/).map(piece => {
    const [, name, format] = /^\{(\w+)(?::(\w+))?\}$/.exec(piece) ?? [];
    if (name === undefined) return escaped(piece);
    const member = memberOf(code, name, format);
    if (member === null) return escaped(piece);
    members.push(member);
    return `(${member.pattern})`;
  });
  return [{ code, pattern: new RegExp(`^${pieces.join('')}$`, 's'), members }];
});

/** The cause that a sentence of before states; null where mailscope never said so. */
function read(text: string, depth: number): Cause | null {
  if (depth < 0) return null;
  for (const { code, pattern, members } of SENTENCES) {
    const found = pattern.exec(text);
    if (found === null) continue;
    const values = members.map((member, at) => [member.name, member.read(found[at + 1] ?? '', depth)] as const);
    if (values.some(([, value]) => value === null)) continue;
    const cause = causeFrom({ code, ...Object.fromEntries(values) });
    if (cause !== null) return cause;
  }
  return null;
}

/** A call was taken for one that nobody answered where its reason had such words, whoever wrote them. */
const NO_ANSWER = /time-?out|timed out|no answer|not answer|silent/i;

function causeOf(kind: string, reason: string): Cause {
  const cause = read(reason, DEEPEST);
  if (cause !== null) return cause;
  return { code: kind === 'tcp.refused' && NO_ANSWER.test(reason) ? 'timeout-in-words' : 'words', text: reason };
}

/** Kinds that had a `reason` and have a `cause`. */
const WITH_CAUSE: ReadonlySet<string> = new Set([
  'tcp.refused',
  'mail.deferred',
  'mail.bounced',
  'mail.discarded',
  'client.failed',
]);

/** A line as it would be written today; itself where it is such a one, or cannot be helped. */
export function upgraded(line: JsonObject): JsonObject {
  const { kind, reason, what } = line;
  if (typeof kind !== 'string') return line;
  if (WITH_CAUSE.has(kind) && line.cause === undefined && typeof reason === 'string')
    return { ...line, cause: causeOf(kind, reason) };
  if (kind === 'world.changed' && line.edit === undefined && typeof what === 'string')
    return { ...line, edit: OLD_EDITS.get(what) ?? { code: 'words', text: what } };
  return line;
}
