/** The page's end of the live wire: one bad event costs that event, and a server that cannot be read is not knocked at for ever. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { watchLive } from '../../client/source/live.ts';
import type { LiveSource, Sink } from '../../client/source/source.ts';
import type { TraceEvent } from '../../shared/trace/event.ts';
import { blueAndGreen } from '../../shared/world/presets.ts';

const header = {
  mailscope: 1,
  title: 't',
  createdAt: '2026-11-30T10:00:00.000Z',
  world: { ...blueAndGreen, users: [] },
};
const marker = (seq: number) => ({ seq, at: seq, kind: 'marker', label: `${seq}` });
const poison = (seq: number) => ({ seq, at: seq, kind: 'marker', label: 'x'.repeat(70_000) });

/** A server in the place of the network: answers each `watch` with what `answers` says. */
class FakeSocket extends EventTarget {
  static readonly OPEN = 1;
  static all: FakeSocket[] = [];
  static answers: (asked: { readonly from: number }) => readonly object[] = () => [];
  readyState = FakeSocket.OPEN;

  constructor() {
    super();
    FakeSocket.all.push(this);
    queueMicrotask(() => this.dispatchEvent(new Event('open')));
  }
  send(text: string): void {
    for (const message of FakeSocket.answers(JSON.parse(text)))
      this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(message) }));
  }
  close(code = 1000): void {
    if (this.readyState !== FakeSocket.OPEN) return;
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event('close'), { code }));
  }
}

let source: LiveSource;
let events: TraceEvent[];
let unread: number;
let whys: (string | undefined)[];
const sink: Sink = {
  begin: () => undefined,
  events: fresh => void events.push(...fresh),
  status: (status, why) => {
    if (status === 'away') whys.push(why);
  },
  unread: count => {
    unread = count;
  },
  holding: () => undefined,
};
const begin = async (): Promise<void> => {
  source = watchLive('ws://x/', sink);
  await vi.advanceTimersByTimeAsync(0);
};

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('WebSocket', FakeSocket);
  FakeSocket.all = [];
  events = [];
  unread = 0;
  whys = [];
});
afterEach(() => {
  source.close();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const trace = { type: 'trace', id: 'one', header, last: 3 };

describe('the live source', () => {
  test.each([
    ['a member that is too long', poison(2)],
    ['a moment that is none', { seq: 2, at: -1, kind: 'marker', label: 'x' }],
    ['no event at all', 'rubbish'],
    ['nothing', null],
  ])('%s: the event is kept as unknown, counted, and what follows is read over the same connection', async (_, bad) => {
    FakeSocket.answers = ({ from }) => [
      trace,
      { type: 'events', events: [marker(1), bad, marker(3)].slice(from - 1) },
      { type: 'events', events: [marker(3), marker(4)] },
    ];
    await begin();
    expect(events).toMatchObject([marker(1), { kind: 'unknown', seq: 2 }, marker(3), marker(4)]);
    expect(unread).toBe(1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeSocket.all).toHaveLength(1);
  });

  test('what cannot be understood again and again is asked for ever more seldom, and the page says what is wrong', async () => {
    FakeSocket.answers = () => [trace, { type: 'nonsense' }];
    await begin();
    await vi.advanceTimersByTimeAsync(60_000);
    const first = FakeSocket.all.length;
    await vi.advanceTimersByTimeAsync(600_000);
    const then = FakeSocket.all.length - first;
    expect(first).toBeLessThan(20);
    expect(then).toBeLessThanOrEqual(600 / 15);
    expect(then).toBeGreaterThan(10);
    expect(whys.at(-1)).toMatch(/cannot read what the server sends\. Asking again in \d+ s/);
  });

  test('a server that hangs up as soon as it has answered is not knocked at four times a second', async () => {
    FakeSocket.answers = () => {
      queueMicrotask(() => FakeSocket.all.at(-1)?.close(1013));
      return [trace];
    };
    await begin();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeSocket.all.length).toBeLessThan(20);
    expect(whys.at(-1)).toBeUndefined();
  });

  test('after a connection that stood, the first new attempt is soon', async () => {
    FakeSocket.answers = () => [trace, { type: 'nonsense' }];
    await begin();
    await vi.advanceTimersByTimeAsync(30_000);
    FakeSocket.answers = () => [trace];
    await vi.advanceTimersByTimeAsync(60_000);
    const before = FakeSocket.all.length;
    FakeSocket.all.at(-1)?.close(1006);
    await vi.advanceTimersByTimeAsync(300);
    expect(FakeSocket.all).toHaveLength(before + 1);
  });
});
