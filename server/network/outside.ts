/** The way out of the box: real servers on this machine's loopback, reached through the wire like any other, and nothing beyond. */
import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import { SERVICES } from '../../shared/protocols.ts';
import type { HostId } from '../../shared/world/world.ts';
import type { Address } from './contract.ts';
import { type Call, closeServer, connectThrough, type Gate, listenOn } from './door.ts';
import { isLoopback } from './port-error.ts';
import { createRendezvous } from './rendezvous.ts';
import type { Wiring } from './wire.ts';

const LOOPBACK = '127.0.0.1';

/** Real servers that a world may use. Loopback addresses lead to them, whoever dials; `host` is what they are called in the trace. */
export interface Outside {
  /** Asked at its address and port 53; `port` is where it really listens, UDP and TCP. */
  readonly resolver: (Address & { readonly host: HostId }) | null;
  /** Whatever loopback address DNS names for port 25: `port` is where it really listens. */
  readonly exchangers: { readonly port: number; readonly host: HostId } | null;
}

/** Where an address of the world really leads outside, and whose it is; null where it leads nowhere. */
export function outsideOf(
  outside: Outside | null,
  to: Address,
): { readonly host: HostId; readonly real: Address } | null {
  if (outside === null || !isLoopback(to.address)) return null;
  const { resolver, exchangers } = outside;
  if (resolver !== null && to.address === resolver.address && to.port === SERVICES.dns.port) {
    return { host: resolver.host, real: { address: resolver.address, port: resolver.port } };
  }
  if (exchangers === null || to.port !== SERVICES.smtp.port) return null;
  return { host: exchangers.host, real: { address: to.address, port: exchangers.port } };
}

/** A gate whose calls lead outside. */
export interface Exit {
  gateTo(real: Address): Gate;
  close(): Promise<void>;
}

export async function openExit(wiring: Wiring): Promise<Exit> {
  const halves = new Set<Socket>();
  const keep = (socket: Socket): void => {
    halves.add(socket);
    socket.on('close', () => halves.delete(socket));
  };
  const targets = new WeakMap<Call, Address>();
  const calls = createRendezvous<Call>((client, call) => {
    const target = targets.get(call);
    if (target !== undefined) connectThrough(client, call, target, wiring, keep, () => undefined);
  });
  const door = createServer({ allowHalfOpen: true, noDelay: true }, socket => {
    // It also ends the socket, and 'close' is what is acted upon.
    socket.on('error', () => undefined);
    keep(socket);
    calls.arrived(socket);
  });
  const privatePort = await listenOn(door, 0, LOOPBACK);
  return {
    gateTo: real => ({
      privatePort,
      calls: {
        announce(port, call) {
          targets.set(call, real);
          calls.announce(port, call);
        },
        withdraw: (port, call) => calls.withdraw(port, call),
      },
    }),
    async close() {
      const closing = closeServer(door);
      calls.close();
      for (const half of halves) half.destroy();
      await closing;
    },
  };
}
