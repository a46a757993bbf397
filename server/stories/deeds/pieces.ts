/** What stands in a story’s YAML, each piece with its line in the file, and forms that read it and say what is wrong with it. */
import { CST, isAlias, isMap, isScalar, isSeq, Lexer, LineCounter, parseDocument } from 'yaml';
import type { Problem } from '../../../shared/story/script.ts';

interface Leaf {
  readonly is: 'leaf';
  readonly line: number;
  readonly value: string | number | boolean | null;
  /** As a text, also where YAML would have a number. */
  readonly text: string;
}
interface Row {
  readonly is: 'row';
  readonly line: number;
  readonly items: readonly Piece[];
}
export interface Table {
  readonly is: 'table';
  readonly line: number;
  readonly entries: readonly { readonly key: string; readonly line: number; readonly piece: Piece }[];
}
export type Piece = Leaf | Row | Table;

/** Collects what is wrong, so that an author hears of all of it at once. */
export type Complain = (line: number, message: string) => void;

const HINTS: Readonly<Record<string, string>> = {
  BLOCK_AS_IMPLICIT_KEY: 'a text with “: ” in it needs quotes around it',
  MULTILINE_IMPLICIT_KEY: 'a text of several lines needs quotes, or a | before it',
  BAD_INDENT: 'what belongs together stands equally far from the margin',
  TAB_AS_INDENT: 'spaces go before a word, not tabs',
  DUPLICATE_KEY: 'each word may stand before a colon once',
};

/** How deep lists and tables may stand in each other; a story of ours goes five deep. */
const MOST_NESTED = 32;
/** The widest margin: whatever stands that far to the right stands in too much. */
const MOST_INDENTED = 128;
/** Words, marks and margins that are read. A story of 500 deeds has some 10,000. */
const MOST_TOKENS = 12_000;

const TOO_DEEP = `Lists and tables stand in each other at most ${MOST_NESTED} deep: write it flatter.`;

/** Where there is more in it than is read, and what: before it is taken apart, which goes as deep as its brackets do. */
function excessIn(text: string): { readonly line: number; readonly message: string } | null {
  let tokens = 0;
  let line = 1;
  let brackets = 0;
  /** Marks of lists and tables on this line, each of which begins another inside the one before. */
  let marks = 0;
  let begins = true;
  for (const token of new Lexer().lex(text)) {
    const kind = CST.tokenType(token);
    tokens += 1;
    if (kind === 'flow-seq-start' || kind === 'flow-map-start') brackets += 1;
    else if (kind === 'flow-seq-end' || kind === 'flow-map-end') brackets = Math.max(0, brackets - 1);
    else if (kind === 'seq-item-ind' || kind === 'explicit-key-ind' || kind === 'map-value-ind') marks += 1;
    const indented = begins && kind === 'space' && token.length > MOST_INDENTED;
    if (brackets > MOST_NESTED || marks > MOST_NESTED || indented) return { line, message: TOO_DEEP };
    if (tokens > MOST_TOKENS)
      return { line, message: 'The front matter has more words and marks than a story needs: make two of it.' };
    begins = token.endsWith('\n');
    // In brackets a table may have as many entries on a line as it likes.
    if (begins || brackets > 0) marks = 0;
    for (let at = token.indexOf('\n'); at >= 0; at = token.indexOf('\n', at + 1)) line += 1;
  }
  return null;
}

/** Reads YAML whose first line is line `first` of the file. Null where it is none, or is empty; then that has been said. */
export function readPieces(text: string, first: number, complain: Complain): Piece | null {
  const excess = excessIn(text);
  if (excess !== null) {
    complain(first - 1 + excess.line, excess.message);
    return null;
  }
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, version: '1.2' });
  const lineAt = (offset: number | undefined): number => first - 1 + (counter.linePos(offset ?? 0).line || 1);
  for (const error of document.errors) {
    const hint = HINTS[error.code];
    complain(lineAt(error.pos[0]), `${error.message.replace(/\.$/, '')}${hint === undefined ? '' : `: ${hint}`}.`);
  }
  if (document.errors.length > 0) return null;

  const pieceOf = (node: unknown, around: number): Piece => {
    const line = isScalar(node) || isMap(node) || isSeq(node) ? lineAt(node.range?.[0]) : around;
    if (isSeq(node)) return { is: 'row', line, items: node.items.map(item => pieceOf(item, line)) };
    if (isMap(node)) {
      const entries = node.items.map(({ key, value }) => {
        const name = pieceOf(key, line);
        if (name.is !== 'leaf') complain(name.line, 'Before a colon stands a word.');
        return { key: name.is === 'leaf' ? name.text : '', line: name.line, piece: pieceOf(value, name.line) };
      });
      return { is: 'table', line, entries };
    }
    if (isAlias(node)) complain(line, 'A story has no anchors and aliases of YAML: write it out.');
    const value: unknown = isScalar(node) ? node.value : null;
    const known = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
    const text =
      known === null ? '' : isScalar(node) && typeof known !== 'string' ? (node.source ?? `${known}`) : `${known}`;
    return { is: 'leaf', line, value: known, text };
  };
  return pieceOf(document.contents, first);
}

/** "give up after", "give-up-after" and "giveUpAfter" are one name. */
const nameOf = (key: string): string =>
  key
    .trim()
    .replace(/[ _-]+(\S)/g, (_, letter: string) => letter.toUpperCase())
    .replace(/^[A-Z]/, letter => letter.toLowerCase());

const asWritten = (name: string): string => name.replace(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`);

const UNITS: Readonly<Record<string, number>> = { second: 1, minute: 60, hour: 3600, day: 86_400 };

/** "15 minutes", "1 hour" or a number of seconds; null where it is none. */
export function secondsIn(text: string): number | null {
  const [, count = '', unit = 'seconds'] = /^(\d{1,9})(?: ?(seconds?|minutes?|hours?|days?))?$/.exec(text.trim()) ?? [];
  const size = UNITS[unit.replace(/s$/, '')];
  return count === '' || size === undefined ? null : Number(count) * size;
}

/** Reads the members of a table by their names; what is not known is complained of, with what is. */
export class Form {
  readonly line: number;
  private readonly table: Table;
  private readonly complain: Complain;
  private readonly what: string;

  /** `what` is what a person calls it: "send". */
  constructor(table: Table, what: string, known: readonly string[], complain: Complain) {
    this.table = table;
    this.line = table.line;
    this.what = what;
    this.complain = complain;
    for (const { key, line } of table.entries)
      if (!known.includes(nameOf(key)))
        complain(line, `“${what}” knows no “${key}”; it knows ${known.map(asWritten).join(', ')}.`);
  }

  /** Where the member stands, or the whole. */
  lineOf(name: string): number {
    return this.entry(name)?.line ?? this.line;
  }

  piece(name: string): Piece | null {
    return this.entry(name)?.piece ?? null;
  }

  has(name: string): boolean {
    return this.entry(name) !== undefined;
  }

  /** Null where it is not there; what is no text has been complained of. */
  text(name: string): string | null {
    const piece = this.piece(name);
    if (piece === null) return null;
    if (piece.is === 'leaf') return piece.text;
    this.complain(piece.line, `“${asWritten(name)}” is a text.`);
    return null;
  }

  /** The same, complained of where it is missing. */
  needed(name: string): string | null {
    this.mustHave(name);
    return this.text(name);
  }

  neededTexts(name: string): readonly string[] | null {
    this.mustHave(name);
    return this.texts(name);
  }

  private mustHave(name: string): void {
    if (!this.has(name)) this.complain(this.line, `“${this.what}” needs “${asWritten(name)}”.`);
  }

  /** A list, or one text with commas in it. */
  texts(name: string): readonly string[] | null {
    const piece = this.piece(name);
    return piece === null ? null : textsOf(piece, asWritten(name), this.complain);
  }

  number(name: string): number | null {
    const piece = this.piece(name);
    if (piece === null) return null;
    const text = piece.is === 'leaf' ? piece.text.replaceAll('_', '') : '';
    if (/^-?\d{1,15}$/.test(text)) return Number(text);
    this.complain(piece.line, `“${asWritten(name)}” is a whole number.`);
    return null;
  }

  flag(name: string): boolean | null {
    const piece = this.piece(name);
    if (piece === null) return null;
    if (piece.is === 'leaf' && typeof piece.value === 'boolean') return piece.value;
    this.complain(piece.line, `“${asWritten(name)}” is true or false.`);
    return null;
  }

  /** A span of world time, in seconds. */
  seconds(name: string): number | null {
    const piece = this.piece(name);
    if (piece === null) return null;
    const found = piece.is === 'leaf' ? secondsIn(piece.text) : null;
    if (found === null) this.complain(piece.line, `“${asWritten(name)}” is a time such as 15 minutes.`);
    return found;
  }

  /** A table in the table. */
  form(name: string, known: readonly string[]): Form | null {
    const piece = this.piece(name);
    if (piece === null) return null;
    if (piece.is === 'table') return new Form(piece, asWritten(name), known, this.complain);
    this.complain(
      piece.line,
      `“${asWritten(name)}” is a list of ${known.map(asWritten).join(', ')}, each with its value.`,
    );
    return null;
  }

  private entry(name: string): Table['entries'][number] | undefined {
    return this.table.entries.find(({ key }) => nameOf(key) === name);
  }
}

/** Texts of a list, or of one text with commas in it. What is none is complained of. */
export function textsOf(piece: Piece, what: string, complain: Complain): readonly string[] {
  if (piece.is === 'leaf') return piece.text.split(',').flatMap(each => (each.trim() === '' ? [] : [each.trim()]));
  if (piece.is === 'row')
    return piece.items.flatMap(item => {
      if (item.is === 'leaf') return [item.text];
      complain(item.line, `“${what}” is a list of texts.`);
      return [];
    });
  complain(piece.line, `“${what}” is a list of texts.`);
  return [];
}

/** The value as JSON has it, its names put in one form. */
export function plain(piece: Piece): unknown {
  switch (piece.is) {
    case 'leaf':
      return piece.value;
    case 'row':
      return piece.items.map(plain);
    case 'table':
      return Object.fromEntries(piece.entries.map(({ key, piece: inner }) => [nameOf(key), plain(inner)]));
  }
}

/** As it goes on after “line 5:”. */
const going = (sentence: string): string => sentence.replace(/^[A-Z](?=[a-z]* )/, letter => letter.toLowerCase());

/** An author mends these first; each is looked for among those before it. */
const MOST_PROBLEMS = 100;
const LONGEST = 400;

/** A list of problems, and how to add to it: each line and message once. */
export function complaints(): { readonly problems: Problem[]; readonly complain: Complain } {
  const problems: Problem[] = [];
  return {
    problems,
    complain(line, sentence) {
      const whole = going(sentence);
      // What is quoted of a file may be most of it.
      const message = whole.length > LONGEST ? `${whole.slice(0, LONGEST)}…` : whole;
      if (problems.length >= MOST_PROBLEMS) return;
      if (!problems.some(each => each.line === line && each.message === message)) problems.push({ line, message });
    },
  };
}
