/** What is found wrong in a script, and the checks that all of its prose has in common. */

import type { Problem } from '../story/script.ts';
import type { Block, Prose } from './markdown.ts';
import { isPlaceholder, PLACEHOLDER_NAMES, placeholdersIn } from './placeholder.ts';

/** Nobody reads more of them at once. */
const MOST_PROBLEMS = 100;

/** `[RFC 5321 §5.1]` in a paragraph. */
export const REFERENCES = /\[(RFC\b[^[\]]{0,200})\]/gi;

/** A heading `##` and what stands below it. */
export interface Section {
  readonly heading: Prose;
  readonly blocks: readonly Block[];
}

export class Findings {
  private readonly all: Problem[] = [];

  problem(line: number, message: string): void {
    this.all.push({ line, message });
  }

  /** In the order of their lines. */
  get problems(): readonly Problem[] {
    return this.all.toSorted((one, other) => one.line - other.line).slice(0, MOST_PROBLEMS);
  }

  placeholders({ text, line }: Prose): void {
    for (const name of placeholdersIn(text))
      if (!isPlaceholder(name)) this.problem(line, `{${name}} stands for nothing: there are ${PLACEHOLDER_NAMES}.`);
  }

  withoutPlaceholders({ text, line }: Prose): void {
    const [name] = placeholdersIn(text);
    if (name !== undefined)
      this.problem(
        line,
        `{${name}} can stand only in the heading and the paragraphs of a part, where its value is known.`,
      );
  }

  withoutReferences({ text, line }: Prose): void {
    if (text.search(REFERENCES) >= 0)
      this.problem(line, 'a reference belongs to a part: put it at the end of one of its paragraphs.');
  }
}
