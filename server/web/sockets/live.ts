/** Whoever watches a room: each viewer gets the events that it lacks, then everything as it comes; one that does not read is dropped. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { WebSocketServer } from 'ws';
import type { ToServer } from '../../../shared/api/live.ts';
import { parseToServer } from '../../../shared/api/live.ts';
import { NOT_THE_SPEAKER } from '../../../shared/api/show.ts';
import { assertNever } from '../../../shared/world/world.ts';
import type { Room } from '../../rooms/room.ts';
import { hangUp, silence } from '../limits/hang-up.ts';
import { createPlaces, type Place } from '../limits/places.ts';
import { limitOctets, limitTypes, MOST_FRAGMENTS } from '../limits/saying.ts';
import { createTokenBucket, type Rate } from '../limits/token-bucket.ts';
import { TRY_AGAIN_LATER } from '../limits/turned-away.ts';
import { createHeartbeat } from './heartbeat.ts';
import { createHistory } from './history.ts';
import { sendFrames } from './live-frames.ts';
import { createHistoryTurns, type Reader } from './live-history.ts';
import { createLiveHold } from './live-hold.ts';
import type { WorldNews } from './world-news.ts';

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

interface Viewer extends Reader {
  readonly place: Place;
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

const createSocketServer = (): WebSocketServer =>
  new WebSocketServer({
    noServer: true,
    maxPayload: LARGEST_MESSAGE,
    maxFragments: MOST_FRAGMENTS,
    perMessageDeflate: false,
    clientTracking: false,
  });

const newViewer = (socket: WebSocket, place: Place): Viewer => ({
  socket,
  place,
  asked: null,
  stage: 'idle',
  next: 1,
  leaving: 0,
  world: false,
});

const closed = ({ socket }: Viewer): Promise<void> => new Promise(resolve => socket.once('close', () => resolve()));

export function createLive(room: Pick<Room, 'recorder' | 'brake'>, options: LiveOptions = {}): Live {
  const { recorder } = room;
  const { unattended = UNATTENDED, most = MOST_VIEWERS, sharedByAddress = false, holding: mayHold = true } = options;
  const { news = null, now = () => performance.now(), onViewers = () => undefined } = options;
  const places = createPlaces({ most, sharedByAddress });
  const mostWaiting = mayHold ? MOST_WAITING : MOST_WAITING_EACH;
  const server = createSocketServer();
  const heartbeat = createHeartbeat();
  const viewers = new Set<Viewer>();
  function drop(viewer: Viewer, code: number, reason: string): void {
    left(viewer);
    hangUp(viewer.socket, code, reason);
  }

  function left(viewer: Viewer): void {
    viewer.place.leave();
    if (viewers.delete(viewer)) onViewers(viewers.size);
    if (mayHold && viewers.size === 0) hold.abandon();
  }

  /** Sends to a viewer that keeps up; one that does not is dropped and comes back when it can. */
  function sendTo(viewer: Viewer, message: string | Uint8Array): void {
    if (viewer.socket.bufferedAmount > mostWaiting) drop(viewer, TRY_AGAIN_LATER, 'too slow');
    else viewer.socket.send(message, { binary: false });
  }

  const history = createHistory(recorder);
  const reading = createHistoryTurns<Viewer>({ recorder, history, news, isHere: reader => viewers.has(reader) });

  const sendToAll = (message: string | Uint8Array, wants: (viewer: Viewer) => boolean): void => {
    for (const viewer of viewers) if (wants(viewer)) sendTo(viewer, message);
  };
  const stopFrames = sendFrames(recorder, {
    onEvents: message => sendToAll(message, ({ stage }) => stage === 'live'),
    onTrace() {
      for (const viewer of viewers) if (viewer.stage === 'reading') viewer.stage = 'live';
      sendToAll(history.traceMessage(), ({ stage }) => stage === 'live');
    },
  });
  const hold = createLiveHold({
    room,
    unattended,
    isEmpty: () => viewers.size === 0,
    onChange: message => sendToAll(message, () => true),
  });
  news?.onMessage(message => sendToAll(message, ({ world }) => world));

  function understand(viewer: Viewer, message: ToServer): void {
    switch (message.type) {
      case 'watch':
        viewer.asked = message;
        reading.want(viewer);
        return;
      case 'hold':
        hold.hold(message.on);
        return;
      case 'release':
        hold.release();
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
    const viewer = newViewer(socket, place);
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
    socket.send(hold.message());
  }

  return {
    upgrade(request, socket, head) {
      const address = request.socket.remoteAddress ?? '';
      server.handleUpgrade(request, socket, head, viewer => welcome(viewer, socket, address));
    },
    viewers: () => viewers.size,
    async close(code = GOING_AWAY, reason = 'the server ends') {
      stopFrames();
      news?.stop();
      reading.stop();
      history.close();
      heartbeat.stop();
      const ended = [...viewers].map(closed);
      for (const viewer of viewers) drop(viewer, code, reason);
      await Promise.all(ended);
      hold.stop();
      await new Promise<void>(resolve => server.close(() => resolve()));
    },
  };
}
