/** What a story promises, whatever trace it tells: it only grows, it can be sought anywhere, cause comes before effect. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { latin1 } from '../../../shared/bytes.ts';
import { createStoryteller } from '../../../shared/reading/storyteller.ts';
import { sceneAt } from '../../../shared/story/scene.ts';
import { type Story, storyTime } from '../../../shared/story/story.ts';
import type { TraceEvent } from '../../../shared/trace/event.ts';
import { header, journey, Script } from '../../fixtures/script.ts';

const tell = (events: readonly TraceEvent[]): Story => createStoryteller(header).append(events);

/** All that a viewer can see at a moment, without what only says how long the story has become. */
const pictureAt = (story: Story, t: number) => {
  const { stepCount: _, run: __, beat, ...scene } = sceneAt(story, storyTime(t));
  return { ...scene, beat: beat && { index: beat.index, name: beat.name, caption: beat.caption, start: beat.start } };
};

/** Sixty moments before `until`. */
const pictures = (story: Story, until = story.end as number) =>
  until <= 0 ? [] : Array.from({ length: 60 }, (_, nth) => pictureAt(story, (nth * until) / 60));

/** Two journeys whose events take turns in any order that keeps each one's own order. */
const interleaved = fc.array(fc.boolean(), { minLength: 20, maxLength: 160 }).map(turns => {
  const one = [...journey(new Script(), 'a').events];
  const two = [...journey(new Script(), 'b').events];
  const mixed: TraceEvent[] = [];
  for (const turn of turns) {
    const next = (turn ? one : two).shift();
    if (next) mixed.push(next);
  }
  return [...mixed, ...one, ...two].map((event, index) => ({
    ...event,
    seq: index + 1,
    at: (index * 100) as TraceEvent['at'],
  }));
});

describe('a story', () => {
  const { events } = journey();
  const whole = tell(events);

  test('tells one journey in the order the letter takes it', () => {
    expect(whole.beats.map(beat => beat.name)).toEqual([
      'press-send',
      'submission.hello',
      'submission.auth',
      'submission.envelope',
      'submission.letter',
      'submission.accepted',
      'hand-over.hello',
      'hand-over.envelope',
      'hand-over.letter',
      'deliver.store',
      'deliver.accepted',
      'collect.check-mail',
      'collect.login',
      'collect.what-is-there',
      'collect.retrieve',
      'collect.goodbye',
    ]);
    expect(whole.runs).toHaveLength(1);
    expect(whole.chapters.map(chapter => chapter.kind)).toEqual(['press-send', 'hand-over', 'deliver', 'collect']);
  });

  test('a growing trace never moves the past', () => {
    fc.assert(
      fc.property(interleaved, fc.nat(), (mixed, cut) => {
        const teller = createStoryteller(header);
        const part = teller.append(mixed.slice(0, cut % mixed.length));
        const end = part.end;
        const before = pictures(part, end);
        const after = pictures(teller.append(mixed), end);
        expect(after).toEqual(before);
      }),
      { numRuns: 60 },
    );
  });

  test('is the same whether it was read at once or event by event', () => {
    fc.assert(
      fc.property(interleaved, mixed => {
        const teller = createStoryteller(header);
        for (const event of mixed) teller.append([event]);
        expect(teller.story).toEqual(tell(mixed));
      }),
      { numRuns: 20 },
    );
  });

  test('that was handed out is a value: nothing that is told afterwards changes it', () => {
    fc.assert(
      fc.property(interleaved, fc.array(fc.nat(), { minLength: 1, maxLength: 4 }), (mixed, cuts) => {
        const teller = createStoryteller(header);
        const handedOut = cuts
          .map(cut => cut % mixed.length)
          .toSorted((one, other) => one - other)
          .map(cut => teller.append(mixed.slice(0, cut)))
          .map(story => ({ story, copy: structuredClone(story) }));
        for (const event of mixed) teller.append([event]);
        teller.finish();
        for (const { story, copy } of handedOut) expect(story).toEqual(copy);
      }),
      { numRuns: 12 },
    );
  });

  test('is the same value until something is added to it', () => {
    const teller = createStoryteller(header);
    const first = teller.append(events);
    expect(teller.append(events)).toBe(first);
    teller.add([]);
    expect(teller.story).toBe(first);
    expect([teller.seq, teller.end]).toEqual([first.seq, first.end]);
  });

  test('two letters at once are told one exchange at a time, and every line is told once', () => {
    fc.assert(
      fc.property(interleaved, mixed => {
        const story = tell(mixed);
        expect(story.lines.length).toBe(2 * whole.lines.length);
        for (const [index, step] of story.steps.entries()) {
          const next = story.steps[index + 1];
          expect(step.end).toBeGreaterThanOrEqual(step.start);
          if (next) expect(next.start).toBeGreaterThanOrEqual(step.end);
        }
      }),
      { numRuns: 20 },
    );
  });

  test('two letters that travel at once are told one conversation after the other', () => {
    fc.assert(
      fc.property(interleaved, mixed => {
        const story = tell(mixed);
        const order = story.lines.filter(line => line.connection !== '').map(line => line.connection);
        const first = order.filter((connection, index) => connection !== order[index - 1]);
        expect(first).toEqual([...new Set(order)]);
        expect(story.beats).toHaveLength(2 * whole.beats.length);
      }),
      { numRuns: 20 },
    );
  });

  test('steps belong to their beats, beats follow each other, and the last state is reached', () => {
    for (const [index, beat] of whole.beats.entries()) {
      const next = whole.beats[index + 1];
      if (next) expect(next.start).toBe(beat.end);
      for (let step = beat.firstStep; step <= beat.lastStep; step++) expect(whole.steps[step]?.beat).toBe(index);
    }
    const { state } = sceneAt(whole, whole.end);
    expect(state.hosts['smtp.blue.example']?.queue).toBe(0);
    expect(state.hosts['pop.green.example']).toEqual({ queue: 0, mailbox: 0, inbox: 0, locked: false });
    expect(state.hosts['bobs-laptop.green.example']?.inbox).toBe(1);
    expect(state.connections).toEqual([]);
  });

  test('responsibility moves at the 250 after DATA, and not before', () => {
    const owner = (t: number) => sceneAt(whole, storyTime(t)).state.letters[0]?.responsible;
    const accepted = whole.lines.filter(line => line.text.startsWith('250 2.0.0'));
    expect(accepted).toHaveLength(2);
    const [queued, stored] = accepted.map(line => whole.steps[line.step]);
    expect(owner((queued?.end ?? 0) - 1)).toBe('alices-laptop.blue.example');
    expect(owner(queued?.end ?? 0)).toBe('smtp.blue.example');
    expect(owner((stored?.end ?? 0) - 1)).toBe('smtp.blue.example');
    expect(owner(stored?.end ?? 0)).toBe('mx1.green.example');
  });

  test('a letter keeps one identity from the pen to the inbox', () => {
    const ids = new Set(whole.steps.flatMap(step => step.after.letters.map(letter => letter.id)));
    expect([...ids]).toEqual(['L1']);
    expect(sceneAt(whole, whole.end).state.letters[0]).toMatchObject({
      place: 'inbox',
      at: 'bobs-laptop.green.example',
      subject: 'Lunch?',
    });
    expect(sceneAt(whole, whole.end).state.letters[0]?.postmarks.map(mark => mark.host)).toEqual([
      'smtp.blue.example',
      'mx1.green.example',
    ]);
  });

  test('what arrives is what RETR gave, dots unstuffed', () => {
    expect(whole.inbox).toHaveLength(1);
    expect(latin1(whole.inbox[0]?.raw ?? new Uint8Array())).toContain('Subject: Lunch?\r\n');
    expect(sceneAt(whole, storyTime((whole.inbox[0]?.shownAt ?? 0) - 1)).inboxCount).toBe(0);
    expect(sceneAt(whole, whole.end).inboxCount).toBe(1);
  });

  test('conversation lines hold the very bytes that crossed', () => {
    for (const connection of ['c1', 'c2', 'c3']) {
      for (const side of ['client', 'server'] as const) {
        const crossed = events
          .map(event =>
            event.kind === 'wire.bytes' && event.connection === connection && event.from === side
              ? latin1(event.bytes)
              : '',
          )
          .join('');
        const shown = whole.lines
          .filter(line => line.connection === connection && line.from === side)
          .map(line => latin1(line.bytes));
        expect(shown.join('')).toBe(crossed);
      }
    }
  });

  test('segments cut anywhere tell the same story', () => {
    const shape = (story: Story) =>
      story.lines.map(({ text, from, role, verdict, beat }) => ({ text, from, role, verdict, beat }));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), size => {
        const pieces = events.flatMap((event): TraceEvent[] =>
          event.kind === 'wire.bytes'
            ? Array.from({ length: Math.ceil(event.bytes.length / size) }, (_, nth) => ({
                ...event,
                bytes: event.bytes.subarray(nth * size, (nth + 1) * size),
              }))
            : [event],
        );
        expect(shape(tell(pieces.map((event, index) => ({ ...event, seq: index + 1 }))))).toEqual(shape(whole));
      }),
      { numRuns: 20 },
    );
  });

  test('a refusal is a beat of its own that quotes the reply, and the letter goes no further', () => {
    const story = tell(
      new Script()
        .open('c1', 'your-computer.example', 'mx1.green.example', 25)
        .dialogue(
          'c1',
          'S: 220 mx1.green.example ESMTP',
          'C: EHLO stranger',
          'S: 250 mx1.green.example',
          'C: MAIL FROM:<x@blue.example>',
          'S: 250 2.1.0 Ok',
          'C: RCPT TO:<bbo@green.example>',
          'S: 550 5.1.1 <bbo@green.example>: no such mailbox here',
          'C: QUIT',
          'S: 221 2.0.0 Bye',
        )
        .close('c1').events,
    );
    const refused = story.beats.find(beat => beat.failed);
    expect(refused?.name).toBe('hand-over.refused');
    expect(refused?.caption.title).toBe('550: no such mailbox here');
    expect(refused?.caption.body).toContain('550 5.1.1 <bbo@green.example>: no such mailbox here');
    expect(story.steps.some(step => step.motion?.kind === 'letter')).toBe(false);
  });

  test('a connection that is never answered does not hide the others for ever', () => {
    const script = new Script().open('slow', 'your-computer.example', 'mx1.green.example', 25);
    script.fact({ kind: 'marker', label: 'half a second later' }, 500_000);
    const story = tell(journey(script).events);
    expect(story.beats.some(beat => beat.name === 'collect.goodbye')).toBe(true);
  });

  test('coming back to an empty mailbox is a journey of its own, collecting a new letter is the end of its', () => {
    const script = journey();
    script
      .open('again', 'bobs-laptop.green.example', 'pop.green.example', 110)
      .dialogue('again', 'S: +OK ready', 'C: QUIT', 'S: +OK bye')
      .close('again');
    const story = tell(script.events);
    expect(story.runs.map(run => run.title)).toEqual(['Lunch?', 'Bob checks the mail']);
    expect(story.chapters.filter(chapter => chapter.kind === 'collect').map(chapter => chapter.run)).toEqual([0, 1]);
  });

  test('a lull on the wire lets those speak who waited for an answer that did not come', () => {
    const script = new Script()
      .open('silent', 'your-computer.example', 'mx1.green.example', 25)
      .open('other', 'bobs-laptop.green.example', 'pop.green.example', 110)
      .dialogue('other', 'S: +OK ready');
    const teller = createStoryteller(header);
    expect(teller.append(script.events).lines.map(line => line.text)).not.toContain('+OK ready');
    script.fact({ kind: 'wire.quiet', connections: 2 }, 400_000);
    expect(teller.append(script.events).lines.map(line => line.text)).toContain('+OK ready');
  });

  test('a trace without end is told up to a point, and then said to go on', () => {
    const teller = createStoryteller(header, 30);
    const first = teller.append(events.slice(0, 30)).steps.length;
    const cut = teller.append(events);
    expect(first).toBeGreaterThan(0);
    expect(cut.steps.length).toBeLessThan(40);
    expect(cut.beats.at(-1)?.name).toBe('too-long');
    expect(cut.beats.filter(beat => beat.name === 'too-long')).toHaveLength(1);
    expect(cut.seq).toBe(events.length);
  });

  test('garbage on the wire is shown and never throws', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('client' as const, 'server' as const), fc.uint8Array({ maxLength: 60 })), {
          maxLength: 30,
        }),
        fc.constantFrom(25, 53, 110, 587),
        (chunks, port) => {
          const script = new Script().open('c1', 'your-computer.example', 'mx1.green.example', port);
          for (const [from, bytes] of chunks) script.fact({ kind: 'wire.bytes', connection: 'c1', from, bytes });
          const story = tell(script.close('c1', 'client', 'reset').events);
          for (const t of [0, 1, story.end / 2, story.end]) sceneAt(story, storyTime(t));
          // Whatever it is, whoever looks at the conversation sees each octet that crossed; of DNS over TCP only whole messages.
          if (port === 53) return;
          for (const side of ['client', 'server'] as const) {
            const octets = chunks.filter(([from]) => from === side).reduce((sum, [, bytes]) => sum + bytes.length, 0);
            const shown = story.lines
              .filter(({ from }) => from === side)
              .reduce((sum, { bytes }) => sum + bytes.length, 0);
            expect(shown).toBe(octets);
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

test('a visitor of any name logs in as “me”', () => {
  const id = 'your-computer-1.example';
  const hosts = header.world.hosts.map(host => (host.kind === 'visitor' ? { ...host, id } : host));
  const script = new Script().open('c1', id, 'smtp.blue.example', 587).say('c1', 'client', 'AUTH PLAIN');
  const story = createStoryteller({ ...header, world: { ...header.world, hosts } }).append(script.events);
  expect(story.beats.at(-1)?.caption.title).toBe('“It is really me”');
});

describe('a recording that breaks off', () => {
  test('is told to its last event, though somebody still owes an answer', () => {
    const script = new Script();
    script.open('c1', 'alices-laptop.blue.example', 'smtp.blue.example', 587).say('c1', 'server', '220 hi');
    script.say('c1', 'client', 'EHLO a.example');
    script.open('c2', 'smtp.blue.example', 'mx1.green.example', 25).say('c2', 'server', '220 hello');
    const teller = createStoryteller(header);
    const growing = [...teller.append(script.events).steps];
    const whole = teller.finish();
    expect(whole.lines.map(line => line.text)).toEqual(['220 hi', 'EHLO a.example', '220 hello']);
    expect(whole.steps.slice(0, growing.length)).toEqual(growing);
    expect(new Set(whole.steps.map(step => step.seq)).size).toBe(script.events.length);
  });
});

describe('a recording made to make the page grow', () => {
  test('that opens connections without end keeps a bounded number of them in the state', () => {
    const script = new Script();
    for (let nth = 0; nth < 1000; nth += 1) script.open(`c${nth}`, 'your-computer.example', 'mx1.green.example', 25);
    const teller = createStoryteller(header);
    teller.append(script.events);
    const { connections } = teller.finish().steps.at(-1)?.after ?? { connections: [] };
    expect(connections.length).toBeLessThan(200);
    expect(connections.at(-1)?.id).toBe('c999');
  });

  test('that names hosts which are not in its world adds none to the state', () => {
    const script = new Script();
    for (const host of ['nowhere.example', 'constructor', '__proto__'])
      script.fact({ kind: 'mailbox.found', host, mailbox: 'x@nowhere.example', messages: 3, octets: 9 });
    const story = tell(script.events);
    expect(story.steps.at(-1)?.after.hosts).toEqual(story.start.hosts);
    expect(story.lines).toHaveLength(3);
  });

  test('that names recipients without end tells a bounded number of them', () => {
    const script = new Script().open('c1', 'your-computer.example', 'mx1.green.example', 25);
    script.say('c1', 'client', 'MAIL FROM:<a@b.example>');
    for (let nth = 0; nth < 1000; nth += 1) script.say('c1', 'client', `RCPT TO:<u${nth}@green.example>`);
    const story = tell(script.events);
    expect(story.lines).toHaveLength(1001);
    expect(story.steps.at(-1)?.after.letters[0]?.recipients).toHaveLength(256);
  });
});
