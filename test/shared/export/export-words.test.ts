/** A run in words and as letters: all of it is there, what is there is nobody's markup, and what each server added is all that differs. */
import { describe, expect, test } from 'vitest';
import { emlsOf } from '../../../shared/export/eml.ts';
import { transcriptMarkdown, transcriptText } from '../../../shared/export/transcript.ts';
import { transcriptFragment, transcriptHtml } from '../../../shared/export/transcript-html.ts';
import { createStoryteller } from '../../../shared/reading/storyteller.ts';
import { beatNamed, nameOfBeat, spanOf } from '../../../shared/story/span.ts';
import { decodeTrace, encodeTrace } from '../../../shared/trace/codec.ts';
import { storyOf, toldFrom, traceOf, withSubject } from '../../fixtures/recordings.ts';

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
    expect(story.lines.length).toBeGreaterThan(0);
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
    expect(story.beats.length).toBeGreaterThan(0);
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

  test('is there at all, however it is written', () => {
    expect(subject).not.toBe('');
    expect(story.beats.length).toBe(storyOf('youve-got-mail').beats.length);
  });

  test('commands no terminal', () => {
    for (const text of [transcriptText(story), transcriptMarkdown(story)])
      expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });
});

describe('a host whose label would end a fence', () => {
  // A recording with such a label is refused; a story may come from elsewhere.
  const decoded = decodeTrace(traceOf('youve-got-mail'));
  if (!decoded.ok) throw new Error(decoded.message);
  const label = '\n```\n# out\n````\n# out';
  const hosts = decoded.header.world.hosts.map(host => ({ ...host, label }));
  const teller = createStoryteller({ ...decoded.header, world: { ...decoded.header.world, hosts } });
  teller.append(decoded.events);
  const rows = transcriptMarkdown(teller.finish()).split('\n');

  test('stays inside it: the fence is longer than any in what it holds', () => {
    let fence = '';
    let inside = 0;
    for (const row of rows) {
      const opens = /^(`{3,})text$/.exec(row)?.[1];
      if (fence === '' && opens !== undefined) fence = opens;
      else if (fence !== '' && row === fence) fence = '';
      else if (row === '# out') {
        expect(fence.length).toBeGreaterThan(4);
        inside += 1;
      } else if (fence !== '' && /^`+$/.test(row)) expect(row.length).toBeLessThan(fence.length);
    }
    expect(fence).toBe('');
    expect(inside).toBeGreaterThan(0);
  });

  test.each(['two\nlines', 'two\r\nlines', 'two\u2028lines', 'a\u0085b', 'bell\u0007'])(
    'is refused in a recording where it is no line: %j',
    wrong => {
      const world = { ...decoded.header.world, hosts: hosts.map(host => ({ ...host, label: wrong })) };
      const read = decodeTrace(encodeTrace({ ...decoded.header, world }, decoded.events));
      expect(read).toMatchObject({
        ok: false,
        line: 1,
        message: expect.stringContaining('must be one line') as string,
      });
    },
  );

  test.each(['users', 'lists'] as const)('so are names of %s', kind => {
    const list = { address: 'l@green.example', owner: 'bob@green.example', members: ['bob@green.example'] };
    const named = { users: decoded.header.world.users, lists: [{ ...list, name: 'x' }] };
    const world = { ...decoded.header.world, [kind]: named[kind].map(each => ({ ...each, name: 'a\nb' })) };
    const read = decodeTrace(encodeTrace({ ...decoded.header, world }, decoded.events));
    expect(read).toMatchObject({ ok: false, line: 1, message: expect.stringContaining('must be one line') as string });
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
    const letters = emlsOf(storyOf('stories/a-dot-alone'));
    expect(letters.length).toBeGreaterThan(0);
    for (const { bytes } of letters) {
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
    // It broke off once, and came whole afterwards.
    expect(whole).toBeGreaterThan(0);
    const said = storyOf('stall-in-the-letter').lines.filter(({ role }) => role === 'content').length;
    expect(whole).toBe(said);
    const story = storyOf('youve-got-mail');
    const end = emlsOf(story, spanFor(story, 'collect.retrieve', null));
    expect(end.map(({ name, added }) => [name, added])).toEqual([
      ['1-from-pop.green.example-to-bob.eml', ['Return-Path', 'Received']],
    ]);
  });

  test('has a name that is a file everywhere', () => {
    const names = RUNS.flatMap(run => emlsOf(storyOf(run)).map(({ name }) => name));
    expect(names.length).toBeGreaterThan(RUNS.length);
    for (const name of names) expect(name).toMatch(/^\d+-from-[a-z0-9.-]+-to-[a-z0-9.-]+\.eml$/);
  });
});
