/** A story’s file is read whole: what is right is understood, and all that is wrong is told at once, each with its line. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkStory, measuresOf } from '../../../server/stories/check.ts';
import { listStories, storySource } from '../../../server/stories/library.ts';
import { TEMPLATE } from '../../../server/stories/template.ts';
import { blueAndGreen } from '../../../shared/world/presets.ts';
import { changing, doing, problems, story, storyWith } from '../../fixtures/stories.ts';

describe('the head of a story', () => {
  test('says where the story belongs, and what its world is like when it begins', () => {
    const read = story(
      storyWith(
        [
          'group: collecting',
          'order: 3',
          'next: two-readers',
          'still: 1',
          changing('turn mx1 off'),
          doing('send'),
        ].join('\n'),
      ),
    );
    expect(read.facts).toEqual({ group: 'collecting', order: 3, next: 'two-readers', still: 1 });
    expect(read.world.faults).toEqual([{ kind: 'host-off', host: 'mx1.green.example', id: 'f1', times: 'always' }]);
    expect(read.deeds.map(({ kind, words }) => [kind, words])).toEqual([['send', 'send']]);
    expect(read.script.parts.map(({ title }) => title)).toEqual(['One']);
  });

  test('leaves out what goes without saying', () => {
    const read = story(storyWith(doing('send')));
    expect(read.facts).toEqual({ group: 'your own', order: 0, next: null, still: null });
    expect(read.world).toEqual(blueAndGreen);
  });

  test('tells all that is wrong at once, in the order of the lines', () => {
    const head = [
      'group: fun',
      'order: first',
      'next: Two Readers',
      'stil: 1',
      'world: red',
      'tell: all',
      'change:',
      '  - send',
      '  - turn mx9 off',
      'do:',
      '  - sned',
      '  - send: { from: carl }',
      '  - send: { form: alice }',
      '  - wait a while',
    ];
    expect(problems(storyWith(head.join('\n')))).toEqual([
      expect.stringMatching(/^2: there is no group “fun”; the groups are the journey, /),
      '3: “order” is a whole number.',
      '4: “next” is the name of a story: small letters, digits and hyphens.',
      expect.stringMatching(/^5: “front matter” knows no “stil”; it knows group, /),
      '6: there is no world “red”; there is blue and green.',
      expect.stringMatching(/^7: “tell” is /),
      '9: “send” is nothing that changes a world: it belongs under do.',
      expect.stringMatching(/^12: nobody knows how to “sned”; a deed is send, /),
      expect.stringMatching(/^14: “send” knows no “form”; it knows from, to, /),
      expect.stringMatching(/^15: “a while” is no time such as 15 minutes/),
    ]);
  });

  test('names the line of a name that nobody has', () => {
    const head = [changing('turn mx9 off'), doing('send: { from: carl }', 'collect carl')].join('\n');
    expect(problems(storyWith(head))).toEqual([
      expect.stringMatching(/^3: there is no host “mx9” in this world; there are .*mx1\.green\.example/),
      '5: there is no user “carl” in this world; there are alice@blue.example, bob@green.example.',
      '6: there is no user “carl” in this world; there are alice@blue.example, bob@green.example.',
    ]);
  });

  test.each([
    ['do: [send', /^2: .*/],
    ['do:\n  - send: {subject: Hello\n  - send', /^\d: /],
    [
      'do:\n  - add record: blue.example TXT a: b',
      /^3: nested mappings .*: a text with “: ” in it needs quotes around it\.$/,
    ],
    ['do:\n  - send\ndo:\n  - send', /^4: map keys must be unique: each word may stand before a colon once\.$/],
    ['- send', /^2: between the lines of hyphens stand /],
    ['group: your own', /^1: a story needs “do”/],
    ['do: send', /^2: deeds are a list: each begins with a hyphen\.$/],
    [
      'do:\n  - send:\n    subject: Hello',
      /^4: a deed has one verb before its colon: “subject” is one too many, or stands/,
    ],
    ['a: &x 1\ndo: *x', /no anchors and aliases of YAML/],
  ])('a slip of the pen has its line and a hint (%#)', (head, expected) => {
    expect(problems(storyWith(head))).toEqual(expect.arrayContaining([expect.stringMatching(expected)]));
  });

  test('a file without a head says what is missing, and a file of another system is read as well', () => {
    expect(problems('# Hello\n')[0]).toMatch(/^1: a story begins with a line ---/);
    expect(problems(storyWith(doing('send')).replaceAll('\n', '\r\n'))).toEqual([]);
  });

  test('its picture is one of its parts', () => {
    expect(problems(storyWith(`still: 2\n${doing('send')}`))).toEqual(['2: “still” is part 2, and there are 1.']);
  });
});

describe('checking', () => {
  test('the story that everybody begins with is right', async () => {
    const { problems: found, run } = await checkStory(TEMPLATE, 'template');
    expect(found).toEqual([]);
    expect(run && measuresOf(run)).toMatchObject({ beats: 6, letters: 1 });
  });

  test('a moment that never comes is told at its line, with what came instead', async () => {
    const source = storyWith(doing('send'), [
      ['Sent', 'at press-send'],
      ['Not now', 'at the first 451'],
      ['Later', 'at clock jumped'],
    ]);
    const line = source.split('\n').indexOf('## Not now') + 1;
    const { problems: found } = await checkStory(source, 'a-test');
    expect(found).toHaveLength(2);
    expect(found[0]).toMatchObject({
      line,
      message: expect.stringMatching(
        /never came, after “Sent”: \*at the first 451\*\. What came: 220, 250, 235, 354, 221\./,
      ),
    });
    const named = await checkStory(source.replace('at the first 451', 'at cache hit'), 'a-test');
    expect(named.problems[0]?.message).toMatch(/What came: press-send, submission\.hello, .*, deliver\.accepted\.$/);
  });

  test('a value that is not known where it stands is told', async () => {
    const source = storyWith(doing('send'), [['{skipped} later', 'at press-send']]);
    const { problems: found } = await checkStory(source, 'a-test');
    expect(found).toEqual([{ line: 10, message: expect.stringContaining('{skipped}') }]);
  });

  test('a deed that cannot be done is told at its line', async () => {
    const { problems: found } = await checkStory(storyWith(doing('send', 'send again from alice')), 'a-test');
    expect(found).toEqual([{ line: 4, message: 'nothing waits in the outbox of alice@blue.example.' }]);
  });
});

describe('the library', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mailscope-stories-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('lists what can be read in the order of the gallery, and reads by name', async () => {
    const put = (name: string, head: string) => writeFile(join(folder, name), storyWith(`${head}\n${doing('send')}`));
    await put('c.md', 'group: collecting');
    await put('b.md', 'group: the journey\norder: 2');
    await put('a.md', 'group: the journey\norder: 2');
    await put('d.md', 'group: the journey\norder: 1');
    await put('Not a name.md', '');
    await writeFile(join(folder, 'broken.md'), '# Nothing');
    expect((await listStories(folder)).map(({ name }) => name)).toEqual(['d', 'a', 'b', 'c']);
    expect(await storySource('d', folder)).toContain('order: 1');
    expect(await storySource('e', folder)).toBeNull();
    expect(await storySource('../stories/d', folder)).toBeNull();
    expect(await listStories(join(folder, 'nowhere'))).toEqual([]);
  });
});
