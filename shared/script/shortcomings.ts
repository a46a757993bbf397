/** What a script promised and the run of it did not keep: moments that never came, and values that nobody knew. */

import type { Part, Problem } from '../story/script.ts';
import type { Story } from '../story/story.ts';
import { unfilled } from './placeholder.ts';

/** The values that were missing when the part was told. */
function missing(story: Story, script: number, index: number, { title, body, line }: Part): readonly Problem[] {
  const beat = story.beats.find(({ told }) => told?.script === script && told.part === index);
  const step = beat && story.steps[beat.firstStep];
  if (step === undefined) return [];
  const said = story.lines.find(each => each.step === step.index)?.text ?? null;
  const { wireAt, jump, after } = step;
  const names = unfilled(`${title} ${body}`, { said, wireAt, jump, after });
  return [...new Set(names)].map(name => ({
    line,
    message: `nobody knows {${name}} at that moment: take it out, or tell this part later.`,
  }));
}

/** `script`: an index of `story.scripts`; it has ended. In the order of their lines. */
export function shortcomings(story: Story, script: number): readonly Problem[] {
  const told = story.scripts[script];
  if (told === undefined) return [];
  const { parts } = told.script;
  return parts.flatMap((part, index) => {
    if (index < told.met) return missing(story, script, index, part);
    if (index > told.met)
      return [{ line: part.line, message: `this part was never told, because it waits for the one before it.` }];
    const before = parts[index - 1];
    const since = before ? `after “${before.title}”` : 'from the beginning on';
    return [{ line: part.line, message: `this moment never came, ${since}: *${part.at}*.` }];
  });
}
