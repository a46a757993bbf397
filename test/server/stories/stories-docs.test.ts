/** What docs/stories.md teaches is so: its story passes check, and every deed in its table is understood. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { checkStory } from '../../../server/stories/check.ts';
import { problems, storyWith } from '../../fixtures/stories.ts';

const page = await readFile(new URL('../../../docs/stories.md', import.meta.url), 'utf8');

test('the story of the page passes check', async () => {
  const [, source = ''] = /```markdown\n([\s\S]*?)```/.exec(page) ?? [];
  expect((await checkStory(source, 'of-the-page')).problems).toEqual([]);
});

test('every deed of the table can be done', () => {
  const table = /## Deeds\n([\s\S]*?)\n## /.exec(page)?.[1] ?? '';
  const deeds = [...table.matchAll(/(?<=\| |· )`([^`]+)`/g)].map(([, deed = '']) => deed);
  expect(deeds.length).toBeGreaterThan(50);
  const world = [
    'add domain: { name: red.example, person: Carol }',
    'add domain: { name: pink.example, person: Dave }',
  ].map(deed => `  - ${deed}`);
  const broken = deeds.flatMap(deed => {
    // Some make sense only after another one, or twice would be once too often.
    const before = /^turn mx1 on$/.test(deed)
      ? '  - turn mx1 off\n'
      : /^clear: /.test(deed)
        ? '  - make mx1 greylist for 5 minutes\n'
        : '';
    const change = /^add domain/.test(deed) ? '' : `change:\n${world.join('\n')}\n`;
    return problems(storyWith(`${change}do:\n${before}  - ${deed}`)).map(problem => `${deed}: ${problem}`);
  });
  expect(broken).toEqual([]);
});
