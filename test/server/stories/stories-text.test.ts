/** A story as a page to be read: every word is there, in order, and nothing that anybody wrote becomes markup. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { type ReadStory, storyPage } from '../../../server/stories/pages/text-page.ts';
import { escaped, words } from '../../../shared/export/html.ts';
import { createStoryteller } from '../../../shared/reading/storyteller.ts';
import type { Part, Script } from '../../../shared/story/script.ts';
import type { Story } from '../../../shared/story/story.ts';
import { decodeTrace } from '../../../shared/trace/codec.ts';

function recorded(name: string): Story {
  const decoded = decodeTrace(
    readFileSync(path.join(import.meta.dirname, '../../fixtures/traces', `${name}.trace.ndjson`), 'utf8'),
  );
  if (!decoded.ok) throw new Error(decoded.message);
  const teller = createStoryteller(decoded.header);
  teller.append(decoded.events);
  return teller.finish();
}

const part = (title: string, more: Partial<Part> = {}): Part => ({
  title,
  anchor: { what: { kind: 'beginning' }, nth: 1, from: null, to: null },
  at: 'at the beginning',
  body: '',
  references: [],
  notes: '',
  question: null,
  line: 1,
  ...more,
});

/** The recording, with each of its first beats told by one part. */
function toldBy(script: Script, story: Story): ReadStory {
  const beats = story.beats.slice(0, script.parts.length).map((beat, at) => ({
    ...beat,
    caption: { ...beat.caption, title: script.parts[at]?.title ?? '', body: script.parts[at]?.body ?? '' },
    told: { script: 0, part: at },
  }));
  const scripts = [{ name: 'tried', source: '', script, run: 0, ended: true, met: script.parts.length }];
  return { name: 'tried', group: 'the journey', script, story: { ...story, beats, scripts } };
}

const script = (parts: readonly Part[], more: Partial<Script> = {}): Script => ({
  title: 'A title',
  intro: 'An intro.',
  parts,
  known: [],
  tryThis: '',
  onlyParts: true,
  ...more,
});

const around = { previous: null, next: null, css: 'assets/reading.css', recorded: 16_460 };
const ATTACKS = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' style='position:fixed",
  '</title></main><svg/onload=alert(1)>',
  '**<b onclick=x>**',
  '&lt;i&gt;',
];

describe('what others wrote stays text', () => {
  test.each(ATTACKS)('%s', attack => {
    const question = { words: attack, choices: [{ words: attack, right: true }] };
    const page = storyPage(
      toldBy(
        script([part(attack, { body: attack, notes: attack, question })], {
          title: attack,
          intro: attack,
          known: [{ question: attack, answer: attack }],
          tryThis: attack,
        }),
        recorded('youve-got-mail'),
      ),
      { ...around, previous: { name: 'a', title: attack }, next: { name: 'b', title: attack } },
    );
    const quiet = storyPage(toldBy(script([part('x')]), recorded('youve-got-mail')), around);
    const tags = (html: string): ReadonlySet<string> =>
      new Set([...html.matchAll(/<\/?([a-z0-9]+)/g)].map(([, tag = '']) => tag));
    // Tags that our own pages have, and no other.
    const own = new Set([...tags(quiet), 'b', 'ul', 'details', 'summary', 'aside', 'dl', 'dt', 'dd', 'strong', 'h3']);
    expect([...tags(page)].filter(tag => !own.has(tag))).toEqual([]);
    // What stands between quotes cannot leave them: every quote in it is an entity.
    expect(page.replace(/="[^"]*"/g, '')).not.toMatch(/<[^>]*\s(on[a-z]+|style)\b/);
    expect(page.match(/<title>/g)).toHaveLength(1);
  });

  test('a reference that leads anywhere but to the rules is not a link', () => {
    const page = storyPage(
      toldBy(script([part('x')]), {
        ...recorded('youve-got-mail'),
        beats: recorded('youve-got-mail').beats.map(beat => ({
          ...beat,
          caption: { ...beat.caption, references: [{ label: 'RFC 1', url: 'javascript:alert(1)' }] },
        })),
      }),
      around,
    );
    expect(page).toContain('RFC 1');
    expect(page).not.toContain('javascript:');
  });

  test('characters that nobody sees, or that turn the direction of others, are shown by number', () => {
    expect(escaped('a\u0000b\u202ec\u001b[31m\r\nd\te')).toBe('a\\x00b\\u202ec\\x1b[31m\nd\te');
    expect(words('**a & b** < c')).toBe('<b>a &amp; b</b> &lt; c');
  });
});

describe('everything is there to be read', () => {
  const told = toldBy(
    script(
      [
        part('First'),
        part('Second', {
          body: 'What **it** means.',
          notes: 'Say it slowly.\n\nThen wait.',
          question: {
            words: 'What now?',
            choices: [
              { words: 'This', right: false },
              { words: 'That', right: true },
            ],
          },
        }),
      ],
      {
        intro: 'One.\n\nTwo.',
        known: [{ question: 'Who?', answer: 'Two servers.' }],
        tryThis: 'Delete it.',
      },
    ),
    recorded('youve-got-mail'),
  );
  const page = storyPage(told, { ...around, next: { name: 'other', title: 'Another' } });

  test('in the order in which it is told, the question before what it asks about', () => {
    const order = ['A title', 'One.', 'Two.', 'First', 'What now?', 'That', 'Second', 'means.', 'Who?', 'Delete it.'];
    const found = order.map(text => page.indexOf(text, page.indexOf('<main')));
    expect(found.every(at => at > 0)).toBe(true);
    expect(found).toEqual(found.toSorted((one, other) => one - other));
  });

  test('the lines of the beat are those of the recording, each with who said it', () => {
    expect(page).toContain('<span class="who">Alice’s mail client</span><pre>EHLO alices-laptop</pre>');
    expect(page).toContain('smtp.blue.example, port 587');
    expect(page).not.toContain('RETR');
  });

  test('it leads on: to the animation, the next story, all of them, and to its files', () => {
    for (const href of ['../../?story=tried', '../other/', '../', '../tried.md', '../tried.trace.ndjson'])
      expect(page).toContain(`href="${href}"`);
  });

  test('headings go down one step at a time, beginning at one', () => {
    const levels = [...page.matchAll(/<h([1-6])/g)].map(([, level]) => Number(level));
    expect(levels[0]).toBe(1);
    expect(levels.filter(level => level === 1)).toHaveLength(1);
    levels.reduce((before, level) => {
      expect(level - before).toBeLessThanOrEqual(1);
      return level;
    });
  });

  test('a part that did not happen in the recording is still told', () => {
    const never = storyPage(
      { ...told, script: { ...told.script, parts: [...told.script.parts, part('Never', { body: 'Not here.' })] } },
      around,
    );
    expect(never).toContain('Not here.');
  });
});
