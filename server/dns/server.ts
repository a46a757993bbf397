/** The DNS server of a world: UDP and TCP on port 53, everything it says comes from respond.ts (RFC 1035 §4.2, RFC 7766). */
import type { Socket } from 'node:net';
import { dnsFrames } from '../../shared/decode/dns.ts';
import { type HostId, WELL_KNOWN_PORT, type Zone } from '../../shared/world/world.ts';
import type { Listener, Network } from '../network/contract.ts';
import { checkZones, respond } from './respond.ts';

/** A client may ask again on its connection; one that says nothing for this long is let go (RFC 7766 §6.2.3). */
const IDLE_MS = 30_000;
const MOST_CONNECTIONS = 64;

/** A message on TCP has its length in front, in the same segment (RFC 7766 §8). */
export function framed(message: Uint8Array): Buffer {
  const frame = Buffer.alloc(2 + message.length);
  frame.writeUInt16BE(message.length, 0);
  frame.set(message, 2);
  return frame;
}

/** Answers pipelined questions in order until the client ends, says nothing for long, or sends what is not a question. */
function serve(socket: Socket, zones: () => readonly Zone[]): void {
  let pending: Buffer = Buffer.alloc(0);
  /** Also when it could not answer at once because the client was slow to read. */
  const answer = (): void => {
    let slow = false;
    let at = 0;
    for (const frame of dnsFrames(pending).frames) {
      const reply = respond(zones(), pending.subarray(frame.from, frame.to), 'tcp');
      if (!reply) {
        socket.end();
        pending = Buffer.alloc(0);
        return;
      }
      at = frame.to;
      slow = !socket.write(framed(reply));
      if (slow) break;
    }
    pending = pending.subarray(at);
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
  socket.setTimeout(IDLE_MS, () => socket.destroy());
}

/**
 * Serves the zones on UDP and TCP. `zones` is asked anew for each question, so that an edited world answers at once. Rejects
 * with a RangeError where a zone cannot be served, or with what the network says about the port.
 */
export async function startDnsServer(options: {
  readonly network: Network;
  readonly host: HostId;
  readonly zones: () => readonly Zone[];
}): Promise<Listener> {
  const { network, host, zones } = options;
  checkZones(zones());
  const sockets = new Set<Socket>();
  const tcp = await network.listen(host, WELL_KNOWN_PORT.dns, socket => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // A client that breaks the connection off has done no harm; `close` follows.
    socket.on('error', () => socket.destroy());
    if (sockets.size > MOST_CONNECTIONS) socket.destroy();
    else serve(socket, zones);
  });
  let udp: Listener;
  try {
    udp = await network.listenDatagrams(host, WELL_KNOWN_PORT.dns, (bytes, _peer, reply) => {
      const answer = respond(zones(), bytes, 'udp');
      if (answer) reply(answer);
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
    },
  };
}
