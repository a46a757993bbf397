/** The little Markdown that scripts are written in: blocks with their lines, and a sentence for whatever else stands there. */
import type { Problem } from '../story/script.ts';

/** A paragraph, a note or a list item; its rows are joined by spaces. */
export interface Prose {
  readonly text: string;
  readonly line: number;
}

export type Block =
  | { readonly kind: 'heading'; readonly level: 1 | 2; readonly text: string; readonly line: number }
  /** A line in italics right below the heading of a section: its words, without the asterisks. */
  | { readonly kind: 'italics'; readonly text: string; readonly line: number }
  | { readonly kind: 'paragraph' | 'note'; readonly text: string; readonly line: number }
  | { readonly kind: 'list'; readonly items: readonly Prose[]; readonly line: number };

interface Row {
  readonly text: string;
  readonly line: number;
}

/** A file's front matter, as rows, and the rows below it. `open`: it has no end. */
export interface Divided {
  readonly front: readonly Row[];
  readonly body: readonly Row[];
  readonly open: boolean;
}

export function divided(source: string): Divided {
  const rows = source
    .replace(/^\ufeff/, '')
    .split(/\r\n|\n|\r/)
    .map((text, index) => ({ text, line: index + 1 }));
  if (rows[0]?.text.trimEnd() !== '---') return { front: [], body: rows, open: false };
  const end = rows.findIndex(({ text }, index) => index > 0 && text.trimEnd() === '---');
  if (end < 0) return { front: [], body: [], open: true };
  return { front: rows.slice(1, end), body: rows.slice(end + 1), open: false };
}

/** What a line must not contain, and what to do instead. */
const INLINE: readonly (readonly [RegExp, string])[] = [
  [/!\[/, 'a story has no pictures of its own: the stage is its picture. Take this one out.'],
  [
    /\]\(|^ {0,3}\[[^\]]{1,80}\]:/,
    'a story has no links, only references such as [RFC 5321 §5.1]: write the words alone.',
  ],
  [/`/, 'a story has no code marks: write a term as **term**, and anything else as it is.'],
  [/<\/?[a-z][a-z0-9-]*(?:\s[^<>]*)?\/?>|<!--/i, 'a story has no HTML: take the tag out.'],
  [/~~/, 'the only markup in words is **bold**: take the ~~ out.'],
  [
    /(?<!\w)__?(?=[^\s_])[^_]{1,200}(?<=\S)__?(?!\w)/,
    'the only markup in words is **bold**: take the underscores out.',
  ],
];

/** What a line must not begin with. */
const OPENINGS: readonly (readonly [RegExp, string])[] = [
  [/^ {0,3}#{3,}/, 'headings go no deeper than ##: make this a part of its own, or a paragraph.'],
  [/^ {0,3}#{1,2}[^\s#]/, 'put a space between # and the heading’s words.'],
  [/^ {0,3}#{1,2}\s*$/, 'this heading has no words.'],
  [/^ {0,3}(?:[*+]|\d{1,9}[.)])\s/, 'begin each item of a list with a dash and a space.'],
  [
    /^ {0,3}(?:-\s*){3,}$|^ {0,3}(?:\*\s*){3,}$|^ {0,3}(?:_\s*){3,}$|^ {0,3}={2,}\s*$/,
    'a story has no lines across: take this one out.',
  ],
  [/^ {0,3}\|/, 'a story has no tables: write sentences.'],
  [/^(?: {4}|\t)/, 'a line that begins with four spaces is a code block: begin it at the left.'],
];

const FENCE = /^ {0,3}(?:```|~~~)/;
const HEADING = /^ {0,3}(#{1,2})\s+(\S.*)$/;
const ITALICS = /^\s*\*(?![*\s])([^*]+)\*\s*$/;
const NOTE = /^ {0,3}> ?(.*)$/;
const ITEM = /^ {0,3}-\s+(\S.*)$/;

const spaced = (text: string): string => text.trim().replace(/\s+/g, ' ');

/** Bold is opened and closed within one piece of prose, and no other asterisk stands there. */
function boldProblem(text: string): string | null {
  const pieces = text.split('**');
  if (pieces.some(piece => piece.includes('*')))
    return 'the only markup in words is **bold**, with two asterisks on either side.';
  if (pieces.length % 2 === 0) return 'a **bold** term needs two asterisks before it and two after it.';
  const empty = pieces.some((piece, index) => index % 2 === 1 && (piece === '' || piece !== piece.trim()));
  return empty ? 'a **bold** term stands right between its asterisks, without spaces there.' : null;
}

interface Growing {
  readonly kind: 'paragraph' | 'note' | 'item';
  readonly line: number;
  readonly rows: string[];
}

class Reading {
  readonly blocks: Block[] = [];
  readonly problems: Problem[] = [];
  private growing: Growing | null = null;
  /** The items of the list that is the last block. */
  private items: Prose[] = [];

  /** Where a problem was found the rest of the line is not looked at. */
  read(rows: readonly Row[]): void {
    let fenced = false;
    for (const { text, line } of rows) {
      if (FENCE.test(text)) {
        if (!fenced) this.problem(line, 'a story has no code blocks: what crosses the wire is shown by itself.');
        fenced = !fenced;
        this.close();
      } else if (!fenced) this.row(text, line);
    }
    this.close();
  }

  private row(text: string, line: number): void {
    if (text.trim() === '') {
      this.close();
      return;
    }
    const italics = this.growing === null && this.isBelowHeading() ? ITALICS.exec(text)?.[1] : undefined;
    if (italics !== undefined) {
      this.blocks.push({ kind: 'italics', text: spaced(italics), line });
      return;
    }
    const heading = HEADING.exec(text);
    if (heading) {
      this.heading(heading[1]?.length === 1 ? 1 : 2, spaced((heading[2] ?? '').replace(/\s#+\s*$/, '')), line);
      return;
    }
    const continues = this.growing !== null && /^\s/.test(text);
    const opening = continues ? undefined : OPENINGS.find(([pattern]) => pattern.test(text));
    if (opening) {
      this.problem(line, opening[1]);
      this.close();
      return;
    }
    const note = NOTE.exec(text)?.[1];
    const item = ITEM.exec(text)?.[1];
    if (note !== undefined) this.grow('note', note, line, note.trim() === '');
    else if (item !== undefined) {
      this.close();
      this.grow('item', item, line);
    } else this.grow(this.growing?.kind ?? 'paragraph', text, line);
  }

  private isBelowHeading(): boolean {
    const last = this.blocks.at(-1);
    return last?.kind === 'heading' && last.level === 2;
  }

  private heading(level: 1 | 2, text: string, line: number): void {
    this.close();
    this.inline(text, line);
    this.whole(text, line);
    this.blocks.push({ kind: 'heading', level, text, line });
  }

  private grow(kind: Growing['kind'], text: string, line: number, blank = false): void {
    if (this.growing?.kind !== kind) this.close();
    if (blank) {
      this.close();
      return;
    }
    this.inline(text, line);
    if (this.growing) this.growing.rows.push(text);
    else this.growing = { kind, line, rows: [text] };
  }

  private close(): void {
    const { growing } = this;
    if (growing === null) return;
    this.growing = null;
    const { kind, line } = growing;
    const text = spaced(growing.rows.join(' '));
    this.whole(text, line);
    if (kind !== 'item') {
      this.blocks.push({ kind, text, line });
      return;
    }
    if (this.blocks.at(-1)?.kind !== 'list') {
      this.items = [];
      this.blocks.push({ kind: 'list', items: this.items, line });
    }
    this.items.push({ text, line });
  }

  private inline(text: string, line: number): void {
    const found = INLINE.find(([pattern]) => pattern.test(text));
    if (found) this.problem(line, found[1]);
  }

  private whole(text: string, line: number): void {
    const message = boldProblem(text);
    if (message !== null) this.problem(line, message);
  }

  private problem(line: number, message: string): void {
    this.problems.push({ line, message });
  }
}

/** Everything that stands below the front matter, in its order. */
export function readBlocks(rows: readonly Row[]): {
  readonly blocks: readonly Block[];
  readonly problems: readonly Problem[];
} {
  const reading = new Reading();
  reading.read(rows);
  return reading;
}
