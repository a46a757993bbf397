/** A story as a page to be read: its words, and what really crossed the wire, without animation and without any script. */

import { noteText } from '../../../shared/explain/notes.ts';
import { escaped, paragraphs, paragraphsOf, plain, references, words } from '../../../shared/export/html.ts';
import { called } from '../../../shared/export/parties.ts';
import { wireText } from '../../../shared/export/wire-text.ts';
import { PROTOCOLS } from '../../../shared/protocols.ts';
import type { Known, Part, Question, Script } from '../../../shared/story/script.ts';
import type { Beat, Letter, Story } from '../../../shared/story/story.ts';
import { framed, summary } from './text-frame.ts';

export interface Neighbour {
  readonly name: string;
  readonly title: string;
}

/** What is written and what happened. `story` is its recording, told by the script. */
export interface ReadStory {
  readonly name: string;
  readonly group: string;
  readonly script: Script;
  readonly story: Story;
}

export interface Surroundings {
  readonly previous: Neighbour | null;
  readonly next: Neighbour | null;
  /** The style sheet, from the folder of the built site. */
  readonly css: string;
  /** Octets of the recording's file. */
  readonly recorded: number;
}

/** From a page of its own, two folders down. */
const ROOT = '../../';

export const heading = (group: string): string => `${group.slice(0, 1).toUpperCase()}${group.slice(1)}`;

const counted = (n: number, one: string): string => (n === 1 ? `1 ${one}` : `${n} ${one}s`);

/** "61 ms", "2.1 s": microseconds on the wire. */
const duration = (microseconds: number): string =>
  microseconds < 1_000_000 ? `${Math.round(microseconds / 1000)} ms` : `${(microseconds / 1_000_000).toFixed(1)} s`;

/** The beats that this story is told in: those of its own run, which are all there are in its recording. */
const beatsOf = ({ story, name }: ReadStory): readonly Beat[] => {
  const told = story.scripts.find(each => each.name === name);
  return told === undefined ? story.beats : story.beats.filter(beat => beat.run === told.run);
};

function predict(question: Question): string {
  const choices = question.choices.map(choice => `<li>${words(choice.words)}</li>`).join('\n');
  const right = question.choices.filter(choice => choice.right).map(choice => words(choice.words));
  return `<div class="predict" role="group" aria-label="Predict">
<p><strong>Predict</strong> ${words(question.words)}</p>
<ul>
${choices}
</ul>
<details><summary>The answer</summary><p>${right.join(', ')}</p></details>
</div>`;
}

const focusOf = (story: Story, beat: Beat): Letter | undefined => {
  const after = story.steps[beat.lastStep]?.after;
  return after?.letters.find(letter => letter.id === after.focus);
};

/** Where the letter is and who answers for it, said only where it differs from what was said before. */
function whereabouts(story: Story, beat: Beat, before: Beat | undefined): string {
  const letter = focusOf(story, beat);
  if (letter === undefined) return '';
  const last = before === undefined ? undefined : focusOf(story, before);
  if (
    last !== undefined &&
    last.at === letter.at &&
    last.responsible === letter.responsible &&
    noteText(last.note) === noteText(letter.note) &&
    last.id === letter.id
  )
    return '';
  const world = story.steps[beat.lastStep]?.after.world ?? story.start.world;
  return `<dl class="whereabouts">
<div><dt>Where the ${letter.report === null ? 'letter' : 'report'} is</dt><dd>${escaped(called(world, letter.at))}, ${escaped(noteText(letter.note))}</dd></div>
<div><dt>Who is responsible</dt><dd>${escaped(called(world, letter.responsible))}</dd></div>
</dl>`;
}

const notes = (part: Part): string =>
  part.notes === ''
    ? ''
    : `<aside role="note" class="notes"><h3>For the speaker</h3>\n${paragraphs(part.notes)}\n</aside>`;

/** Beats that the product tells in its own words, between the parts. */
const meanwhile = (story: Story, beats: readonly Beat[], level: 'h2' | 'h3'): string =>
  beats
    .map(
      beat => `<div class="meanwhile">
<${level}>${words(beat.caption.title)}</${level}>
<p>${words(beat.caption.body)}</p>
${references(beat.caption.references)}
${wireText(story, beat, `What was said: ${plain(beat.caption.title)}`)}
</div>`,
    )
    .join('\n');

/** "SMTP 5 of 14", as the caption's head has it. */
function mark(beat: Beat, beats: readonly Beat[]): string {
  const { protocol } = beat.caption;
  const outcome =
    beat.name === 'queue.deferred'
      ? ' <span class="waits">◷ waits</span>'
      : beat.failed
        ? ' <span class="failed">✕ fails</span>'
        : '';
  const place = `${beats.indexOf(beat) + 1} of ${beats.length}`;
  return `<p class="mark"><span class="tag ${protocol}">${PROTOCOLS[protocol].name}</span> <span>${place}</span>${outcome}</p>`;
}

/** `own`: the beats from this part's moment to the next one's, its own at the head. */
function section(told: ReadStory, beats: readonly Beat[], at: number, own: readonly Beat[]): string {
  const { script, story } = told;
  const part = script.parts[at];
  if (part === undefined) return '';
  const [beat, ...others] = own;
  const title = beat?.caption.title ?? part.title;
  const id = `part-${at + 1}`;
  return `<section aria-labelledby="${id}">
${part.question === null ? '' : predict(part.question)}
${beat === undefined ? '' : mark(beat, beats)}
<h2 id="${id}">${words(title)}</h2>
${paragraphs(beat?.caption.body ?? part.body)}
${references(beat?.caption.references ?? part.references)}
${notes(part)}
${beat === undefined ? '' : wireText(story, beat, `What was said: ${plain(title)}`)}
${beat === undefined ? '' : whereabouts(story, beat, beats[beats.indexOf(beat) - 1])}
${meanwhile(story, others, 'h3')}
</section>`;
}

/** Beats by the part that opened them, and those that came before the first. */
function byPart(
  beats: readonly Beat[],
  parts: number,
): { readonly before: readonly Beat[]; readonly own: readonly (readonly Beat[])[] } {
  const before: Beat[] = [];
  const own: Beat[][] = Array.from({ length: parts }, () => []);
  let open = before;
  for (const beat of beats) {
    if (beat.told !== null) open = own[beat.told.part] ?? open;
    open.push(beat);
  }
  return { before, own };
}

const known = (all: readonly Known[]): string =>
  all.length === 0
    ? ''
    : `<section aria-labelledby="known" class="known">
<h2 id="known">What you now know</h2>
<dl>
${all.map(({ question, answer }) => `<div><dt>${words(question)}</dt><dd>${words(answer)}</dd></div>`).join('\n')}
</dl>
</section>`;

const tryThis = (name: string, text: string): string =>
  text === ''
    ? ''
    : `<section aria-labelledby="try" class="try">
<h2 id="try">Try this</h2>
${paragraphs(text)}
<p><a class="button" href="${escaped(`${ROOT}?story=${encodeURIComponent(name)}`)}">Open it on the page</a></p>
</section>`;

const step = (rel: 'prev' | 'next', word: string, to: Neighbour | null): string =>
  to === null
    ? ''
    : `<a rel="${rel}" href="${escaped(`../${encodeURIComponent(to.name)}/`)}"><small>${word}</small> ${words(to.title)}</a>`;

/** "14 steps · 3 questions · 43 lines crossed the wire in 61 ms". */
function facts(script: Script, story: Story, beats: readonly Beat[]): string {
  const shown = new Set(beats.map(beat => beat.index));
  const lines = story.lines.filter(line => line.from !== 'aside' && shown.has(line.beat)).length;
  const [first, last] = [beats[0], beats.at(-1)];
  const took = first === undefined || last === undefined ? 0 : last.wireEnd - first.wireStart;
  const questions = script.parts.filter(part => part.question !== null).length;
  return [
    counted(beats.length, 'step'),
    ...(questions > 0 ? [counted(questions, 'question')] : []),
    `${counted(lines, 'line')} crossed the wire${took > 0 ? ` in ${duration(took)}` : ''}`,
  ]
    .map(fact => `<li>${fact}</li>`)
    .join('');
}

/** The whole page, as stories/NAME/index.html. */
export function storyPage(told: ReadStory, around: Surroundings): string {
  const { name, group, script, story } = told;
  const beats = beatsOf(told);
  const { before, own } = byPart(beats, script.parts.length);
  const file = encodeURIComponent(name);
  const sections = own.map((each, at) => section(told, beats, at, each));
  const [lead = ''] = paragraphsOf(script.intro);
  return framed({
    title: `${plain(script.title)} · mailscope`,
    description: summary(lead === '' ? script.title : lead),
    root: ROOT,
    css: around.css,
    nav: '<a href="../">All stories</a>',
    notes: script.parts.some(part => part.notes !== ''),
    main: `<article>
<div class="opening">
<p class="group">${escaped(heading(group))}</p>
<h1>${words(script.title)}</h1>
${paragraphs(script.intro)}
<ul class="facts">${facts(script, story, beats)}</ul>
<p class="actions"><a class="button primary" href="${escaped(`${ROOT}?story=${file}`)}">Watch it happen</a></p>
</div>
${before.length === 0 ? '' : `<section aria-label="Before">${meanwhile(story, before, 'h2')}</section>`}
${sections.join('\n')}
${known(script.known)}
${tryThis(name, script.tryThis)}
</article>
<nav class="onward" aria-label="More stories">
${step('prev', 'Before this', around.previous)}
${step('next', 'Next', around.next)}
<a href="../"><small>Or choose</small> All stories</a>
</nav>
<p class="files">Take it with you: <a href="${escaped(`../${file}.md`)}" download>the story’s source (Markdown)</a>, <a href="${escaped(`../${file}.trace.ndjson`)}" download>the recording (${Math.ceil(around.recorded / 1000)} kB)</a>. The recording plays wherever mailscope is open: drop it on the page.</p>`,
  });
}
