/** What the documents say of faults is what the rows of shared/faults say. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { faultSentences, faultTable } from '../../shared/faults/docs.ts';

const page = (name: string): Promise<string> => readFile(new URL(`../../docs/${name}.md`, import.meta.url), 'utf8');

test('docs/api.md has every kind with what it needs', async () => {
  const [table] = /\| kind \| needs \|\n(?:\|.*\n)+/.exec(await page('api')) ?? [];
  expect(table?.trimEnd()).toBe(faultTable());
});

test('docs/stories.md teaches every sentence that makes something go wrong, and no other', async () => {
  const text = await page('stories');
  const cells = ['switch off and on', 'make something go wrong'].map(
    name => text.split('\n').find(line => line.startsWith(`| ${name} |`)) ?? '',
  );
  const taught = cells.flatMap(cell => [...cell.matchAll(/`([^`]+)`/g)].map(([, deed = '']) => deed));
  expect(taught.filter(deed => deed !== 'turn mx1 on').toSorted()).toEqual(faultSentences().toSorted());
});
