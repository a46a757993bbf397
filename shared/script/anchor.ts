/** Anchors: "at the second 451 from mx1" as an author writes it, and which moments of what happens are meant. */

import type { Occurrence } from '../reading/occurrences/occurrence.ts';
import { BEAT_NAMES } from '../story/beat-name.ts';
import type { Anchor } from '../story/script.ts';
import type { HostId } from '../world/world.ts';

type What = Anchor['what'];

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth', 'tenth'];

/** Commands of SMTP and POP3: in capitals, they are what is said and not what a beat is called. */
const VERBS: ReadonlySet<string> = new Set([
  ...[
    'EHLO',
    'HELO',
    'STARTTLS',
    'AUTH',
    'MAIL',
    'RCPT',
    'DATA',
    'BDAT',
    'RSET',
    'NOOP',
    'VRFY',
    'EXPN',
    'HELP',
    'QUIT',
  ],
  ...['USER', 'PASS', 'APOP', 'CAPA', 'STLS', 'STAT', 'LIST', 'UIDL', 'TOP', 'RETR', 'DELE'],
]);

const LONGEST = 200;
const EXAMPLES = 'for example *at the MX answer*, *at the second 451 from mx1*, *at RCPT* or *at “STARTTLS”*';

/** Names are the same with spaces, hyphens or dots between their words. */
const bare = (name: string): string =>
  name
    .toLowerCase()
    .split(/[\s.\-‐‑–]+/)
    .filter(Boolean)
    .join(' ');

const BEATS: ReadonlyMap<string, string> = new Map(BEAT_NAMES.map(name => [bare(name), name]));

/** How many letters one has to change to get from one to the other. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [at, letter] of [...one].entries()) {
    const next = [at + 1];
    for (let to = 1; to <= other.length; to += 1) {
      const change = (row[to - 1] ?? 0) + (letter === other[to - 1] ? 0 : 1);
      next.push(Math.min(change, (row[to] ?? 0) + 1, (next[to - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}

/** The name that was probably meant, or null. */
function nearest(written: string): string | null {
  const name = bare(written);
  const near = [...BEATS, ['beginning', 'beginning'] as const, ['end', 'end'] as const].map(([key, value]) => ({
    value,
    far: distance(name, key),
  }));
  const best = near.toSorted((a, b) => a.far - b.far)[0];
  if (best !== undefined && best.far <= Math.max(1, name.length / 3)) return best.value;
  // "refused" and "the letter": the last word of a name, or a part of it.
  const words = name.split(' ');
  return [...BEATS].find(([key]) => words.every(word => key.split(' ').includes(word)))?.[1] ?? null;
}

function readWhat(text: string): What | string {
  const quoted = /^[“"„](.+)[”"“]$/.exec(text)?.[1]?.trim();
  if (quoted) return { kind: 'text', text: quoted };
  if (/^[1-5]\d\d$/.test(text) || text === '+OK' || text === '-ERR') return { kind: 'reply', code: text };
  if (VERBS.has(text)) return { kind: 'command', verb: text };
  const name = bare(text);
  if (name === 'beginning' || name === 'end') return { kind: name };
  const beat = BEATS.get(name);
  if (beat !== undefined) return { kind: 'beat', name: beat };
  const meant = nearest(text);
  if (meant !== null) return `there is no moment “${text}”; did you mean “${meant}”?`;
  return `there is no moment “${text}”: write the name of a beat, a reply code, a command in capitals, or some text of a line in quotes, ${EXAMPLES}.`;
}

const ENDS = /\s+(?:from\s+([a-z0-9][a-z0-9.-]*)|to\s+([a-z0-9][a-z0-9.-]*))$/i;

/** The words between the asterisks: "at [the] [second] WHAT [from HOST] [to HOST]"; a sentence says what is wrong with them. */
export function readAnchor(text: string): Anchor | string {
  if (text.length > LONGEST) return 'this is too long for a moment: write something like *at the MX answer*.';
  const words = /^at\s+(?:the\s+)?(.*)$/is.exec(text.trim())?.[1];
  if (!words) return `a moment begins with “at”, ${EXAMPLES}.`;
  const [, ordinal = '', named = ''] = /^(?:([a-z]+)\s+)?(.*)$/is.exec(words) ?? [];
  const nth = ORDINALS.indexOf(ordinal.toLowerCase()) + 1;
  const counted = nth > 0 || ordinal.toLowerCase() === 'next';
  let rest = counted ? named : words;
  let from: string | null = null;
  let to: string | null = null;
  for (let end = ENDS.exec(rest); end !== null; end = ENDS.exec(rest)) {
    const [whole, speaker, listener] = end;
    if ((speaker !== undefined && from !== null) || (listener !== undefined && to !== null))
      return 'a moment has one host that speaks and one that is spoken to: name each once.';
    from ??= speaker?.toLowerCase() ?? null;
    to ??= listener?.toLowerCase() ?? null;
    rest = rest.slice(0, -whole.length);
  }
  const what = readWhat(rest.trim());
  if (typeof what === 'string') return what;
  const atEnds = what.kind === 'beginning' || what.kind === 'end';
  if (atEnds && (counted || from !== null || to !== null))
    return `there is one ${what.kind}, and it is at no host: write *at the ${what.kind}*.`;
  return { what, nth: Math.max(1, nth), from, to };
}

const isHost = (written: string, host: HostId): boolean => {
  const id = host.toLowerCase();
  return id === written || id.split('.')[0] === written;
};

const allows = (written: string | null, hosts: readonly HostId[]): boolean =>
  written === null || hosts.some(host => isHost(written, host));

type Line = NonNullable<Occurrence['line']>;

/** Who says it and to whom; what a host does on its own is at that host, whichever way is asked for. */
function between({ from, to }: Anchor, { motion, hosts }: Occurrence, line: Line | null): boolean {
  if (line !== null && line.from !== 'aside') {
    const [speaker, listener] = line.from === 'client' ? [line.client, line.server] : [line.server, line.client];
    return allows(from, [speaker]) && allows(to, [listener]);
  }
  const [senders, receivers] = motion ? [[motion.from], [motion.to]] : [hosts, hosts];
  return allows(from, senders) && allows(to, receivers);
}

function isSaid(what: What, { role, text }: Line): boolean {
  switch (what.kind) {
    case 'reply':
      return role === 'reply' && new RegExp(`^${what.code.replace('+', '\\+')}(?![0-9A-Za-z])`).test(text);
    case 'command':
      return role === 'command' && text.split(/\s/)[0]?.toUpperCase() === what.verb;
    case 'text':
      return text.includes(what.text);
    default:
      return false;
  }
}

/** The line with which an anchor is met, where there is one. */
export type MetBy = Line | null;

/** How often an anchor is met by this, and with what: one segment may bring several commands. `opens`: the product opens a beat here. */
export function meetings(anchor: Anchor, occurrence: Occurrence, opens: boolean): readonly MetBy[] {
  const { what } = anchor;
  const { line, segment, script, beat } = occurrence;
  switch (what.kind) {
    case 'beginning':
      return script?.kind === 'begun' ? [line] : [];
    case 'end':
      return script?.kind === 'ended' ? [line] : [];
    case 'beat':
      return opens && beat.name === what.name && between(anchor, occurrence, line) ? [line] : [];
    default: {
      const lines = line === null ? segment : [line, ...segment];
      return lines.filter(each => isSaid(what, each) && between(anchor, occurrence, each));
    }
  }
}
