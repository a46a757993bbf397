/** Reads a script: Markdown in, parts and questions out, or all that is wrong with it, each with its line and what to do. */
import { toUtf8 } from '../bytes.ts';
import type { Known, Problem, Script } from '../story/script.ts';
import type { Words } from '../story/words.ts';
import { Findings, type Section } from './findings.ts';
import { type Block, type Divided, divided, readBlocks } from './markdown.ts';
import { paragraphs, readPart } from './part.ts';

type ParsedScript =
  | { readonly ok: true; readonly script: Script }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** 32 KiB. */
const MOST_OCTETS = 32_768;
const MOST_PARTS = 60;

const KNOWN = 'What you now know';
const TRY_THIS = 'Try this';

const isCalled = ({ heading }: Section, title: string): boolean => heading.text.toLowerCase() === title.toLowerCase();

/** The blocks before the first part, then each section with its own. */
function divide(blocks: readonly Block[]): {
  readonly opening: readonly Block[];
  readonly sections: readonly Section[];
} {
  const opening: Block[] = [];
  const sections: { readonly heading: Section['heading']; readonly blocks: Block[] }[] = [];
  for (const block of blocks) {
    if (block.kind === 'heading' && block.level === 2) sections.push({ heading: block, blocks: [] });
    else (sections.at(-1)?.blocks ?? opening).push(block);
  }
  return { opening, sections };
}

function readTitle(
  blocks: readonly Block[],
  { opening, sections }: ReturnType<typeof divide>,
  line: number,
  findings: Findings,
): Words {
  const [first, ...others] = blocks.filter(block => block.kind === 'heading' && block.level === 1);
  for (const other of others) findings.problem(other.line, 'a story has one title: a part begins with ##, not with #.');
  if (first?.kind !== 'heading') {
    findings.problem(line, 'the title is missing: begin the story with a line like “# You’ve got mail”.');
    return '';
  }
  const before = opening[0] ?? sections[0]?.heading;
  if (before !== undefined && before !== first)
    findings.problem(first.line, 'the title comes first: move it above all other words.');
  findings.withoutPlaceholders(first);
  return first.text;
}

/** Nothing but paragraphs; a title is seen to elsewhere. */
function readPlain(blocks: readonly Block[], where: string, findings: Findings): Words {
  const texts = blocks.flatMap(block => {
    if (block.kind === 'heading') return [];
    if (block.kind === 'note') findings.problem(block.line, `a note belongs to a part: there is none ${where}.`);
    else if (block.kind !== 'paragraph') findings.problem(block.line, `only paragraphs can stand ${where}.`);
    if (block.kind !== 'paragraph') return [];
    findings.withoutPlaceholders(block);
    findings.withoutReferences(block);
    return [block.text];
  });
  return paragraphs(texts);
}

function readKnown({ heading, blocks }: Section, findings: Findings): readonly Known[] {
  const how = 'write each as a line like “- **What is MX for?** It names the servers …”';
  if (blocks.length === 0) findings.problem(heading.line, `“${KNOWN}” is a list of questions and answers: ${how}.`);
  return blocks.flatMap(block => {
    if (block.kind !== 'list') {
      if (block.kind !== 'heading')
        findings.problem(block.line, `“${KNOWN}” holds nothing but questions and answers: ${how}.`);
      return [];
    }
    return block.items.flatMap(item => {
      findings.withoutPlaceholders(item);
      findings.withoutReferences(item);
      const [, question, answer] = /^\*\*([^*]+)\*\*\s+(\S.*)$/.exec(item.text) ?? [];
      if (question !== undefined && answer !== undefined) return [{ question, answer }];
      findings.problem(item.line, `the question stands in bold before its answer: ${how}.`);
      return [];
    });
  });
}

/** Closing sections stand at the end, each once, in this order. */
function checkOrder(sections: readonly Section[], closing: readonly Section[], findings: Findings): void {
  const end = sections.slice(sections.length - closing.length);
  for (const [index, section] of closing.entries()) {
    const { line, text } = section.heading;
    if (closing.slice(0, index).some(other => isCalled(other, text)))
      findings.problem(line, `“${text}” stands there twice: make one of the two.`);
    else if (!end.includes(section)) findings.problem(line, `“${text}” comes after the last part: move it to the end.`);
    else if (isCalled(section, KNOWN) && index > 0) findings.problem(line, `“${KNOWN}” comes before “${TRY_THIS}”.`);
  }
}

/** The one line of the front matter that is of interest here. */
function readTell(front: Divided['front'], findings: Findings): boolean {
  for (const { text, line } of front) {
    const written = /^tell:(?:\s+(.*))?$/.exec(text);
    if (written === null) continue;
    const value = (written[1] ?? '')
      .replace(/\s+#.*$/, '')
      .trim()
      .replace(/^(["'])(.*)\1$/, '$2');
    if (value === 'everything') return false;
    if (value !== 'parts')
      findings.problem(line, '“tell” is either “parts”, which goes without saying, or “everything”.');
  }
  return true;
}

function readScript({ front, body, open }: Divided, findings: Findings): Script {
  if (open) findings.problem(1, 'the front matter has no end: close it with a line of three dashes, ---.');
  const { blocks, problems } = readBlocks(body);
  for (const { line, message } of problems) findings.problem(line, message);
  const top = body[0]?.line ?? 1;
  const divisions = divide(blocks);
  const { opening, sections } = divisions;
  const closing = sections.filter(section => isCalled(section, KNOWN) || isCalled(section, TRY_THIS));
  const told = sections.filter(section => !closing.includes(section));
  checkOrder(sections, closing, findings);
  if (told.length === 0 && !open)
    findings.problem(
      top,
      'a story has at least one part: a heading like “## Alice presses Send”, and below it *at press-send*.',
    );
  const tooMany = told[MOST_PARTS];
  if (tooMany) findings.problem(tooMany.heading.line, `a story has at most ${MOST_PARTS} parts: make two of it.`);
  return {
    title: open ? '' : readTitle(blocks, divisions, top, findings),
    intro: readPlain(opening, 'before the first part', findings),
    parts: told.slice(0, MOST_PARTS).flatMap((section, index) => {
      const place = { first: index === 0, last: index === told.length - 1 };
      return readPart(section, place, findings) ?? [];
    }),
    known: closing.filter(section => isCalled(section, KNOWN)).flatMap(section => readKnown(section, findings)),
    tryThis: paragraphs(
      closing
        .filter(section => isCalled(section, TRY_THIS))
        .map(section => readPlain(section.blocks, `in “${TRY_THIS}”`, findings)),
    ),
    onlyParts: readTell(front, findings),
  };
}

export const isTooLong = (source: string): boolean =>
  source.length > MOST_OCTETS || toUtf8(source).length > MOST_OCTETS;

/** Of the front matter only `tell` is read; whoever runs the story reads the rest. Problems come in the order of their lines. */
export function parseScript(source: string): ParsedScript {
  if (isTooLong(source))
    return { ok: false, problems: [{ line: 1, message: 'a story has at most 32 KiB: make two of it.' }] };
  const findings = new Findings();
  const script = readScript(divided(source), findings);
  const { problems } = findings;
  return problems.length === 0 ? { ok: true, script } : { ok: false, problems };
}
