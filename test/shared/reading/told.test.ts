/** A told run shows what its story shows: the same pictures and words at every moment, whoever wrote the file. */

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { motionValue } from 'framer-motion';
import { createElement, Fragment } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, test } from 'vitest';
import { Caption } from '../../../client/caption/Caption.tsx';
import { Stage } from '../../../client/stage/draw/Stage.tsx';
import { isTold, readTold, writeTold } from '../../../shared/compact/told.ts';
import { noteText } from '../../../shared/explain/notes.ts';
import type { Fault, FaultWhat } from '../../../shared/faults/fault.ts';
import { createStoryteller } from '../../../shared/reading/storyteller.ts';
import { sceneAt } from '../../../shared/story/scene.ts';
import { type Span, spanOf } from '../../../shared/story/span.ts';
import { type State, type Story, storyTime } from '../../../shared/story/story.ts';
import { decodeTrace } from '../../../shared/trace/codec.ts';

const root = path.join(import.meta.dirname, '../../..');
const recordings = ['test/fixtures/traces', 'stories'].flatMap(folder =>
  readdirSync(path.join(root, folder))
    .filter(file => file.endsWith('.trace.ndjson'))
    .map(file => `${folder}/${file}`),
);

function storyOf(file: string): Story {
  const decoded = decodeTrace(readFileSync(path.join(root, file), 'utf8'));
  if (!decoded.ok) throw new Error(`${file}:${decoded.line}: ${decoded.message}`);
  const teller = createStoryteller(decoded.header);
  teller.append(decoded.events);
  return teller.finish();
}

function told(story: Story, span?: Span): Story {
  const read = readTold(writeTold(story, span));
  if (!read.ok) throw new Error(read.message);
  return read.story;
}

function spanIn(story: Story, from: string | null, to: string | null): Span {
  const found = spanOf(story, from, to);
  if (!found.ok) throw new Error(found.message);
  return found.span;
}

/** Every moment at which the picture may be another one, and what is between. */
const momentsOf = (story: Story): readonly number[] => {
  const turns = [
    ...story.beats.flatMap(({ start, end }) => [start, end]),
    ...story.steps.flatMap(({ start, end }) => [start, (start + end) / 2, end]),
    ...story.lines.map(({ shownAt }) => shownAt),
  ];
  return [...new Set([0, ...turns, story.end, story.end + 1])].toSorted((one, other) => one - other);
};

function drawnState({ letters, hosts, connections, focus, world, jumped, queue, cache }: State) {
  const { name, dns, domains, faults } = world;
  return {
    letters: letters.map(({ messageId: _id, queueId: _queue, deferred: _deferred, note, ...letter }) => ({
      ...letter,
      note: noteText(note),
    })),
    hosts,
    connections: connections.map(({ protocol, client, server }) => ({ protocol, client, server })),
    focus,
    jumped,
    queue: queue.map(({ host, letter, nextAt }) => ({ host, letter, nextAt })),
    cache: cache.map(({ hits: _hits, ...entry }) => entry),
    world: {
      name,
      dns,
      domains,
      faults,
      hosts: world.hosts.map(({ sends: _sends, ...host }) => host),
      users: world.users.map(({ address, name, client }) => ({ address, name, client })),
      exchangers: world.zones.flatMap(({ records }) =>
        records.flatMap(record => (record.type === 'MX' ? [[record.preference, record.exchange]] : [])),
      ),
    },
  };
}

/** All of a scene that is drawn or said. `from`: the moment of the story at which what is compared begins. */
function drawnAt(story: Story, t: number, from = 0) {
  const { beat, step, motion, ...scene } = sceneAt(story, storyTime(t));
  return {
    beat: beat && {
      ...beat,
      index: 0,
      firstStep: 0,
      lastStep: 0,
      run: 0,
      told: null,
      start: beat.start - from,
      end: beat.end - from,
    },
    step: step && { start: step.start - from, end: step.end - from, jump: step.jump },
    motion: motion && { ...motion, start: motion.start - from, end: motion.end - from },
    caption: scene.caption,
    chapter: scene.chapter,
    wireAt: scene.wireAt,
    lit: scene.lit,
    litCable: scene.litCable,
    inboxCount: scene.inboxCount,
  };
}

/** Where a moment is in the whole. */
function placeAt(story: Story, t: number) {
  const { run, stepNumber, stepCount, lineCount, currentLine } = sceneAt(story, storyTime(t));
  return { run, stepNumber, stepCount, lineCount, currentLine };
}

const picture = (story: Story, t: number): string => {
  const scene = sceneAt(story, storyTime(t));
  return renderToStaticMarkup(
    createElement(
      Fragment,
      null,
      createElement(Stage, {
        story,
        scene,
        noteText,
        time: motionValue(t),
        visitor: false,
        onInspect: () => undefined,
      }),
      createElement(Caption, { story, scene }),
    ),
  );
};

const few = (moments: readonly number[], count: number): readonly number[] =>
  moments.filter((_, index) => index % Math.ceil(moments.length / count) === 0);

describe.each(recordings)('%s, told', file => {
  const story = storyOf(file);
  const again = told(story);

  test('has the same picture at every moment', () => {
    const alike = new Map<State, State>();
    for (const t of momentsOf(story)) {
      const [state, same] = [sceneAt(story, storyTime(t)).state, sceneAt(again, storyTime(t)).state];
      if (alike.get(same) !== state) expect(drawnState(same), `at ${t}`).toEqual(drawnState(state));
      alike.set(same, state);
      expect(drawnAt(again, t), `at ${t}`).toEqual(drawnAt(story, t));
      expect(placeAt(again, t), `at ${t}`).toEqual(placeAt(story, t));
    }
  });

  test('is drawn the same, to the last attribute', () => {
    for (const t of few(momentsOf(story), 3)) expect(picture(again, t), `at ${t}`).toBe(picture(story, t));
  });

  test('can be read as a whole: every line, chapter and journey', () => {
    const said = ({ lines, chapters, runs }: Story) => ({
      lines: lines.map(({ bytes: _bytes, framing: _framing, seq: _seq, ...line }) => line),
      chapters,
      runs,
    });
    expect(said(again)).toEqual(said(story));
  });

  test('a part shows what the whole shows, from its own beginning on', () => {
    for (const [first, beat] of story.beats.entries()) {
      if (first % 4 !== 0) continue;
      const span = spanIn(story, `${first + 1}`, `${Math.min(story.beats.length, first + 2)}`);
      const part = told(story, span);
      expect(part.beats.length).toBe(span.last - span.first + 1);
      expect(part.end).toBe(span.end - span.start);
      const moments = momentsOf(story).filter(moment => moment >= span.start && moment < span.end);
      for (const t of few(moments, 5)) {
        const [state, same] = [sceneAt(story, storyTime(t)).state, sceneAt(part, storyTime(t - span.start)).state];
        expect(drawnState(same), `${beat.name} at ${t}`).toEqual(drawnState(state));
        expect(drawnAt(part, t - span.start), `${beat.name} at ${t}`).toEqual(drawnAt(story, t, span.start));
      }
    }
  });
});

const lunch = storyOf('test/fixtures/traces/youve-got-mail.trace.ndjson');

test('every fault comes back as it was', () => {
  const at = { server: 'mx1.green.example', port: 25, verb: 'RCPT', client: 'smtp.blue.example' } as const;
  const host = 'mx1.green.example';
  const dns = { name: 'green.example', type: 'MX' } as const;
  const what: readonly FaultWhat[] = [
    { kind: 'host-off', host },
    { kind: 'host-silent', host },
    { kind: 'host-slow', host, milliseconds: 200 },
    { kind: 'disk-full', host },
    { kind: 'greylist', host, seconds: 60 },
    { kind: 'refuses-sender', host, sender: 'blue.example' },
    { kind: 'lacks-extension', host, keyword: 'SIZE' },
    { kind: 'mailbox-full', mailbox: 'bob@green.example' },
    { kind: 'wrong-password', user: 'bob@green.example' },
    { kind: 'answer', at, code: 451, text: 'Later.' },
    { kind: 'delay', at, milliseconds: 500 },
    { kind: 'drop', at },
    { kind: 'reset', at: { server: host, port: 110, verb: 'PASS' } },
    { kind: 'cut', at: { ...at, verb: 'END-OF-DATA' }, octets: 300 },
    { kind: 'stall', at: { ...at, verb: 'END-OF-DATA' }, octets: 300 },
    { kind: 'lose-reply', at },
    { kind: 'slow-cable', between: [host, 'smtp.blue.example'], latency: 40, bytesPerSecond: 0 },
    { kind: 'dns-answer', ...dns, rcode: 'SERVFAIL' },
    { kind: 'dns-silence', ...dns },
    { kind: 'dns-truncate', ...dns },
    { kind: 'dns-wrong-mx', name: 'green.example', exchange: 'mx9.green.example' },
    { kind: 'dns-ttl', name: 'green.example', seconds: 5 },
  ];
  const faults = what.map(
    (fault, index): Fault => ({ ...fault, id: `f${index}`, times: index % 2 ? 'next' : 'always' }),
  );
  const { header } = lunch;
  const story = { ...lunch, header: { ...header, world: { ...header.world, faults } } };
  expect(told(story).header.world.faults).toEqual(faults);
});

test('what does not change from one step to the next is the same thing, so that nothing is drawn anew for it', () => {
  const { steps, header, start } = told(lunch);
  expect(start.world).toBe(header.world);
  for (const [index, { after }] of steps.entries()) {
    const before = lunch.steps[index - 1]?.after;
    const original = lunch.steps[index]?.after;
    if (before === undefined || before.letters !== original?.letters) continue;
    expect(after.letters).toBe(steps[index - 1]?.after.letters);
  }
});

test('it is lighter than its trace, and holds neither the letter nor the script', () => {
  for (const file of recordings.filter(file => file.startsWith('stories/'))) {
    const text = writeTold(storyOf(file));
    expect(text.length, file).toBeLessThan(readFileSync(path.join(root, file)).length);
    expect(text).not.toContain('MIME-Version');
  }
});

describe('whoever wrote the file', () => {
  const text = writeTold(lunch);

  test('a told run and a trace are told apart by how they begin', () => {
    expect(isTold(text)).toBe(true);
    expect(isTold(`\n ${text}`)).toBe(true);
    expect(isTold('{"mailscope":1,"title":"told"}')).toBe(false);
  });

  test('a run of a version to come is named as such', () => {
    expect(readTold(text.replace('"told":1', '"told":2'))).toEqual({
      ok: false,
      message: 'This told run is of version 2, and version 1 is known here.',
    });
  });

  test('any text is refused in a sentence', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), any => {
        const read = readTold(any);
        expect(!read.ok && read.message).toMatch(/^.+\.$/);
      }),
    );
  });

  test('whatever is changed in it, it is refused in a sentence, or is a story that can be shown', () => {
    const places = [...text.matchAll(/-?\d+|null|"[^"]*"/g)];
    const other = fc.oneof(
      fc.constantFrom(
        'null',
        '-1',
        '1e300',
        '1.5',
        '99999999',
        '{}',
        '[]',
        '"x"',
        'true',
        '{"__proto__":{"x":1}}',
        '{"by":[1]}',
      ),
      fc.integer({ min: 0, max: 40 }).map(String),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(places.length - 1), other), { minLength: 1, maxLength: 3 }), changes => {
        const changed = changes
          .toSorted(([one], [another]) => another - one)
          .reduce((so, [place, value]) => {
            const { index = 0, 0: was = '' } = places[place] ?? {};
            return so.slice(0, index) + value + so.slice(index + was.length);
          }, text);
        const read = readTold(changed);
        if (!read.ok) {
          expect(read.message).toMatch(/^This .+\.$/);
          return;
        }
        for (const t of few(momentsOf(read.story), 5)) sceneAt(read.story, storyTime(t));
        expect(Object.hasOwn(Object.prototype, 'x')).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  test('a reference leads to an RFC and nowhere else', () => {
    const label = lunch.beats.flatMap(({ caption }) => caption.references)[0]?.label ?? '';
    expect(text).toContain(`"${label}"`);
    expect(readTold(text.replaceAll(`"${label}"`, '"javascript:alert(1)"'))).toMatchObject({ ok: false });
  });

  test('few characters make no great room', () => {
    const bomb = JSON.parse(text);
    for (const part of bomb.parts) part[0] = 400_000_000;
    expect(readTold(JSON.stringify(bomb))).toMatchObject({ ok: false });
  });
});

/** Written once: a file in somebody's article is read by every version to come. */
test('a told run of version 1 is read as it was written', () => {
  const text = readFileSync(path.join(import.meta.dirname, '../../fixtures/told/version-1.told.json'), 'utf8');
  const read = readTold(text);
  if (!read.ok) throw new Error(read.message);
  expect(read.story.beats.map(({ name }) => name)).toEqual(['mx-question', 'mx-answer']);
  expect(sceneAt(read.story, storyTime(0)).caption?.title).toBe('“Who takes the mail for green.example?”');
  expect(writeTold(read.story), 'the format has changed: raise VERSION and keep reading this').toBe(text);
});
