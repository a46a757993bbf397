/** The DNS server of a world: UDP and TCP on port 53, everything it says comes from respond.ts, mistakes that are meant too (RFC 1035 §4.2, RFC 7766). */
import type { Socket } from 'node:net';
import { decodeDns, dnsFrames } from '../../shared/decode/dns.ts';
import { SERVICES } from '../../shared/protocols.ts';
import type { ConnectionId } from '../../shared/trace/event.ts';
import type { HostId, Zone } from '../../shared/world/world.ts';
import { createWorldClock, type WorldClock } from '../base/clock.ts';
import { type FaultBook, noFaults } from '../base/faults.ts';
import type { Listener, Network } from '../network/contract.ts';
import { type CallerPlace, createCallerPlaces } from '../network/places.ts';
import { checkZones, respond } from './respond.ts';
import { setbackFor } from './setback.ts';

/** A client may ask again on its connection; one that says nothing for this long is let go (RFC 7766 §6.2.3). */
const IDLE_MS = 30_000;
/** Milliseconds for a first question from outside. */
const FIRST_MS = 10_000;
/** Of hosts of the world, and as many again of callers from outside. */
const MOST_CONNECTIONS = 64;

/** A message on TCP has its length in front, in the same segment (RFC 7766 §8). */
export function framed(message: Uint8Array): Buffer {
  const frame = Buffer.alloc(2 + message.length);
  frame.writeUInt16BE(message.length, 0);
  frame.set(message, 2);
  return frame;
}

/** What to say to the octets of one message. `nothing`: it is lost on the way to the answer; `junk`: it asks nothing. */
type Saying = (bytes: Uint8Array) => Buffer | 'nothing' | 'junk';

/** Answers pipelined questions in order until the client ends, says nothing for long, or sends what is not a question. */
function serve(socket: Socket, say: Saying, { place, clock }: { place: CallerPlace; clock: WorldClock }): void {
  let pending: Buffer = Buffer.alloc(0);
  let sleep = (): void => undefined;
  /** A question that dribbles wins no time: only a whole one does, or an answer that is read. */
  const wait = (): void => {
    sleep();
    sleep = clock.after(place.patience(IDLE_MS), 'a DNS server waits for its client', () => socket.destroy());
  };
  wait();
  socket.once('close', () => {
    sleep();
    place.leave();
  });
  /** Also when it could not answer at once because the client was slow to read. */
  const answer = (): void => {
    let slow = false;
    let at = 0;
    for (const frame of dnsFrames(pending).frames) {
      const reply = say(pending.subarray(frame.from, frame.to));
      if (reply === 'junk') {
        socket.end();
        pending = Buffer.alloc(0);
        return;
      }
      at = frame.to;
      place.expect('command');
      if (reply === 'nothing') continue;
      slow = !socket.write(framed(reply));
      if (slow) break;
    }
    pending = pending.subarray(at);
    if (at > 0) wait();
    if (slow) socket.pause();
    else socket.resume();
  };
  socket.on('data', (chunk: Buffer) => {
    // After the answer to junk nothing more is read.
    if (!socket.writableEnded) {
      pending = Buffer.concat([pending, chunk]);
      answer();
    }
  });
  socket.on('drain', answer);
  // While questions wait for a slow reader nothing is read, so the end comes after the last answer.
  socket.on('end', () => socket.end());
}

/**
 * Serves the zones on UDP and TCP. `zones` is asked anew for each question, so that an edited world answers at once. Rejects
 * with a RangeError where a zone cannot be served, or with what the network says about the port.
 */
export async function startDnsServer(options: {
  readonly network: Network;
  readonly host: HostId;
  readonly zones: () => readonly Zone[];
  /** Default: nothing goes wrong. */
  readonly faults?: FaultBook;
  /** What its patience goes by; default a clock of its own. */
  readonly clock?: WorldClock;
}): Promise<Listener> {
  const { network, host, zones, faults = noFaults } = options;
  const clock = options.clock ?? createWorldClock();
  const places = createCallerPlaces({
    clock,
    own: MOST_CONNECTIONS,
    outside: MOST_CONNECTIONS,
    firstCommand: FIRST_MS,
  });
  checkZones(zones());

  function say(bytes: Uint8Array, transport: 'udp' | 'tcp', connection?: ConnectionId): Buffer | 'nothing' | 'junk' {
    const query = faults.list().length > 0 ? decodeDns(bytes) : null;
    const question = query?.response === false ? query.questions[0] : undefined;
    const where = connection === undefined ? { host } : { host, connection };
    const setback = question ? setbackFor(faults, question, transport, where) : {};
    return setback === null ? 'nothing' : (respond(zones(), bytes, transport, setback) ?? 'junk');
  }

  const sockets = new Set<Socket>();
  const tcp = await network.listen(host, SERVICES.dns.port, (socket, peer) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // A client that breaks the connection off has done no harm; `close` follows.
    socket.on('error', () => socket.destroy());
    const hangUp = (): void => {
      socket.resetAndDestroy();
    };
    const place = places.enter({ peer, dismiss: hangUp, cutOff: hangUp });
    if (place === null) socket.destroy();
    else serve(socket, bytes => say(bytes, 'tcp', peer.connection), { place, clock });
  });
  let udp: Listener;
  try {
    udp = await network.listenDatagrams(host, SERVICES.dns.port, (bytes, _peer, reply) => {
      const answer = say(bytes, 'udp');
      if (typeof answer !== 'string') reply(answer);
    });
  } catch (error) {
    await tcp.close();
    throw error;
  }
  return {
    close: async () => {
      const closed = Promise.all([tcp.close(), udp.close()]);
      for (const socket of sockets) socket.destroy();
      await closed;
      if (options.clock === undefined) clock.close();
    },
  };
}
