/**
 * A ladder as a Mermaid sequence diagram. What was said is never syntax: a character that Mermaid, or the HTML that it makes, could
 * take for some is written as a numeric entity (mermaid.js.org/syntax/sequenceDiagram.html, "Entity codes to escape characters").
 */
import type { Span } from '../story/span.ts';
import type { Story } from '../story/story.ts';
import { plain } from '../story/words.ts';
import { assertNever } from '../world/world.ts';
import { recordedOn, shownSpan, titleOf } from './facts.ts';
import { ladderOf, type Rung, signOf } from './ladder.ts';
import { inOneLine } from './line-text.ts';

/** Mermaid draws nothing from more than 50,000 characters (its `maxTextSize`). */
const MOST_CHARACTERS = 45_000;
const MOST_LINES = 500;
const WIDEST = 64;

const entity = (character: string): string => `#${character.codePointAt(0) ?? 0xfffd};`;

/**
 * `#` begins a comment or an entity and `;` ends a statement; `<`, `>`, `&` and quotes become HTML; `%` may be a directive, `$$` a
 * formula, a backslash an escape; ﬂ and ¶ are what Mermaid itself puts for entities. `end` closes a block; `style` and `classDef`,
 * also within a word, make it drop the semicolon of an entity; `wrap:` is an option.
 */
const escapedForMermaid = (text: string): string =>
  text
    .replace(/\p{C}/gu, '\ufffd')
    .replace(/[#;<>&"'`%$\\{}[\]|ﬂ°¶ß]/gu, entity)
    .replace(/style|classdef/gi, word => `${entity(word)}${word.slice(1)}`)
    .replace(/\bend\b/gi, word => `${entity(word)}${word.slice(1)}`)
    .replace(/^(\s*)((?:no)?wrap)\s*:/i, '$1$2#58;')
    .trim();

const said = (text: string, width = WIDEST): string => escapedForMermaid(inOneLine(text, width)) || '#32;';

/** A name no word of Mermaid's. */
const post = (at: number): string => `h${at + 1}`;

function statement(rung: Rung, posts: number): string {
  const all = posts > 1 ? `${post(0)},${post(posts - 1)}` : post(0);
  switch (rung.kind) {
    case 'beat':
      return `Note over ${all}: ${said(`${rung.number}. ${plain(rung.beat.caption.title)}`, 90)}`;
    case 'note':
      return `Note over ${rung.at < 0 ? all : post(rung.at)}: ${said(signOf(rung.line) + rung.line.text)}`;
    case 'line': {
      const arrow = rung.reply ? (rung.line.verdict === 'no' ? '--x' : '-->>') : '->>';
      return `${post(rung.from)}${arrow}${post(rung.to)}: ${said(signOf(rung.line) + rung.line.text)}`;
    }
    default:
      return assertNever(rung);
  }
}

/** Ends in a newline. What is more than Mermaid takes is said to be left out. */
export function ladderMermaid(story: Story, asked: Span | null = null): string {
  const { posts, rungs, rest } = ladderOf(story, asked, MOST_LINES);
  const head = [
    `%% Recorded from real sockets on ${recordedOn(story.header).replace(/\p{C}|[%{}]/gu, '')}`,
    'sequenceDiagram',
    `    title: ${said(titleOf(story, shownSpan(story, asked)), 90)}`,
    ...posts.map(({ label }, at) => `    participant ${post(at)} as ${said(label)}`),
  ];
  if (posts.length === 0) head.push('    participant h1 as Nobody spoke');
  const width = Math.max(1, posts.length);
  const rows: string[] = [];
  let room = MOST_CHARACTERS - head.join('\n').length;
  let left = rest;
  for (const rung of rungs) {
    const row = `    ${statement(rung, width)}`;
    room -= row.length + 1;
    if (room >= 0) rows.push(row);
    else if (rung.kind !== 'beat') left += 1;
  }
  if (left > 0) rows.push(`    Note over h1: ${left} more lines are in the recording`);
  return `${[...head, ...rows].join('\n')}\n`;
}
