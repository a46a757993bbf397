/** A show's server is given each recording once, and what it refuses is not uploaded again at every cue. */
import { expect, test } from 'vitest';
import { refused } from '../../client/source/api.ts';
import { createUploads } from '../../client/talk/show/uploads.ts';

type Given = Parameters<typeof createUploads<string>>[0]['put'] extends (...of: never[]) => Promise<infer Answer>
  ? Answer
  : never;

/** A stage that shows a recording to a server which answers as it is told; `cue` is what each cue does. */
function stage(answers: readonly Given[]) {
  const put: string[] = [];
  const problems: string[] = [];
  let now = 0;
  let given = 0;
  const uploads = createUploads<string>({
    put: async (_show, ndjson) => {
      const answer = answers[put.length] ?? answers.at(-1);
      put.push(ndjson);
      if (answer === undefined) throw new Error('no answer was prepared');
      return answer;
    },
    now: () => now,
    onGiven: () => {
      given += 1;
    },
    onRefused: message => problems.push(message),
  });
  const settled = async (): Promise<void> => {
    for (let turns = 0; turns < 5; turns += 1) await Promise.resolve();
  };
  return {
    put,
    problems,
    givenCount: () => given,
    forget: uploads.forget,
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
    async cue(identity: object, name = 'talk', text: string | null = 'NDJSON') {
      const answer = uploads.nameOnServer('show', { name, identity, text: () => text });
      await settled();
      return answer;
    },
  };
}
const story = {};
const tooLarge = refused('The body may have at most 8388608 octets.', 'too-large');

test('a recording that is refused is uploaded once, however many cues come', async () => {
  const { cue, put, problems, pass } = stage([tooLarge]);
  for (let cues = 0; cues < 50; cues += 1) {
    expect(await cue(story)).toBeNull();
    pass(10_000);
  }
  expect(put).toHaveLength(1);
  expect(problems).toEqual([tooLarge.message]);
});

test('a recording that is taken is uploaded once, and then has its name', async () => {
  const { cue, put, givenCount } = stage([{ ok: true, value: { name: 'abc' } }]);
  expect(await cue(story)).toBeNull();
  expect(givenCount()).toBe(1);
  expect(await cue(story)).toBe('abc');
  expect(put).toHaveLength(1);
});

test('another recording is tried, also under the name of one that was refused', async () => {
  const { cue, put } = stage([tooLarge, { ok: true, value: { name: 'abc' } }]);
  await cue(story);
  await cue({});
  expect(put).toHaveLength(2);
  expect(await cue({})).toBe('abc');
});

test.each([
  ['away', ''],
  ['busy', 'busy'],
  ['asked too often', 'too-many-requests'],
] as const)('a server that was %s is tried again, but not at every cue', async (_, code) => {
  const { cue, put, pass } = stage([refused('Later.', code), { ok: true, value: { name: 'abc' } }]);
  for (let cues = 0; cues < 50; cues += 1) await cue(story);
  expect(put).toHaveLength(1);
  pass(5000);
  await cue(story);
  expect(put).toHaveLength(2);
  expect(await cue(story)).toBe('abc');
});

test('another show is given the recording anew', async () => {
  const { cue, put, forget } = stage([tooLarge]);
  await cue(story);
  forget();
  await cue(story);
  expect(put).toHaveLength(2);
});

test('what a show answers after it is over is not heard', async () => {
  const { cue, forget, problems, givenCount } = stage([{ ok: true, value: { name: 'abc' } }]);
  const asked = cue(story);
  forget();
  await asked;
  expect(givenCount()).toBe(0);
  expect(problems).toEqual([]);
  expect(await cue(story)).toBeNull();
});

test('what cannot be had yet is not uploaded', async () => {
  const { cue, put } = stage([{ ok: true, value: { name: 'abc' } }]);
  expect(await cue(story, 'talk', null)).toBeNull();
  expect(put).toEqual([]);
  await cue(story);
  expect(put).toHaveLength(1);
});
