/** What happens between the beginning and the end of a script is told in its author's words; the facts, their order and the past stay as they are. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createStoryteller } from '../../../shared/reading/storyteller.ts';
import { shortcomings } from '../../../shared/script/shortcomings.ts';
import { sceneAt } from '../../../shared/story/scene.ts';
import { type Story, storyTime } from '../../../shared/story/story.ts';
import { decodeTrace } from '../../../shared/trace/codec.ts';
import type { TraceEvent } from '../../../shared/trace/event.ts';
import type { TraceHeader } from '../../../shared/trace/header.ts';
import { names, told } from '../../fixtures/promises.ts';
import { header, journey, letterOf, Script } from '../../fixtures/script.ts';
import { markdown, scripted, type Written } from '../../fixtures/scripted.ts';

const MINUTE = 60_000_000;

const tell = (events: readonly TraceEvent[], given: TraceHeader = header): Story =>
  createStoryteller(given).append(events);

/** The journey of one letter, told by these parts. */
function byParts(parts: readonly Written[], how = 'parts', events = journey().events): Story {
  const script = new Script();
  script.events.push(...scripted(events, markdown(parts, how)));
  return told(script);
}

const titles = (story: Story): readonly string[] => story.beats.map(beat => beat.caption.title);
/** The first line of each beat. */
const opens = (story: Story): readonly (string | undefined)[] =>
  story.beats.map(beat => story.lines.find(line => line.beat === beat.index)?.text);
const met = (story: Story) => story.scripts.map(script => script.met);

describe('a story of parts', () => {
  const parts: readonly Written[] = [
    ['She presses **Send**', 'at press-send', 'A body. [RFC 5321 §3.3]', '> A note.'],
    ['Port 25', 'at the hand-over hello'],
    ['Into the mailbox', 'at deliver.store', 'It has {octets} octets: “{reply}”, {queue-id}, {wait}, {skipped}.'],
    ['A pull', 'at collect check-mail', 'Words.'],
  ];
  const story = byParts(parts);

  test('has its parts for beats, and nothing else', () => {
    expect(titles(story)).toEqual(['She presses **Send**', 'Port 25', 'Into the mailbox', 'A pull']);
    expect(story.beats.map(beat => beat.told)).toEqual([0, 1, 2, 3].map(part => ({ script: 0, part })));
    expect(names(story)).toEqual(['press-send', 'hand-over.hello', 'deliver.store', 'collect.check-mail']);
    expect(story.scripts).toMatchObject([{ name: 'a-letter', run: 0, ended: true, met: 4 }]);
    expect(shortcomings(story, 0)).toEqual(
      ['wait', 'skipped'].map(name => ({
        line: 19,
        message: `nobody knows {${name}} at that moment: take it out, or tell this part later.`,
      })),
    );
  });

  test('is one run with its title, without markup', () => {
    expect(story.runs).toMatchObject([{ title: 'One letter', firstBeat: 0, lastBeat: 3 }]);
    expect(story.chapters.map(({ kind, run }) => `${kind} ${run}`)).toEqual(
      ['press-send', 'hand-over', 'deliver', 'collect'].map(kind => `${kind} 0`),
    );
  });

  test('has its author’s words and references, and the product’s where the author is silent', () => {
    const plainly = tell(journey().events);
    const [send, port25, store] = story.beats;
    expect(send?.caption).toEqual({
      protocol: 'smtp',
      title: 'She presses **Send**',
      body: 'A body.',
      references: [{ label: 'RFC 5321 §3.3', url: 'https://www.rfc-editor.org/rfc/rfc5321#section-3.3' }],
    });
    const own = plainly.beats.find(beat => beat.name === 'hand-over.hello');
    expect(port25?.caption).toEqual({ ...own?.caption, title: 'Port 25' });
    expect(store?.caption).toMatchObject({
      body: 'It has 200 octets: “stored in the mailbox bob@green.example”, 7F3A, …, ….',
      references: [],
    });
  });

  test('tells every line and every change that is told without it, in the same order', () => {
    const plainly = tell(journey().events);
    const facts = ({ lines }: Story) => lines.map(({ text, from, connection }) => `${connection} ${from} ${text}`);
    expect(facts(story)).toEqual(facts(plainly));
    expect(story.steps.at(-1)?.after).toEqual(plainly.steps.at(-1)?.after);
    expect(story.inbox).toHaveLength(1);
  });

  test('leads in with the product’s words until its first part is met, in one beat', () => {
    const late = byParts([['The MX', 'at hand-over.letter']]);
    expect(titles(late)).toEqual(['Alice presses Send', 'The MX']);
    expect(late.beats[0]?.told).toBeNull();
  });

  test('lets a part that nobody meets wait, and those after it too', () => {
    const never = byParts([
      ['One', 'at press-send'],
      ['Two', 'at the queue deferred'],
      ['Three', 'at collect.retrieve'],
    ]);
    expect(titles(never)).toEqual(['One']);
    expect(met(never)).toEqual([1]);
    expect(shortcomings(never, 0)).toEqual([
      { line: 12, message: 'this moment never came, after “One”: *at the queue deferred*.' },
      { line: 15, message: 'this part was never told, because it waits for the one before it.' },
    ]);
  });
});

describe('a part begins', () => {
  const whereOf = (at: string, first = 'at press-send'): string | undefined =>
    opens(
      byParts([
        ['One', first],
        ['Two', at],
      ]),
    )[1];

  test.each([
    ['at DATA', 'DATA'],
    ['at the second DATA', 'DATA'],
    ['at the 354 from mx1', '354 End data with <CR><LF>.<CR><LF>'],
    ['at the second 250 from mx1', '250 2.1.0 Ok'],
    ['at the 250 to smtp', '250-mx1.green.example\n250 SIZE 10485760'],
    ['at +OK', '+OK ready'],
    ['at the RETR to pop.green.example', 'RETR 1'],
    ['at “queued as 7F3A”', 'on disk in the queue as 7F3A'.replace('on disk in the queue', 'queued')],
    ['at “stored in the mailbox” from mx1', 'stored in the mailbox bob@green.example'],
    ['at the deliver store from mx1', 'stored in the mailbox bob@green.example'],
    ['at hand-over.envelope to mx1', 'MAIL FROM:<alice@blue.example> SIZE=300'],
  ])('%s', (at, line) => {
    expect(whereOf(at)).toContain(line);
  });

  test('where its moment has come so often since the part before it', () => {
    const story = byParts([
      ['One', 'at the second RCPT'],
      ['Two', 'at the next 250'],
      ['Three', 'at the third +OK'],
    ]);
    expect(story.beats.slice(1).map(beat => beat.told?.part)).toEqual([0, 1, 2]);
    expect(opens(story).slice(1)).toEqual(['RCPT TO:<bob@green.example>', '250 2.1.5 Ok', '+OK locked']);
  });

  test('never with what is told in passing', () => {
    expect(whereOf('at the first 221')).toBeUndefined();
    expect(whereOf('at “removed from the queue”')).toBeUndefined();
  });

  test('never where the product would only go on with a beat of that name', () => {
    // MAIL opens it; the RCPT after it is of the same beat.
    const story = byParts([
      ['One', 'at MAIL'],
      ['Two', 'at submission.envelope'],
    ]);
    expect(met(story)).toEqual([1]);
  });

  test('with any of several commands that cross at once, in the order in which they cross', () => {
    const at = (moment: string) => {
      const script = journey();
      const { reversePath } = letterOf();
      script
        .called('p1', 'mx1.green.example')
        .say('p1', 'client', `MAIL FROM:<${reversePath}>`, 'RCPT TO:<bob@green.example>', 'RCPT TO:<x@green.example>')
        .say('p1', 'server', '250 2.1.0 Ok', '250 2.1.5 Ok first', '550 5.1.1 nobody')
        .close('p1');
      return byParts(
        [
          ['One', 'at collect.goodbye'],
          ['Two', moment, '{reply}'],
        ],
        'parts',
        script.events,
      ).beats[2]?.caption.body;
    };
    expect(at('at the RCPT')).toBe('RCPT TO:<bob@green.example>');
    expect(at('at the second RCPT to mx1')).toBe('RCPT TO:<x@green.example>');
    expect(at('at “2.1.5 Ok first”')).toBe('250 2.1.5 Ok first');
    expect(at('at the 550')).toBe('550 5.1.1 nobody');
    expect(at('at the third RCPT')).toBeUndefined();
  });

  test('at the beginning and at the end, where nobody is lit and nothing moves', () => {
    const story = byParts([
      ['Once upon a time', 'at the beginning', 'There were two.'],
      ['They write', 'at press-send'],
      ['And they lived', 'at the end', 'Happily.'],
    ]);
    expect(titles(story)).toEqual(['Once upon a time', 'They write', 'And they lived']);
    expect(story.chapters[0]?.title).toBe('to begin with');
    for (const beat of [story.beats[0], story.beats[2]]) {
      const scene = sceneAt(story, storyTime((beat?.start ?? 0) + 100));
      expect(scene).toMatchObject({ lit: [], litCable: null, motion: null, caption: { protocol: 'store' } });
      expect(beat && story.steps.slice(beat.firstStep, beat.lastStep + 1)).toHaveLength(1);
      expect(beat && beat.end > beat.start).toBe(true);
    }
    expect(shortcomings(story, 0)).toEqual([]);
  });

  test('where the world is changed, and what is waited for is told by its own numbers', () => {
    const { recipients } = letterOf();
    const script = new Script()
      .submitted('c1', 'Q1')
      .attempted('Q1', 'green.example', recipients)
      .called('c2', 'mx1.green.example')
      .envelope('c2', letterOf(), { 'bob@green.example': '451 4.7.1 Greylisted' })
      .dialogue('c2', 'C: QUIT', 'S: 221 Bye')
      .close('c2')
      .deferred('Q1', recipients, 'mx1 answered 451', 15 * MINUTE)
      .fact({ kind: 'world.changed', edit: { code: 'words', text: 'mx1 greylists nobody' }, world: header.world })
      .jump(15 * MINUTE)
      .attempted('Q1', 'green.example', recipients);
    const story = byParts(
      [
        ['451', 'at the 451 from mx1', 'It says “{reply}”.'],
        ['It waits', 'at queue.deferred', 'For {wait}, as {queue-id}.'],
        ['Meanwhile', 'at the world changed', '{reply}.'],
        ['Later', 'at clock jumped', '{skipped} later.'],
        ['Again', 'at queue.attempt'],
      ],
      'parts',
      script.events,
    );
    expect(story.beats.map(beat => beat.caption.body).slice(1, 5)).toEqual([
      'It says “451 4.7.1 Greylisted”.',
      'For 15 minutes, as Q1.',
      'mx1 greylists nobody.',
      '15 minutes later.',
    ]);
    expect(shortcomings(story, 0)).toEqual([]);
  });
});

describe('a story that tells everything', () => {
  test('has its parts where their moments are, and the product’s own beats between them', () => {
    const plainly = names(tell(journey().events));
    const story = byParts(
      [
        ['Begin', 'at the beginning'],
        ['Envelope', 'at submission.envelope'],
        ['RCPT', 'at RCPT to mx1'],
        ['Fin', 'at the end'],
      ],
      'everything',
    );
    // RCPT begins within a beat and takes the rest of it.
    const rcpt = plainly.indexOf('hand-over.envelope');
    expect(names(story)).toEqual(['beginning', ...plainly.toSpliced(rcpt, 0, 'hand-over.envelope'), 'end']);
    expect(story.beats.flatMap(beat => (beat.told ? [beat.caption.title] : []))).toEqual([
      ...['Begin', 'Envelope', 'RCPT', 'Fin'],
    ]);
    expect(story.runs).toHaveLength(1);
  });
});

describe('before, after and between scripts', () => {
  const parts: readonly Written[] = [
    ['One', 'at press-send'],
    ['Two', 'at collect.retrieve'],
  ];
  const SOURCE = markdown(parts);
  const first = journey();
  const half = first.events.length;
  const { events } = journey(first, 'd');
  const plainly = tell(events);

  const checked = (all: readonly TraceEvent[]): Story => {
    const script = new Script();
    script.events.push(...all);
    return told(script);
  };

  test('all is told as always, in runs of their own', () => {
    const story = checked(scripted(events, SOURCE, 0, half));
    expect(story.runs.map(run => run.title)).toEqual(['One letter', 'Lunch?']);
    expect(names(story).slice(2)).toEqual(names(plainly).slice(plainly.runs[1]?.firstBeat));
    const behind = checked(scripted(events, SOURCE, half));
    expect(behind.runs.map(run => run.title)).toEqual(['Lunch?', 'One letter']);
    expect(behind.scripts).toMatchObject([{ run: 1, ended: true, met: 2 }]);
    expect(names(behind).slice(0, plainly.runs[1]?.firstBeat)).toEqual(
      names(plainly).slice(0, plainly.runs[1]?.firstBeat),
    );
  });

  test('what nobody pressed Send for is no part of the run that is over', () => {
    const collecting = events.findIndex(event => event.kind === 'tcp.opened' && event.to.port === 110);
    const story = checked(scripted(events.slice(0, half), SOURCE, 0, collecting));
    expect(story.runs.map(run => run.title)).toEqual(['One letter', 'Checking the mail']);
    expect(names(story).slice(1)).toEqual(
      names(plainly)
        .slice(0, plainly.runs[1]?.firstBeat)
        .filter(name => name.startsWith('collect.')),
    );
  });

  test('one that begins while another is on ends it', () => {
    const source = markdown(parts, 'parts', 'The other');
    const two = scripted(scripted(events, SOURCE, 0, events.length), source, half + 1, events.length + 1, 'other');
    const story = checked(two);
    expect(story.runs.map(run => run.title)).toEqual(['One letter', 'The other']);
    expect(story.scripts).toMatchObject([
      { name: 'a-letter', ended: true, met: 2, run: 0 },
      { name: 'other', ended: true, met: 2, run: 1 },
    ]);
  });

  test('one in which nothing happens has no run', () => {
    const story = checked(scripted(events, SOURCE, half, half));
    expect(story.scripts).toMatchObject([{ run: -1, ended: true, met: 0 }]);
    expect(titles(story)).toEqual(titles(plainly));
  });

  test('one that cannot be read is left out, and the end of one that never began', () => {
    for (const source of ['', '# A', '\u0000', 'x'.repeat(40_000), SOURCE.replace('at press-send', 'at the moon')]) {
      const story = checked(scripted(events, source));
      expect(story.scripts).toEqual([]);
      expect(titles(story)).toEqual(titles(plainly));
    }
  });

  test('a trace too long to be told says so, also in a story of parts', () => {
    const story = createStoryteller(header, 30).append(scripted(events, SOURCE));
    expect(names(story)).toEqual(['press-send', 'too-long']);
    expect(story.scripts).toMatchObject([{ ended: true, met: 1 }]);
  });
});

describe('the pace', () => {
  test('of a recording told in eight parts leaves no beat on the stage for longer than nine seconds', () => {
    const story = recorded('youve-got-mail.trace.ndjson', source => source);
    for (const beat of story.beats) expect(beat.end - beat.start, beat.caption.title).toBeLessThan(9000);
    for (const line of story.lines) expect(line.shownAt).toBeLessThanOrEqual(story.end);
    const moving = story.steps.filter(step => step.motion !== null);
    for (const step of moving) expect(step.end - step.start).toBeGreaterThanOrEqual(30);
    // All of it in one breath: still to be seen, and still not a film.
    const whole = recorded('youve-got-mail.trace.ndjson', () => markdown([['All of it', 'at press-send']]));
    expect(whole.beats).toHaveLength(1);
    expect(whole.end).toBeLessThan(12_000);
  });
});

const folder = path.join(import.meta.dirname, '../../fixtures/traces');

const EIGHT = markdown([
  ['Send', 'at press-send'],
  ['The envelope', 'at the submission envelope'],
  ['Mine now', 'at submission accepted'],
  ['Who takes it?', 'at the MX question'],
  ['These', 'at the MX answer'],
  ['Over to you', 'at the hand-over hello'],
  ['Check', 'at collect check-mail'],
  ['Home', 'at collect.retrieve'],
]);

function read(file: string) {
  const decoded = decodeTrace(readFileSync(path.join(folder, file), 'utf8'));
  if (!decoded.ok) throw new Error(decoded.message);
  return decoded;
}

function recorded(file: string, source: (eight: string) => string): Story {
  const { header: given, events } = read(file);
  return tell(scripted(events, source(EIGHT)), given);
}

/** The picture at a moment, without what only says how long the story has become. */
const pictureAt = (story: Story, t: number) => {
  const { stepCount: _, run: __, beat, ...scene } = sceneAt(story, storyTime(t));
  return { ...scene, beat: beat && { index: beat.index, caption: beat.caption, start: beat.start, told: beat.told } };
};

describe.each(readdirSync(folder).filter(file => file.endsWith('.trace.ndjson')))('%s, told by any script', file => {
  const { header: given, events } = read(file);
  const plainly = tell(events, given);
  const numRuns = events.length > 300 ? 2 : 5;
  const moments = [...new Set(plainly.beats.map(beat => `at ${beat.name}`)), 'at 250', 'at +OK', 'at “mx1”'];
  const written = fc
    .tuple(fc.subarray(moments, { minLength: 1, maxLength: Math.min(8, moments.length) }), fc.boolean(), fc.boolean())
    .map(([some, begins, ends]) =>
      [...(begins ? ['at the beginning'] : []), ...some, ...(ends ? ['at the end'] : [])].map(
        (at, index): Written => [`Part ${index}`, at, index % 2 === 0 ? 'Some words: {reply}, {octets}.' : ''],
      ),
    );
  const source = fc.tuple(written, fc.constantFrom('parts', 'everything')).map(([parts, how]) => markdown(parts, how));
  const place = fc.nat(events.length);
  const between = (text: string, one: number, other: number) =>
    scripted(events, text, Math.min(one, other), Math.max(one, other));

  test('grows without moving the past, in whatever pieces it comes', () => {
    fc.assert(
      fc.property(
        source,
        place,
        place,
        fc.infiniteStream(fc.integer({ min: 1, max: 40 })),
        (text, one, other, sizes) => {
          const all = between(text, one, other);
          const whole = tell(all, given);
          const teller = createStoryteller(given);
          for (let at = 0; at < all.length; ) {
            const size = sizes.next().value ?? 1;
            const { end } = teller.append(all.slice(at, at + size));
            at += size;
            for (const share of end === 0 ? [] : [0.3, 0.9, 0.99])
              if (!isDeepStrictEqual(pictureAt(teller.story, end * share), pictureAt(whole, end * share)))
                expect(pictureAt(teller.story, end * share)).toEqual(pictureAt(whole, end * share));
          }
          if (!isDeepStrictEqual(teller.story, whole)) expect(teller.story).toEqual(whole);
          expect(teller.end).toBe(whole.end);
        },
      ),
      { numRuns },
    );
  });

  test('tells the same facts in the same order, in parts that come in theirs', () => {
    fc.assert(
      fc.property(source, text => {
        const story = tell(scripted(events, text), given);
        expect(story.lines.map(line => line.text)).toEqual(plainly.lines.map(line => line.text));
        expect(isDeepStrictEqual(story.steps.at(-1)?.after, plainly.steps.at(-1)?.after)).toBe(true);
        const parts = story.beats.flatMap(beat => beat.told?.part ?? []);
        expect(parts).toEqual(Array.from({ length: story.scripts[0]?.met ?? 0 }, (_, part) => part));
        for (const { message } of shortcomings(story, 0)) expect(message).not.toMatch(/undefined|null/);
      }),
      { numRuns },
    );
  });
});
