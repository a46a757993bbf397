/** What hosts may ask of the box's internet: listen, dial, and send datagrams by world address and well-known port. */
import type { Socket } from 'node:net';
import { causeText } from '../../shared/explain/causes.ts';
import type { Cause } from '../../shared/trace/cause.ts';
import type { ConnectionId } from '../../shared/trace/event.ts';
import type { HostId } from '../../shared/world/world.ts';

export interface Address {
  readonly address: string;
  readonly port: number;
}

/** The other end of an accepted connection as the world sees it. */
export interface Peer extends Address {
  readonly host: HostId;
  /** Names this connection in the trace, so that `mail.queued` can say what brought a letter. */
  readonly connection: ConnectionId;
  /** Set for a caller from outside the world: where on this machine it came from. Such callers share places. */
  readonly outside?: string;
}

export interface Listener {
  close(): Promise<void>;
}

/** Nobody answers, or the address is nobody's. `code` is as Node's own socket errors have it; `cause` says why. */
export class NetworkError extends Error {
  readonly code: 'ECONNREFUSED' | 'EHOSTUNREACH' | 'ETIMEDOUT' | 'ECLOSED';
  override readonly cause: Cause;
  constructor(code: NetworkError['code'], cause: Cause) {
    super(causeText(cause));
    this.name = 'NetworkError';
    this.code = code;
    this.cause = cause;
  }
}

export interface Dialled {
  readonly socket: Socket;
  readonly connection: ConnectionId;
}

export interface DatagramSocket {
  send(bytes: Uint8Array, to: Address): void;
  /** At most one listener; called for every datagram that comes back, with the world address it came from. */
  onMessage(listener: (bytes: Uint8Array, from: Address) => void): void;
  /** At most one listener; called where this machine has no way to carry what was sent, so that no answer will come. */
  onFailure(listener: (error: NetworkError) => void): void;
  close(): void;
}

/** Maps (world address, well-known port) to real loopback sockets, through the wire. */
export interface Network {
  /** Serves TCP. Sockets are real `net.Socket`s with `allowHalfOpen`, already error-safe only once the listener adds its 'error' handler synchronously. */
  listen(host: HostId, port: number, accept: (socket: Socket, peer: Peer) => void): Promise<Listener>;
  /** Serves UDP: `reply` sends back to whoever asked. */
  listenDatagrams(
    host: HostId,
    port: number,
    receive: (bytes: Uint8Array, peer: Address & { host: HostId }, reply: (bytes: Uint8Array) => void) => void,
  ): Promise<Listener>;
  /** Opens a TCP connection as `from`; rejects with NetworkError. Socket has `allowHalfOpen: true`. */
  dial(from: HostId, to: Address): Promise<Dialled>;
  /** A UDP socket with a fresh random source port (RFC 5452 §9); rejects with NetworkError. */
  datagrams(from: HostId): Promise<DatagramSocket>;
}
