/** Whoever watches a room: each viewer gets the events that it lacks, then everything as it comes; one that does not read is dropped. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { WebSocketServer } from 'ws';
import { NOT_THE_SPEAKER } from '../../shared/show.ts';
import type { ToServer } from '../../shared/socket.ts';
import { parseToServer } from '../../shared/socket.ts';
import { encodeHeader } from '../../shared/trace/codec.ts';
import { assertNever } from '../../shared/world/world.ts';
import type { HoldState } from '../network/hold.ts';
import type { Room } from '../rooms/room.ts';
import { hangUp } from './hang-up.ts';

/** Characters of history in one message. */
const PAGE = 256 * 1024;
/** Events looked at for one message of history. */
const PAGE_EVENTS = 1000;
/** Milliseconds between messages to all while much happens. */
const FRAME = 16;
const MOST_VIEWERS = 200;
/** Octets that may wait for a viewer before it is dropped. */
const MOST_WAITING = 8 * 1024 * 1024;
/** With an audience of thousands, it is their number that counts. */
const MOST_WAITING_EACH = 512 * 1024;
const PING = 30_000;
/** Milliseconds that a held wire waits for a viewer who may only be reloading the page. */
const UNATTENDED = 10_000;
const GOING_AWAY = 1001;
const TRY_AGAIN_LATER = 1013;
const POLICY_VIOLATION = 1008;

interface Viewer {
  readonly socket: WebSocket;
  /** `idle`: has not asked yet. `reading`: gets history, a page at a time. `live`: has everything. */
  stage: 'idle' | 'reading' | 'live';
  /** The next seq to send while `reading`. */
  next: number;
  answered: boolean;
}

export interface Live {
  /** Takes over a checked upgrade request. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  viewers(): number;
  /** Shows everybody out; `code` and `reason` as a WebSocket is closed, default that the server ends. */
  close(code?: number, reason?: string): Promise<void>;
}

/** Encoded once, for however many. */
const eventsMessage = (lines: readonly string[]): Uint8Array =>
  Buffer.from(`{"type":"events","events":[${lines.join(',')}]}`);

interface LiveOptions {
  /** Viewers at once. */
  readonly most?: number;
  /** Milliseconds for which a wire stays held with nobody there to let it go. */
  readonly unattended?: number;
  /** Whether the viewers may hold the wire; default true. The hold of others is none of their business then either. */
  readonly holding?: boolean;
  /** Told how many watch, whenever that changes. */
  readonly onViewers?: (count: number) => void;
}

export function createLive(room: Pick<Room, 'recorder' | 'brake'>, options: LiveOptions = {}): Live {
  const { recorder, brake } = room;
  const unattended = options.unattended ?? UNATTENDED;
  const most = options.most ?? MOST_VIEWERS;
  const mayHold = options.holding ?? true;
  const mostWaiting = mayHold ? MOST_WAITING : MOST_WAITING_EACH;
  const onViewers = options.onViewers ?? (() => undefined);
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: 64 * 1024,
    perMessageDeflate: false,
    clientTracking: false,
  });
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

  const traceMessage = (): string =>
    JSON.stringify({
      type: 'trace',
      id: recorder.id,
      header: encodeHeader(recorder.header),
      last: recorder.length,
    });

  /** One page of history, and the next one once it has left; so a long trace never waits in memory. */
  function readOn(viewer: Viewer): void {
    if (!viewers.has(viewer) || viewer.stage !== 'reading') return;
    const lines: string[] = [];
    let size = 0;
    for (const line of recorder.lines(viewer.next, PAGE_EVENTS)) {
      lines.push(line);
      size += line.length;
      if (size >= PAGE) break;
    }
    viewer.next += lines.length;
    const done = viewer.next > recorder.length;
    // What `all` has yet to send, it has; the browser ignores a seq it knows.
    if (done) viewer.stage = 'live';
    if (lines.length === 0) return;
    viewer.socket.send(eventsMessage(lines), { binary: false }, error => {
      if (!error && !done) readOn(viewer);
    });
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
        sendTo(viewer, traceMessage());
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
  const stopHolding = brake.onChange(state => {
    for (const viewer of viewers) sendTo(viewer, holdingMessage(state));
  });

  const pings = setInterval(() => {
    for (const viewer of viewers) {
      if (!viewer.answered) {
        drop(viewer, TRY_AGAIN_LATER, 'no answer');
        continue;
      }
      viewer.answered = false;
      viewer.socket.ping();
    }
  }, PING);
  pings.unref();

  function understand(viewer: Viewer, message: ToServer): void {
    switch (message.type) {
      case 'watch':
        viewer.next = message.trace === recorder.id ? Math.min(message.from, recorder.length + 1) : 1;
        sendTo(viewer, traceMessage());
        if (viewer.stage !== 'reading') {
          viewer.stage = 'reading';
          readOn(viewer);
        }
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

  function welcome(socket: WebSocket): void {
    const viewer: Viewer = { socket, stage: 'idle', next: 1, answered: true };
    if (viewers.size >= most) {
      hangUp(socket, TRY_AGAIN_LATER, 'too many viewers');
      return;
    }
    viewers.add(viewer);
    onViewers(viewers.size);
    socket.on('pong', () => {
      viewer.answered = true;
    });
    socket.on('message', (data, isBinary) => {
      const message = isBinary ? null : parseToServer(String(data));
      if (message === null) drop(viewer, POLICY_VIOLATION, 'not understood');
      else if (message.type !== 'watch' && !mayHold) drop(viewer, NOT_THE_SPEAKER, 'not the speaker');
      else understand(viewer, message);
    });
    // 'close' follows, and it is all that matters here.
    socket.on('error', () => socket.terminate());
    socket.on('close', () => left(viewer));
    socket.send(holdingMessage(brake.state()));
  }

  return {
    upgrade(request, socket, head) {
      server.handleUpgrade(request, socket, head, welcome);
    },
    viewers: () => viewers.size,
    async close(code = GOING_AWAY, reason = 'the server ends') {
      stopWatching();
      stopHolding();
      clearInterval(pings);
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
