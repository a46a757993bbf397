/** What docs/api.md and docs/stories.md say of faults; a test compares them. */
import { FAULT_DEEDS } from './deeds.ts';
import { FAULT_KINDS, FAULT_ROWS, type FaultKind } from './fault.ts';
import { DNS_TYPES, EXTENSION_KEYWORDS, type FieldName, RCODES } from './fields.ts';
import { lineNotes } from './line.ts';
import type { Notes } from './row.ts';

const NOTES: Notes<typeof FAULT_ROWS> = lineNotes;

const codes = (words: readonly string[]): string => words.map(word => `\`${word}\``).join(' ');

/** What is said beside a field where it comes first. */
const FIELD_NOTES: { readonly [Name in FieldName]?: string } = {
  between: '(two hosts)',
  type: `(${codes(DNS_TYPES)})`,
  rcode: `(${codes(RCODES)})`,
  sender: '(an address or a domain)',
  keyword: `(${codes(EXTENSION_KEYWORDS)})`,
  latency: 'in milliseconds',
  bytesPerSecond: '(0: no limit)',
};

const isFirstWith = (name: FieldName, kind: FaultKind): boolean =>
  FAULT_KINDS.find(each => FAULT_ROWS[each].fields.some(field => field === name)) === kind;

function needsOf(kind: FaultKind): string {
  const own: { readonly [Name in FieldName]?: string } = NOTES[kind] ?? {};
  return FAULT_ROWS[kind].fields
    .map(name =>
      [`\`${name}\``, own[name] ?? (isFirstWith(name, kind) ? FIELD_NOTES[name] : undefined)]
        .filter(part => part !== undefined)
        .join(' '),
    )
    .join(', ');
}

/** The table of docs/api.md: kinds that need the same in one row, where the first of them stands. */
export function faultTable(): string {
  const rows = new Map<string, FaultKind[]>();
  for (const kind of FAULT_KINDS) rows.set(needsOf(kind), [...(rows.get(needsOf(kind)) ?? []), kind]);
  const lines = [...rows].map(([needs, kinds]) => `| ${codes(kinds)} | ${needs} |`);
  return ['| kind | needs |', '|---|---|', ...lines].join('\n');
}

const EXAMPLES: { readonly [Name in FieldName]?: string } = {
  host: 'mx1',
  milliseconds: '2 seconds',
  seconds: '5 minutes',
  sender: 'blue',
  keyword: 'SIZE',
  mailbox: 'bob',
  user: 'alice',
};

/** An example of each sentence that makes something go wrong, as docs/stories.md teaches it: "make mx1 silent". */
export const faultSentences = (): readonly string[] =>
  FAULT_KINDS.flatMap(kind => {
    const sentence = FAULT_DEEDS[kind]?.sentence;
    if (sentence === undefined) return [];
    return [
      FAULT_ROWS[kind].fields.reduce<string>(
        (said, name) => said.replace(`{${name}}`, EXAMPLES[name] ?? name),
        sentence,
      ),
    ];
  });
