/** A story that is to begin anew on a held wire, and a viewer who asks for something else before it has: only what was held counts as held. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { open } from '../../client/session/opening.ts';
import { goOnWith, keepAsRecording } from '../../client/session/session.ts';
import { initial, player } from '../../client/session/store.ts';
import { setSource } from '../../client/session/view.ts';
import type { Recording } from '../../client/source/recorded.ts';
import { toggleLive } from '../../client/talk/present/live.ts';
import { presentation, reset } from '../../client/talk/present/presentation.ts';
import { decodeTrace } from '../../shared/trace/codec.ts';
import { storyOf, traceOf } from '../fixtures/recordings.ts';

const NAME = 'youve-got-mail';
const ROOM = 'the-held-room';
const story = storyOf(NAME);

function recording(): Recording {
  const decoded = decodeTrace(traceOf(NAME));
  if (!decoded.ok) throw new Error(decoded.message);
  return { ok: true, name: 'another', header: decoded.header, events: decoded.events, unread: 0 };
}

/** A server that answers when the test says so: calls what this returns. */
function stubServer(): () => void {
  let answer = (): void => undefined;
  const answered = new Promise<void>(resolve => {
    answer = resolve;
  });
  vi.stubGlobal('fetch', async (address: string) => {
    if (address.startsWith('/healthz')) {
      await answered;
      return Response.json({ ok: true });
    }
    if (address === '/api/stories') return Response.json({ room: ROOM, name: NAME });
    return new Response('', { status: 404 });
  });
  return answer;
}

const begun = (): Promise<void> =>
  vi.waitFor(() => expect(player.getState().source).toMatchObject({ kind: 'live', room: ROOM }));

class NoSocket extends EventTarget {
  close(): void {}
}

const isLive = (): boolean => presentation.getState().live;

describe('“hold this story”', () => {
  let answer: () => void;
  beforeEach(() => {
    vi.stubGlobal('WebSocket', NoSocket);
    vi.stubGlobal('location', new URL(`http://127.0.0.1/?story=${NAME}`));
    vi.stubGlobal('removeEventListener', () => undefined);
    answer = stubServer();
    player.setState(initial);
    reset();
    player.setState({ presenting: true });
    setSource({ kind: 'live', status: 'live', room: 'its-first-room', story: NAME });
    open(story, 'its first run', 0, false);
  });
  afterEach(() => vi.unstubAllGlobals());

  test('is live once its new run is shown', async () => {
    const held = toggleLive();
    answer();
    await begun();
    expect(isLive()).toBe(false);
    open(story, 'its second run', 0, false);
    await held;
    expect(isLive()).toBe(true);
  });

  test('that is overtaken before a server has answered holds nothing', async () => {
    const held = toggleLive();
    keepAsRecording();
    answer();
    open(story, 'another run', 0, false);
    await held;
    expect(isLive()).toBe(false);
    expect(presentation.getState().trouble).toBeNull();
  });

  test('that is overtaken before its run is shown does not make live what is shown instead', async () => {
    const held = toggleLive();
    answer();
    await begun();
    expect(await goOnWith(recording(), NAME)).toBe(true);
    await held;
    expect(isLive()).toBe(false);
  });
});
