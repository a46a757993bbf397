/** A story is performed deed by deed in a world whose clock moves by waits alone, and goes the same way each time. */

import { describe, expect, test } from 'vitest';
import { openRoom } from '../../../server/rooms/room.ts';
import { performStory, roomFor, StoryFailure } from '../../../server/stories/perform.ts';
import { worldEditText } from '../../../shared/explain/world-edits.ts';
import type { TraceEvent } from '../../../shared/trace/event.ts';
import { changing, doing, performed, story, storyWith } from '../../fixtures/stories.ts';

const kinds = (events: readonly TraceEvent[]): readonly string[] => events.map(({ kind }) => kind);
/** Milliseconds of each jump of the clock. */
const jumps = (events: readonly TraceEvent[]): readonly number[] =>
  events.flatMap(event => (event.kind === 'clock.jumped' ? [event.by / 1000] : []));
const stored = (events: readonly TraceEvent[]): readonly string[] =>
  events.flatMap(event => (event.kind === 'mail.stored' ? [event.mailbox] : []));
const BOB = 'bob@green.example';
const OFF = changing('turn mx1 off', 'turn mx2 off');

describe('the frame', () => {
  test('everything stands between story.begun, which holds the file, and story.ended', async () => {
    const source = storyWith(doing('send', 'collect bob'));
    const read = story(source);
    const room = await openRoom(roomFor(read));
    const done: string[] = [];
    await performStory(room, read, { onDeed: ({ words }) => done.push(words) });
    const events = room.recorder.events(1);
    await room.close();
    expect(events[0]).toMatchObject({ kind: 'story.begun', name: 'a-test', source });
    expect(events.at(-1)).toMatchObject({ kind: 'story.ended', name: 'a-test' });
    expect(done).toEqual(['send', 'collect bob']);
    expect(kinds(events)).toContain('mailbox.removed');
    expect(kinds(events)).not.toContain('clock.jumped');
  });

  test('what is changed before is nothing that happens', async () => {
    const { events, room } = await performed(storyWith(`${OFF}\n${doing('send')}`));
    expect(kinds(events)).not.toContain('world.changed');
    expect(room.recorder.header.world.faults).toHaveLength(2);
    expect(kinds(events)).toContain('mail.deferred');
  });

  test('the clock goes on by itself afterwards', async () => {
    const read = story(storyWith(doing('send')));
    const room = await openRoom(roomFor(read));
    await performStory(room, read);
    const before = room.clock.now().getTime();
    await expect.poll(() => room.clock.now().getTime()).toBeGreaterThan(before);
    await room.close();
  });

  test('whoever watches can break it off', async () => {
    const read = story(storyWith(doing('send', 'collect bob')));
    const room = await openRoom(roomFor(read));
    const stop = new AbortController();
    const performance = performStory(room, read, {
      signal: stop.signal,
      onDeed: ({ kind }) => {
        if (kind === 'collect') stop.abort(new Error('enough'));
      },
    });
    await expect(performance).rejects.toThrow('enough');
    expect(kinds(room.recorder.events(1))).not.toContain('story.ended');
    await room.close();
  });

  test('a deed that cannot be done ends the story, and names its line', async () => {
    const read = story(storyWith(doing('send', 'wait for the next attempt', 'collect bob')));
    const room = await openRoom(roomFor(read));
    const failure = await performStory(room, read).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StoryFailure);
    expect(failure).toMatchObject({ line: 4, message: 'no letter waits in a queue.' });
    expect(kinds(room.recorder.events(1)).at(-1)).toBe('story.ended');
    await room.close();
  });
});

describe('time', () => {
  test('moves by just as much as is waited for, whatever the machine takes meanwhile', async () => {
    const { events } = await performed(storyWith(`${OFF}\n${doing('send', 'wait 15 minutes', 'wait 1 hour')}`));
    // One minute, five more, nine until it is a quarter of an hour; six more until the third wait of fifteen is over, …
    expect(jumps(events)).toEqual([60_000, 300_000, 540_000, 360_000, 1_800_000, 1_440_000]);
  });

  test('stops at the next attempt, and once the queue is empty', async () => {
    const { events } = await performed(
      storyWith(
        `${OFF}\n${doing('send', 'wait for the next attempt', 'clear all faults', 'wait until the queue is empty', 'collect bob')}`,
      ),
    );
    expect(jumps(events)).toEqual([60_000, 300_000]);
    expect(stored(events)).toEqual([BOB]);
  });

  test('moves on where nothing else can finish a deed: nobody sits through a time-out', async () => {
    const silent = changing('make mx1 silent', 'make mx2 silent');
    const { events } = await performed(storyWith(`${silent}\n${doing('send')}`));
    expect(jumps(events)).toEqual([30_000, 30_000]);
    expect(kinds(events)).toContain('mail.deferred');
  });

  test('a time-out can be waited for as well', async () => {
    const { events, beats } = await performed(
      storyWith(`${changing('make mx1 silent')}\n${doing('begin: send', 'wait for the time-out')}`),
    );
    expect(jumps(events).slice(0, 1)).toEqual([30_000]);
    expect(beats).toContain('clock.jumped | 30 seconds later');
    expect(stored(events)).toEqual([]);
  });
});

describe('deeds', () => {
  test('two readers: what is begun goes on while others do something, and is waited for in the end', async () => {
    const { events, beats } = await performed(
      storyWith(
        doing(
          'send',
          'fault: { kind: delay, times: next, at: RETR at pop, milliseconds: 60000 }',
          'begin: collect bob',
          'collect bob with a second client',
          'send: { subject: Second }',
        ),
      ),
    );
    expect(beats).toContain('collect.refused | -ERR: somebody else is reading');
    expect(jumps(events)).toEqual([60_000]);
    expect(kinds(events).filter(kind => kind === 'mailbox.removed')).toHaveLength(1);
    expect(stored(events)).toEqual([BOB, BOB]);
  });

  test('what waits in an outbox is sent again', async () => {
    const { events } = await performed(
      storyWith(doing('turn smtp.blue off', 'send', 'turn smtp.blue on', 'send again from alice')),
    );
    expect(kinds(events).filter(kind => kind === 'mail.composed')).toHaveLength(2);
    expect(stored(events)).toEqual([BOB]);
  });

  test('several at once, several times, a stranger, and a queue that is flushed', async () => {
    const { events } = await performed(
      storyWith(
        doing(
          'together: [send, "send: { from: bob, to: alice }"]',
          '2 times: send',
          'call: { server: mx1, mail from: x@evil.example, rcpt to: bob, data: "Subject: Hello\\r\\n\\r\\nYou.\\r\\n" }',
          'turn mx1 off',
          'turn mx2 off',
          'send',
          'clear',
          'flush the queues',
        ).replace('"send: { from: bob, to: alice }"', 'send: { from: bob, to: alice }'),
      ),
    );
    expect(stored(events).toSorted()).toEqual(['alice@blue.example', BOB, BOB, BOB, BOB, BOB]);
    expect(jumps(events)).toEqual([]);
  });

  test('the world is edited and put back', async () => {
    const { events } = await performed(
      storyWith(doing('remove zone: green', 'restore the world', 'add record: green MX 5 mx3.green.example')),
    );
    expect(
      events.flatMap(event => (event.kind === 'world.changed' ? [worldEditText(event.edit, event.world)] : [])),
    ).toEqual([
      'The zone green.example was removed.',
      'Back to the world as it began.',
      'green.example MX 5 mx3.green.example: added.',
    ]);
  });
});

describe('the same seed gives the same story', () => {
  test.each<readonly [string, string]>([
    [
      'a list, a report, and three domains',
      `${changing(
        'add domain: { name: red.example, person: Carol }',
        'add list: { address: lunch@green.example, name: Lunch, owner: bob, members: [alice, carol, gone@blue.example] }',
      )}\n${doing('send: { to: lunch }', 'collect bob', 'collect carol')}`,
    ],
    [
      'some accepted, some refused, some later',
      `${changing('add person: { name: Bert, domain: green }', 'fill the mailbox of bert')}\n${doing(
        'send: { to: [bob, nobody@green, bert] }',
        'clear',
        'wait for the next attempt',
      )}`,
    ],
    [
      'a lost answer and a lost line',
      doing(
        'fault: { kind: lose-reply, times: next, at: END-OF-DATA at mx1 }',
        'send',
        'wait for the next attempt',
        'collect bob and lose the line before QUIT',
        'collect bob',
      ),
    ],
    [
      'a server that comes back',
      `${OFF}\n${doing('send', 'turn smtp.blue off', 'turn smtp.blue on', 'clear', 'wait for the next attempt')}`,
    ],
    [
      'equal preferences',
      `${changing('remove record: green MX', 'add record: "green MX 10 mx{1..2}.green.example"')}\n${doing('4 times: send')}`,
    ],
  ])(
    '%s',
    async (_what, head) => {
      const first = await performed(storyWith(head));
      const second = await performed(storyWith(head));
      expect(second.beats).toEqual(first.beats);
    },
    60_000,
  );
});
