/** The ways between a stage and those who follow it, with one contract: windows of one browser, and a server that passes it on. */
import * as z from 'zod/mini';
import {
  type FromShow,
  NOT_THE_SPEAKER,
  parseFromShow,
  parseToShow,
  SHOW_ENDED,
  type ToShow,
} from '../../../shared/api/show.ts';
import { waitBefore } from '../../source/live.ts';
import { showSocketAddress } from '../../url.ts';

/**
 * How a line stands. `there`: something has been heard; `away`: it broke off, and is tried again; `ended`: there is no such show
 * (any more); `refused`: the secret is not the speaker's.
 */
export type Standing = 'connecting' | 'there' | 'away' | 'ended' | 'refused';

export interface Listener {
  hear(message: FromShow): void;
  standing(standing: Standing): void;
}

export interface Line {
  /** What cannot be said now is lost, but for a cue: the newest is said as soon as it can be. */
  send(message: ToShow): void;
  /** Nothing is told afterwards. */
  close(): void;
}

/** Over a server; comes back by itself, and says again who it is. `secret` null: one only follows. */
export function overServer(id: string, secret: string | null, listener: Listener): Line {
  let socket: WebSocket | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let attempt = 0;
  let closed = false;
  let newest: ToShow | null = null;

  const say = (message: ToShow): void => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  };

  const over = (standing: Standing): void => {
    closed = true;
    listener.standing(standing);
  };

  const connect = (): void => {
    const current = new WebSocket(showSocketAddress(id));
    socket = current;
    current.addEventListener('open', () => {
      say({ type: 'join', secret });
      if (newest !== null) say(newest);
    });
    current.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      const message = typeof data === 'string' ? parseFromShow(data) : null;
      // What a newer server says besides does not concern this page.
      if (closed || message === null) return;
      attempt = 0;
      listener.standing('there');
      listener.hear(message);
    });
    // An error is always followed by a close, which is where it is dealt with.
    current.addEventListener('close', ({ code }) => {
      if (closed) return;
      if (code === SHOW_ENDED) over('ended');
      else if (code === NOT_THE_SPEAKER) over('refused');
      else {
        listener.standing('away');
        timer = setTimeout(connect, waitBefore(attempt, Math.random()));
        attempt += 1;
      }
    });
  };

  listener.standing('connecting');
  connect();
  return {
    send(message) {
      if (message.type === 'cue') newest = message;
      say(message);
    },
    close() {
      closed = true;
      clearTimeout(timer);
      socket?.close();
    },
  };
}

/** Milliseconds between two knocks at the stage's window, and the silence after which it is taken to be gone. */
const KNOCK = 1500;
const SILENCE = 5000;

/** What only windows of one browser say to each other: a recording that no server has, by its name. */
const wanted = z.object({ wanted: z.string() });
const given = z.object({ name: z.string(), text: z.string() });

const channelOf = (key: string): BroadcastChannel => new BroadcastChannel(`mailscope.show.${key}`);

/** From a speaker's window to the stage's, in one browser: no server is needed. Answers recordings that the stage has been given. */
export function overWindows(
  key: string,
  listener: Listener,
): Line & { readonly traceOf: (name: string) => Promise<string> } {
  const channel = channelOf(key);
  const waiting = new Map<string, ((text: string) => void)[]>();
  let heard = performance.now();
  let away = false;
  let empty = false;
  const knock = (): void => {
    channel.postMessage(JSON.stringify({ type: 'join', secret: null } satisfies ToShow));
    for (const name of waiting.keys()) channel.postMessage({ wanted: name });
    if (!away && performance.now() - heard > SILENCE) {
      away = true;
      listener.standing('away');
    }
  };
  channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (typeof data !== 'string') {
      const trace = given.safeParse(data);
      if (!trace.success) return;
      for (const give of waiting.get(trace.data.name) ?? []) give(trace.data.text);
      waiting.delete(trace.data.name);
      return;
    }
    const message = parseFromShow(data);
    // Other speaker windows are heard too, and say what only the stage can read.
    if (message === null || message.type === 'steer') return;
    heard = performance.now();
    // Nothing to show is what a stage says last; one that says so again is there, and presents nothing.
    const nothing = message.type === 'cue' && message.cue === null;
    listener.standing(nothing && !empty ? 'away' : 'there');
    away = nothing && !empty;
    empty = nothing || (empty && message.type !== 'cue');
    listener.hear(message);
  });
  listener.standing('connecting');
  knock();
  const timer = setInterval(knock, KNOCK);
  return {
    send: message => channel.postMessage(JSON.stringify(message)),
    close() {
      clearInterval(timer);
      channel.close();
    },
    traceOf: name =>
      new Promise(resolve => {
        waiting.set(name, [...(waiting.get(name) ?? []), resolve]);
        channel.postMessage({ wanted: name });
      }),
  };
}

export interface StageDoor {
  tell(message: FromShow): void;
  close(): void;
}

/** The stage's end of it. `traceOf`: the text of a recording that was given to this window, or null. */
export function stageDoor(
  key: string,
  hear: (message: ToShow) => void,
  traceOf: (name: string) => string | null,
): StageDoor {
  const channel = channelOf(key);
  channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (typeof data === 'string') {
      const message = parseToShow(data);
      if (message !== null) hear(message);
      return;
    }
    const wish = wanted.safeParse(data);
    const text = wish.success ? traceOf(wish.data.wanted) : null;
    if (wish.success && text !== null) channel.postMessage({ name: wish.data.wanted, text });
  });
  return {
    tell: message => channel.postMessage(JSON.stringify(message)),
    close: () => channel.close(),
  };
}
