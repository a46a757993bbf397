/** A run in words and as letters: all of it is there, what is there is nobody's markup, and what each server added is all that differs. */
import { describe, expect, test } from 'vitest';
import { emlsOf } from '../shared/export/eml.ts';
import { transcriptMarkdown, transcriptText } from '../shared/export/transcript.ts';
import { transcriptFragment, transcriptHtml } from '../shared/export/transcript-html.ts';
import { beatNamed, nameOfBeat, spanOf } from '../shared/story/span.ts';
import { storyOf, toldFrom, withSubject } from './fixtures/recordings.ts';

const RUNS = [
  'youve-got-mail',
  'unknown-recipient',
  'dns-silence',
  'wrong-password',
  'counted-pieces',
  'list-with-a-bounce',
  'stall-in-the-letter',
  'outside-the-world',
  'dig',
  'stories/the-lost-250',
  'stories/five-days',
];

const ATTACKS = [
  '</script><script>alert(1)</script><!--',
  '"><img src=x onerror=alert(1)>',
  '```\n# not a heading',
  '</pre></details><h1>',
  '[a](javascript:alert(1)) **bold** <b>',
  '\u001b[31mred\u001b]0;title\u0007',
  'end; #quot; %%{init: {}}%% style x:#red;',
];

const spanFor = (story: ReturnType<typeof storyOf>, from: string | null, to: string | null) => {
  const found = spanOf(story, from, to);
  if (!found.ok) throw new Error(found.message);
  return found.span;
};

const lettersIn = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

describe.each(RUNS)('%s', name => {
  const story = storyOf(name);

  test('every step and every line is in the transcript, in order', () => {
    const text = transcriptText(story);
    let at = 0;
    for (const { text: said } of story.lines)
      for (const row of said.replaceAll('\t', ' ').split(/\r?\n/)) {
        const found = text.indexOf(row, at);
        expect(found, row).toBeGreaterThanOrEqual(at);
        at = found;
      }
    for (const beat of story.beats)
      expect(text).toContain(`${beat.index + 1}. ${beat.caption.title.replaceAll('**', '')}`);
  });

  test('every step has both its clocks', () => {
    const clocks = transcriptText(story).match(/(?:on the wire|into the journey), shown in /g) ?? [];
    expect(clocks).toHaveLength(story.beats.length);
    expect(transcriptMarkdown(story).match(/^## /gm)).toHaveLength(story.beats.length);
    expect(transcriptFragment(story).match(/<li class="beat">/g)).toHaveLength(story.beats.length);
  });

  test('a beat is found by the name that is written for it', () => {
    for (const beat of story.beats) {
      expect(beatNamed(story, nameOfBeat(story, beat))?.index).toBe(beat.index);
      expect(beatNamed(story, nameOfBeat(story, beat), beat.index)?.index).toBe(beat.index);
    }
  });

  test('a part of it has the steps of that part alone', () => {
    const last = story.beats.at(-1);
    if (last === undefined) throw new Error('nothing happens in it');
    const text = transcriptText(story, spanFor(story, nameOfBeat(story, last), null)).replace(/(\S)\n(?=\S)/g, '$1 ');
    expect(text.match(/\n\n\d+\. /g)).toHaveLength(1);
    if (story.beats.length > 1) expect(text).toContain(`; step ${story.beats.length} of ${story.beats.length}`);
  });
});

describe.each(ATTACKS)('a letter with the subject %j', subject => {
  const story = toldFrom(withSubject('youve-got-mail', subject));

  test('brings no tag into HTML', () => {
    const tags = (html: string): readonly string[] =>
      [...new Set([...html.matchAll(/<[/!]?[a-z][a-z0-9]*/gi)].map(([tag]) => tag))].toSorted();
    expect(tags(transcriptHtml(story))).toEqual(tags(transcriptHtml(storyOf('youve-got-mail'))));
  });

  test('ends no fence in Markdown, and is no markup outside of one', () => {
    let fence = '';
    for (const row of transcriptMarkdown(story).split('\n')) {
      const opens = /^(`{3,})text$/.exec(row)?.[1];
      if (fence === '' && opens !== undefined) fence = opens;
      else if (fence !== '' && row === fence) fence = '';
      else if (fence === '') {
        const outside = row.replace(/\]\(<https:[^<>]*>\)/g, ']');
        expect(outside).not.toMatch(/(?:^|[^\\])[<`]/);
      }
    }
    expect(fence).toBe('');
    expect(transcriptMarkdown(story).match(/^## /gm)).toHaveLength(story.beats.length);
  });

  test('commands no terminal', () => {
    for (const text of [transcriptText(story), transcriptMarkdown(story)])
      expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });
});

describe('the letter at each hop', () => {
  test('is named by who gave it to whom, and ends as it began', () => {
    const letters = emlsOf(storyOf('youve-got-mail'));
    expect(letters.map(({ name, added }) => [name, added])).toEqual([
      ['1-from-alice-to-smtp.blue.example.eml', []],
      ['2-from-smtp.blue.example-to-mx1.green.example.eml', ['Received']],
      ['3-from-pop.green.example-to-bob.eml', ['Return-Path', 'Received']],
    ]);
    for (const [at, { bytes }] of letters.entries())
      if (at > 0) expect(lettersIn(bytes).endsWith(lettersIn(letters[at - 1]?.bytes ?? new Uint8Array(0)))).toBe(true);
  });

  test('is what its reader got', () => {
    const story = storyOf('youve-got-mail');
    const last = emlsOf(story).at(-1);
    expect(last?.bytes).toEqual(story.inbox.at(-1)?.raw);
  });

  test('has its dots as they were written', () => {
    for (const { bytes } of emlsOf(storyOf('stories/a-dot-alone'))) {
      const text = lettersIn(bytes);
      expect(text).toMatch(/\r\n\.\r\n./);
      expect(text).not.toMatch(/\r\n\.\r\n$/);
    }
  });

  test('is whole where it came in counted pieces', () => {
    const [, second] = emlsOf(storyOf('counted-pieces'));
    expect(second?.bytes).toHaveLength(439);
  });

  test('is not there where it broke off, and only in the part that is asked for', () => {
    const whole = emlsOf(storyOf('stall-in-the-letter')).length;
    const said = storyOf('stall-in-the-letter').lines.filter(({ role }) => role === 'content').length;
    expect(whole).toBe(said);
    const story = storyOf('youve-got-mail');
    const end = emlsOf(story, spanFor(story, 'collect.retrieve', null));
    expect(end.map(({ name, added }) => [name, added])).toEqual([
      ['1-from-pop.green.example-to-bob.eml', ['Return-Path', 'Received']],
    ]);
  });

  test('has a name that is a file everywhere', () => {
    for (const run of RUNS)
      for (const { name } of emlsOf(storyOf(run))) expect(name).toMatch(/^\d+-from-[a-z0-9.-]+-to-[a-z0-9.-]+\.eml$/);
  });
});
