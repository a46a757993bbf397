/** Whoever watches a room: each viewer gets the events that it lacks, then everything as it comes; one that does not read is dropped. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { WebSocketServer } from 'ws';
import { NOT_THE_SPEAKER } from '../../shared/show.ts';
import type { ToServer } from '../../shared/socket.ts';
import { parseToServer } from '../../shared/socket.ts';
import { assertNever } from '../../shared/world/world.ts';
import type { HoldState } from '../network/hold.ts';
import type { Room } from '../rooms/room.ts';
import { createPace, realTiming } from '../shows/pace.ts';
import { hangUp, silence } from './hang-up.ts';
import { createHeartbeat } from './heartbeat.ts';
import { createHistory, eventsMessage } from './history.ts';
import { createPlaces, type Place } from './limits/places.ts';
import { limitOctets, limitTypes, MOST_FRAGMENTS } from './limits/saying.ts';
import { createTurns } from './limits/turns.ts';
import { createTokenBucket, type Rate } from './token-bucket.ts';
import { TRY_AGAIN_LATER } from './turned-away.ts';
import type { WorldNews } from './world-news.ts';

/** Milliseconds between messages to all while much happens. */
const FRAME = 16;
const MOST_VIEWERS = 200;
/** Octets of a message; the longest that a page sends has a hundred. */
const LARGEST_MESSAGE = 4096;
const OCTETS: Rate = { burst: 16 * 1024, perSecond: 8 * 1024 };
/** A page watches once; a key that is held down repeats thirty times a second, on a fast keyboard a hundred times. */
const RATES: Readonly<Record<ToServer['type'], Rate>> = {
  watch: { burst: 1, perSecond: 1 },
  hold: { burst: 100, perSecond: 50 },
  release: { burst: 300, perSecond: 150 },
};
/** Octets that may wait for a viewer before it is dropped. */
const MOST_WAITING = 8 * 1024 * 1024;
/** With an audience of thousands, it is their number that counts. */
const MOST_WAITING_EACH = 512 * 1024;
/** Milliseconds that a held wire waits for a viewer who may only be reloading the page. */
const UNATTENDED = 10_000;
const GOING_AWAY = 1001;
const POLICY_VIOLATION = 1008;

interface Viewer {
  readonly socket: WebSocket;
  readonly place: Place;
  /** What they asked to watch, and are not told yet. */
  asked: Extract<ToServer, { readonly type: 'watch' }> | null;
  /** `idle`: has been told nothing yet. `reading`: gets history, a page at a time. `live`: has everything. */
  stage: 'idle' | 'reading' | 'live';
  /** The next seq to send while `reading`. */
  next: number;
  /** Messages of history that are on their way: nothing more of it is sent until they have left. */
  leaving: number;
  /** Wants to be told of the world, too. */
  world: boolean;
}

export interface Live {
  /** Takes over a checked upgrade request. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  viewers(): number;
  /** Shows everybody out; `code` and `reason` as a WebSocket is closed, default that the server ends. */
  close(code?: number, reason?: string): Promise<void>;
}

interface LiveOptions {
  /** Viewers at once. */
  readonly most?: number;
  /** Milliseconds for which a wire stays held with nobody there to let it go. */
  readonly unattended?: number;
  /** Whether the viewers may hold the wire; default true. The hold of others is none of their business then either. */
  readonly holding?: boolean;
  /** Whether they come from more than this machine, and each address has its share of the places; default false. */
  readonly sharedByAddress?: boolean;
  /** What viewers who want it are told of the world, beside its trace; default nothing. It is stopped when this closes. */
  readonly news?: WorldNews | null;
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number;
  /** Told how many watch, whenever that changes. */
  readonly onViewers?: (count: number) => void;
}

export function createLive(room: Pick<Room, 'recorder' | 'brake'>, options: LiveOptions = {}): Live {
  const { recorder, brake } = room;
  const unattended = options.unattended ?? UNATTENDED;
  const now = options.now ?? (() => performance.now());
  const places = createPlaces({
    most: options.most ?? MOST_VIEWERS,
    sharedByAddress: options.sharedByAddress ?? false,
  });
  const mayHold = options.holding ?? true;
  const mostWaiting = mayHold ? MOST_WAITING : MOST_WAITING_EACH;
  const news = options.news ?? null;
  const onViewers = options.onViewers ?? (() => undefined);
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: LARGEST_MESSAGE,
    maxFragments: MOST_FRAGMENTS,
    perMessageDeflate: false,
    clientTracking: false,
  });
  const heartbeat = createHeartbeat();
  const viewers = new Set<Viewer>();
  /** The next seq to send to all who are live. */
  let next = recorder.length + 1;
  let timer: NodeJS.Timeout | null = null;
  let lastFrame = 0;
  /** Chunks that viewers have let go one by one. */
  let gone = 0;
  let abandoned: NodeJS.Timeout | null = null;

  function drop(viewer: Viewer, code: number, reason: string): void {
    left(viewer);
    hangUp(viewer.socket, code, reason);
  }

  function left(viewer: Viewer): void {
    viewer.place.leave();
    if (viewers.delete(viewer)) onViewers(viewers.size);
    if (!mayHold || viewers.size > 0 || !brake.state().on || abandoned !== null) return;
    abandoned = setTimeout(() => {
      abandoned = null;
      if (viewers.size === 0) brake.hold(false);
    }, unattended);
    abandoned.unref();
  }

  /** Sends to a viewer that keeps up; one that does not is dropped and comes back when it can. */
  function sendTo(viewer: Viewer, message: string | Uint8Array): void {
    if (viewer.socket.bufferedAmount > mostWaiting) drop(viewer, TRY_AGAIN_LATER, 'too slow');
    else viewer.socket.send(message, { binary: false });
  }

  const history = createHistory(recorder);

  /** What they asked for, and a page of history; the next one once it has left, so a long trace never waits in memory. Answers the octets. */
  const reading = createTurns((viewer: Viewer): number => {
    if (!viewers.has(viewer) || viewer.leaving > 0) return 0;
    let octets = 0;
    if (viewer.asked !== null) {
      const { trace, from, world = false } = viewer.asked;
      viewer.asked = null;
      viewer.stage = 'reading';
      viewer.next = trace === recorder.id ? Math.min(from, recorder.length + 1) : 1;
      octets += send(viewer, history.traceMessage());
      viewer.world = world && news !== null;
      if (viewer.world && news !== null) octets += send(viewer, Buffer.from(news.whole()));
    }
    if (viewer.stage !== 'reading') return octets;
    const { message, next } = history.page(viewer.next);
    viewer.next = next;
    // What `all` has yet to send, it has; the browser ignores a seq it knows.
    if (next > recorder.length) viewer.stage = 'live';
    if (message.length > 0) octets += send(viewer, message);
    return octets;
  });

  /** Sends a part of the history; the next follows once it has left. Answers its octets. */
  function send(viewer: Viewer, message: Uint8Array): number {
    viewer.leaving += 1;
    viewer.socket.send(message, { binary: false }, error => {
      viewer.leaving -= 1;
      if (error || viewer.leaving > 0) return;
      if (viewer.asked !== null || viewer.stage === 'reading') reading.want(viewer);
    });
    return message.length;
  }

  /** Everything new, serialised once for all. */
  function sendFrame(): void {
    timer = null;
    lastFrame = performance.now();
    const lines = recorder.lines(next);
    next += lines.length;
    if (lines.length === 0) return;
    const message = eventsMessage(lines);
    for (const viewer of viewers) if (viewer.stage === 'live') sendTo(viewer, message);
  }

  const stopWatching = recorder.watch(notice => {
    if (notice.kind === 'trace') {
      next = 1;
      for (const viewer of viewers) {
        if (viewer.stage === 'idle') continue;
        viewer.stage = 'live';
        sendTo(viewer, history.traceMessage());
      }
      return;
    }
    if (timer !== null) return;
    const wait = lastFrame + FRAME - performance.now();
    if (wait <= 0) sendFrame();
    else timer = setTimeout(sendFrame, wait);
  });

  const holdingMessage = (state: HoldState): string =>
    JSON.stringify({ type: 'holding', ...state, gone, seq: recorder.length });
  const holdings = createPace(
    () => {
      const message = holdingMessage(brake.state());
      for (const viewer of viewers) sendTo(viewer, message);
    },
    FRAME,
    realTiming,
  );
  const stopHolding = brake.onChange(holdings.soon);

  news?.onMessage(message => {
    for (const viewer of viewers) if (viewer.world) sendTo(viewer, message);
  });

  function understand(viewer: Viewer, message: ToServer): void {
    switch (message.type) {
      case 'watch':
        viewer.asked = message;
        reading.want(viewer);
        return;
      case 'hold':
        brake.hold(message.on);
        return;
      case 'release':
        gone += 1;
        brake.release();
        return;
      default:
        assertNever(message);
    }
  }

  function welcome(socket: WebSocket, raw: Duplex, address: string): void {
    const expel = (): void => drop(viewer, TRY_AGAIN_LATER, 'too many viewers');
    const place = places.enter({ address, expel });
    if (place === null) {
      hangUp(socket, TRY_AGAIN_LATER, 'too many viewers');
      return;
    }
    const viewer: Viewer = {
      socket,
      place,
      asked: null,
      stage: 'idle',
      next: 1,
      leaving: 0,
      world: false,
    };
    const mayCome = limitTypes(RATES, now);
    const tooMuch = (): void => {
      left(viewer);
      silence(socket, POLICY_VIOLATION, 'too much at once');
    };
    const octets = createTokenBucket(OCTETS.burst, OCTETS.perSecond, now);
    limitOctets(raw, () => octets, tooMuch);
    viewers.add(viewer);
    onViewers(viewers.size);
    heartbeat.watch(socket, () => drop(viewer, TRY_AGAIN_LATER, 'no answer'));
    socket.on('message', (data, isBinary) => {
      if (!viewers.has(viewer)) return;
      const message = isBinary ? null : parseToServer(String(data));
      if (message === null) drop(viewer, POLICY_VIOLATION, 'not understood');
      else if (message.type !== 'watch' && !mayHold) drop(viewer, NOT_THE_SPEAKER, 'not the speaker');
      else if (!mayCome(message.type)) tooMuch();
      else if (!place.admit(null)) expel();
      else understand(viewer, message);
    });
    // 'close' follows, and it is all that matters here.
    socket.on('error', () => socket.terminate());
    socket.on('close', () => left(viewer));
    socket.send(holdingMessage(brake.state()));
  }

  return {
    upgrade(request, socket, head) {
      const address = request.socket.remoteAddress ?? '';
      server.handleUpgrade(request, socket, head, viewer => welcome(viewer, socket, address));
    },
    viewers: () => viewers.size,
    async close(code = GOING_AWAY, reason = 'the server ends') {
      stopWatching();
      stopHolding();
      news?.stop();
      holdings.stop();
      reading.stop();
      history.close();
      heartbeat.stop();
      if (timer !== null) clearTimeout(timer);
      const ended = [...viewers].map(
        ({ socket }) => new Promise<void>(resolve => socket.once('close', () => resolve())),
      );
      for (const viewer of viewers) drop(viewer, code, reason);
      await Promise.all(ended);
      if (abandoned !== null) clearTimeout(abandoned);
      await new Promise<void>(resolve => server.close(() => resolve()));
    },
  };
}
