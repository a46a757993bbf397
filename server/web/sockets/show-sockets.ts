/** Whoever is at a show comes by a WebSocket: this is the way from there to a seat and back, for one door. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { WebSocketServer } from 'ws';
import { SHOW_ENDED, type ToShow } from '../../../shared/api/show.ts';
import type { Show } from '../../shows/show.ts';
import type { Shows } from '../../shows/shows.ts';
import { hangUp, silence } from '../limits/hang-up.ts';
import { createPlaces, type Place, type PlacesOptions } from '../limits/places.ts';
import { limitOctets, limitTypes, MOST_FRAGMENTS } from '../limits/saying.ts';
import { createTokenBucket, type Rate } from '../limits/token-bucket.ts';
import { TRY_AGAIN_LATER, turnAway } from '../limits/turned-away.ts';
import { createHeartbeat } from './heartbeat.ts';

/** Octets of a message; a cue has a few hundred. */
const LARGEST_MESSAGE = 16 * 1024;
/** Octets that may wait for a speaker's window that does not read. Followers never have more than one message waiting. */
const MOST_WAITING = 256 * 1024;
/** Milliseconds for the first message. */
const JOIN_WITHIN = 10_000;
/** Octets from whoever has not shown the secret: they join, and answer pings. */
const FROM_GUEST: Rate = { burst: 32 * 1024, perSecond: 1024 };
/** A cue has a few hundred. */
const FROM_SPEAKER: Rate = { burst: 512 * 1024, perSecond: 256 * 1024 };
/** A slider that is dragged tells a cue each frame of a fast screen; a key that is held down steers thirty times a second or more. */
const RATES: Readonly<Record<ToShow['type'], Rate>> = {
  join: { burst: 2, perSecond: 1 },
  cue: { burst: 600, perSecond: 300 },
  steer: { burst: 300, perSecond: 150 },
};
const POLICY_VIOLATION = 1008;

export interface ShowSockets {
  /** Takes over a checked upgrade request for the show of this id. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, id: string | null): void;
  /** Once the shows are closed: resolves when everybody has gone. */
  close(): Promise<void>;
}

/** Whoever has not joined makes room; nobody who has the secret is without a place because too many follow. */
export function createShowSockets(shows: Shows, options: PlacesOptions): ShowSockets {
  // Deflating for each of thousands costs more time than a cue has octets.
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: LARGEST_MESSAGE,
    maxFragments: MOST_FRAGMENTS,
    perMessageDeflate: false,
    clientTracking: false,
  });
  const sockets = new Set<WebSocket>();
  const heartbeat = createHeartbeat();
  const places = createPlaces(options);

  function welcome(socket: WebSocket, raw: Duplex, address: string, id: string): void {
    const show = shows.find(id);
    if (show === null) {
      hangUp(socket, SHOW_ENDED, 'the show has ended');
      return;
    }
    const place = places.enter({ address, expel: () => hangUp(socket, TRY_AGAIN_LATER, 'too many followers') });
    if (place === null) hangUp(socket, TRY_AGAIN_LATER, 'too many followers');
    else attend(socket, raw, place, show);
  }

  function attend(socket: WebSocket, raw: Duplex, place: Place, show: Show): void {
    sockets.add(socket);
    heartbeat.watch(socket, () => hangUp(socket, TRY_AGAIN_LATER, 'no answer'));
    const now = (): number => performance.now();
    const seat = show.take(
      {
        send(message, sent) {
          if (socket.readyState !== socket.OPEN) return;
          if (socket.bufferedAmount > MOST_WAITING) hangUp(socket, TRY_AGAIN_LATER, 'too slow');
          else
            socket.send(message, { binary: false }, error => {
              if (!error) sent();
            });
        },
        // Who has broken the rules is not listened to any more.
        close: (code, reason) => (code === POLICY_VIOLATION ? silence : hangUp)(socket, code, reason),
      },
      { mayCome: limitTypes(RATES, now), admitFollower: () => place.admit(show.id) },
    );
    const ofGuest = createTokenBucket(FROM_GUEST.burst, FROM_GUEST.perSecond, now);
    const ofSpeaker = createTokenBucket(FROM_SPEAKER.burst, FROM_SPEAKER.perSecond, now);
    limitOctets(
      raw,
      () => (seat.isSpeaker() ? ofSpeaker : ofGuest),
      () => silence(socket, POLICY_VIOLATION, 'too much at once'),
    );
    const late = setTimeout(() => hangUp(socket, POLICY_VIOLATION, 'join first'), JOIN_WITHIN);
    late.unref();
    socket.on('message', (data, isBinary) => {
      clearTimeout(late);
      // What is no text is no message either.
      seat.hear(isBinary ? '' : String(data));
      if (seat.isSpeaker()) place.stand('busy');
    });
    // 'close' follows, and it is all that matters here.
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      clearTimeout(late);
      place.leave();
      sockets.delete(socket);
      seat.leave();
    });
  }

  return {
    upgrade(request, socket, head, id) {
      if (id === null || shows.find(id) === null) turnAway(request, socket, head, SHOW_ENDED, 'the show has ended');
      else {
        const address = request.socket.remoteAddress ?? '';
        server.handleUpgrade(request, socket, head, guest => welcome(guest, socket, address, id));
      }
    },
    async close() {
      heartbeat.stop();
      await Promise.all([...sockets].map(socket => new Promise<void>(gone => socket.once('close', () => gone()))));
      await new Promise<void>(resolve => server.close(() => resolve()));
    },
  };
}
