/** Reads one part of a script: its moment, its words with their references, its notes and its question. */
import { rfc } from '../explain/words/references.ts';
import type { Choice, Part, Question } from '../story/script.ts';
import type { Reference } from '../story/words.ts';
import { readAnchor } from './anchor.ts';
import { type Findings, REFERENCES, type Section } from './findings.ts';
import type { Prose } from './markdown.ts';

const FEWEST_CHOICES = 2;
const MOST_CHOICES = 4;

const REFERENCE = /^RFC ?(\d{1,5})(?: ?§ ?(\d{1,3}(?:\.\d{1,3}){0,6}))?$/i;

/** The question of a paragraph that asks one. */
const askedIn = (text: string): string | undefined => /^\*\*Predict:\*\*\s*(.*)$/i.exec(text)?.[1];

/** A paragraph without the references at its end, which are added to `references`. */
function referring({ text, line }: Prose, references: Reference[], findings: Findings): string {
  const first = text.search(REFERENCES);
  if (first < 0) return text;
  const tail = text.slice(first);
  const left = tail.replace(REFERENCES, '').trim();
  if (left !== '' && left !== '.')
    findings.problem(line, 'a reference stands at the end of its paragraph, after the last full stop.');
  for (const [, inside = ''] of tail.matchAll(REFERENCES)) {
    for (const one of inside.split(/[,;]\s*/)) {
      const [, number, section] = REFERENCE.exec(one.trim()) ?? [];
      if (number === undefined) {
        findings.problem(line, `“[${inside}]” is no reference: write it like [RFC 5321 §5.1].`);
        continue;
      }
      const reference = rfc(Number(number), section);
      if (!references.some(({ label }) => label === reference.label)) references.push(reference);
    }
  }
  return `${text.slice(0, first).trim()}${left === '.' ? '.' : ''}`;
}

function readChoices(items: readonly Prose[], findings: Findings): readonly Choice[] {
  return items.flatMap(({ text, line }) => {
    const [, mark, words] = /^\[([ xX])\]\s+(\S.*)$/.exec(text) ?? [];
    if (mark === undefined || words === undefined) {
      findings.problem(line, 'a choice is a line like “- [ ] Bob’s address”, with [x] where it is right.');
      return [];
    }
    findings.withoutPlaceholders({ text: words, line });
    findings.withoutReferences({ text: words, line });
    return [{ words, right: mark !== ' ' }];
  });
}

function readQuestion({ text: words, line }: Prose, items: readonly Prose[], findings: Findings): Question {
  findings.withoutPlaceholders({ text: words, line });
  findings.withoutReferences({ text: words, line });
  if (words === '')
    findings.problem(line, 'this question has no words: write **Predict:** What will the server answer?');
  const choices = readChoices(items, findings);
  const right = choices.filter(choice => choice.right).length;
  if (items.length === 0)
    findings.problem(
      line,
      'a question needs its choices right below it: lines like “- [ ] Bob’s address”, and the right one with [x].',
    );
  else if (items.length < FEWEST_CHOICES || items.length > MOST_CHOICES)
    findings.problem(
      line,
      `a question has ${FEWEST_CHOICES} to ${MOST_CHOICES} choices; this one has ${items.length}.`,
    );
  if (choices.length === items.length && items.length > 0 && right !== 1)
    findings.problem(
      line,
      `exactly one choice is right and has [x]; here ${right === 0 ? 'none has' : `${right} have`}.`,
    );
  return { words, choices };
}

type Content = Pick<Part, 'body' | 'references' | 'notes' | 'question'>;

function readContent(blocks: Section['blocks'], findings: Findings): Content {
  const body: string[] = [];
  const notes: string[] = [];
  const references: Reference[] = [];
  let question: Question | null = null;
  /** The question whose choices have to follow now. */
  let asked: Prose | null = null;
  const ask = (items: readonly Prose[]): void => {
    if (asked === null) return;
    const read = readQuestion(asked, items, findings);
    if (question !== null) findings.problem(asked.line, 'a part asks one question: give this one a part of its own.');
    question ??= read;
    asked = null;
  };
  for (const block of blocks) {
    if (block.kind === 'list') {
      if (asked === null)
        findings.problem(
          block.line,
          'in a part, a list holds the choices of a question: write **Predict:** and the question right above it, or make this a paragraph.',
        );
      ask(block.items);
      continue;
    }
    ask([]);
    if (block.kind === 'note') {
      findings.withoutPlaceholders(block);
      notes.push(block.text);
    } else if (block.kind === 'paragraph') {
      const words = askedIn(block.text);
      if (words === undefined) {
        findings.placeholders(block);
        body.push(referring(block, references, findings));
      } else asked = { text: words, line: block.line };
    }
  }
  ask([]);
  return { body: paragraphs(body), references, notes: paragraphs(notes), question };
}

/** Parted by an empty line. */
export const paragraphs = (all: readonly string[]): string => all.filter(Boolean).join('\n\n');

/** Null where nothing says when it is told. */
export function readPart(
  { heading, blocks }: Section,
  place: { readonly first: boolean; readonly last: boolean },
  findings: Findings,
): Part | null {
  const { line, text: title } = heading;
  const [opening] = blocks;
  findings.placeholders(heading);
  findings.withoutReferences(heading);
  const content = readContent(blocks, findings);
  if (opening?.kind !== 'italics') {
    findings.problem(
      line,
      'a part needs to say when it is told: a line like *at the MX answer* right below its heading.',
    );
    return null;
  }
  const anchor = readAnchor(opening.text);
  if (typeof anchor === 'string') {
    findings.problem(opening.line, anchor);
    return null;
  }
  if (anchor.what.kind === 'beginning' && !place.first)
    findings.problem(
      opening.line,
      'only the first part can be told at the beginning: say what has to happen for this one.',
    );
  if (anchor.what.kind === 'end' && !place.last)
    findings.problem(opening.line, 'only the last part can be told at the end: nothing happens after it.');
  return { title, anchor, at: opening.text, ...content, line };
}
