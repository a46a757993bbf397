/** The wire: a splice between two sockets that lets octets through both ways, by the gates in between. */
import type { Socket } from 'node:net';
import type { ConnectionId, Endpoint, Side } from '../../shared/trace/event.ts';
import { followGate } from './gates/follow.ts';
import {
  type Blow,
  type CreateGate,
  type Crossing,
  endThrough,
  type Gate,
  type GateSetting,
  passThrough,
} from './gates/gate.ts';
import { holdGate } from './gates/hold.ts';
import { lagGate } from './gates/lag.ts';
import { strikeGate } from './gates/strike.ts';
import { tapGate } from './gates/tap.ts';
import type { ReadQuota } from './read-quota.ts';

/** What every chunk goes through, in this order. */
const GATES: readonly CreateGate[] = [followGate, lagGate, holdGate, strikeGate, tapGate];

/** What the wires of one network share. */
export interface Wiring extends Omit<GateSetting, 'open'> {
  /** All that are open. */
  readonly wires: Set<Wire>;
  /** What is read from all of them in one turn of the event loop. */
  readonly readQuota: ReadQuota;
}

/** Milliseconds of this machine's time that a caller has to hang up once nobody is at the other end. */
const LINGER = 5_000;

/** One connection while it is open. */
export interface Wire {
  readonly from: Endpoint;
  readonly to: Endpoint;
  /** The server's end is closed for good: only the caller still has to hang up. It is not waited for long. */
  abandon(): void;
  /** Nobody is at the server's end. */
  readonly abandoned: boolean;
  /** Ends it where it stands: what was written to the caller still reaches it. */
  drop(): void;
  /** Breaks it off, as if by this side: both ends find it reset. */
  reset(by: Side): void;
}

export interface Splice {
  readonly connection: ConnectionId;
  readonly from: Endpoint;
  readonly to: Endpoint;
  /** The half towards the end that dialled, and the half towards the server; both connected, with `allowHalfOpen`. */
  readonly client: Socket;
  readonly server: Socket;
}

/**
 * Calls back once everything that was written has been handed over, and the other end, where it is of this process, has read
 * it: two turns later it has. A reset that finds unread octets takes them away on some systems, and on others passes for a FIN.
 */
function whenRead(socket: Socket, then: () => void): void {
  const soon = (): void => {
    setImmediate(() => setImmediate(then));
  };
  if (socket.destroyed || socket.writableLength === 0) soon();
  else socket.write('', soon);
}

/** What comes from one side, and where it goes. */
interface Half {
  readonly side: Side;
  readonly socket: Socket;
  readonly other: Socket;
  /** It has brought its part of this turn. */
  resting: boolean;
  /** Hands it over to the other side. */
  readonly last: (crossing: Crossing) => void;
  /** It reads on in the next turn. */
  readonly goOn: () => void;
}

class SplicedWire implements Wire {
  readonly from: Endpoint;
  readonly to: Endpoint;
  abandoned = false;
  private readonly joint: Splice;
  private readonly wiring: Wiring;
  private readonly gates: readonly Gate[];
  private firstToEnd: Side | null = null;
  private wasReset = false;
  private openHalves = 2;
  /** A fault has struck: nothing crosses any more. */
  private over: Blow | null = null;
  private linger: NodeJS.Timeout | undefined;

  constructor(joint: Splice, wiring: Wiring) {
    const { connection, from, to, client, server } = joint;
    this.from = from;
    this.to = to;
    this.joint = joint;
    this.wiring = wiring;
    const setting: GateSetting = { ...wiring, open: () => wiring.wires.size };
    const strike = (blow: Blow): void => this.strike(blow);
    this.gates = GATES.map(create => create({ connection, from, to, strike }, setting));
    wiring.wires.add(this);
    wiring.recorder.append({ kind: 'tcp.opened', connection, from, to });
    this.join('client', client, server);
    this.join('server', server, client);
  }

  abandon(): void {
    if (this.abandoned || this.openHalves === 0) return;
    this.abandoned = true;
    this.waitForCaller();
  }

  drop(): void {
    const { client, server } = this.joint;
    if (this.over === null) this.stop('fin', 'server');
    client.destroy();
    server.destroy();
  }

  reset(by: Side): void {
    const { client, server } = this.joint;
    this.stop('reset', by);
    client.resetAndDestroy();
    server.resetAndDestroy();
  }

  private waitForCaller(): void {
    this.linger = setTimeout(() => (this.isCalm() ? this.drop() : this.waitForCaller()), LINGER);
    this.linger.unref();
  }

  /** What still waits on its way is let arrive first. */
  private isCalm(): boolean {
    const waits = this.gates.some(gate => gate.waits('client') || gate.waits('server'));
    return this.joint.client.writableLength === 0 && !waits;
  }

  private closeGates(): void {
    for (const gate of this.gates) gate.close();
  }

  private stop(blow: Blow, by: Side): void {
    this.over = blow;
    this.closeGates();
    if (blow === 'silence') return;
    this.firstToEnd ??= by;
    this.wasReset ||= blow === 'reset';
  }

  private strike(blow: Blow): void {
    // To whoever called it looks like the server's doing.
    this.stop(blow, 'server');
    // What still comes is read, so that the end of it is noticed.
    for (const socket of [this.joint.client, this.joint.server]) {
      socket.resume();
      if (blow === 'fin') socket.end();
      if (blow === 'reset') whenRead(socket, () => socket.resetAndDestroy());
    }
  }

  private flow({ side, socket, other, resting }: Half): void {
    const blocked = !other.destroyed && other.writableNeedDrain;
    if (this.over !== null || !(resting || blocked || this.gates.some(gate => gate.full(side)))) socket.resume();
    // What waits is bounded by the peer's own window: no more is read until it has gone.
    else socket.pause();
  }

  private join(side: Side, socket: Socket, other: Socket): void {
    const half: Half = {
      side,
      socket,
      other,
      resting: false,
      last: ({ bytes }) => {
        if (!other.destroyed) other.write(bytes);
      },
      goOn: () => {
        half.resting = false;
        this.flow(half);
      },
    };
    const later = (): void => this.flow(half);
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.read(half, chunk, later));
    other.on('drain', later);
    socket.on('end', () => this.ended(half));
    socket.on('error', () => {
      this.firstToEnd ??= side;
      this.wasReset ||= this.over !== 'fin';
    });
    socket.on('close', () => this.closed(half));
  }

  private read(half: Half, chunk: Buffer, later: () => void): void {
    if (this.over !== null) return;
    passThrough(this.gates, { side: half.side, bytes: chunk, spans: [] }, half.last, later);
    half.resting = this.wiring.readQuota.exceeds(chunk.length, half.goOn);
    this.flow(half);
  }

  private ended({ side, other, last }: Half): void {
    if (this.over === 'silence') this.reset(side);
    if (this.over !== null) return;
    endThrough(this.gates, side, last, () => {
      if (this.over !== null) return;
      this.firstToEnd ??= side;
      other.end();
    });
  }

  private closed({ side, other, goOn }: Half): void {
    this.wiring.readQuota.forget(goOn);
    this.openHalves -= 1;
    // After a fault, the other half is seen to already.
    const broken = this.over === null ? this.wasReset : this.over === 'silence';
    if (broken && !other.destroyed) {
      this.stop('reset', side);
      other.resetAndDestroy();
    }
    if (this.openHalves > 0) return;
    clearTimeout(this.linger);
    this.closeGates();
    this.wiring.recorder.append({
      kind: 'tcp.closed',
      connection: this.joint.connection,
      by: this.firstToEnd ?? side,
      reason: this.wasReset ? 'reset' : 'fin',
    });
    this.wiring.wires.delete(this);
  }
}

/**
 * Joins the two halves until both are gone. Back-pressure, half-close and reset are passed on as they are, and faults of the
 * world strike here. Records `tcp.opened` now, each chunk before it is passed on, and `tcp.closed` once.
 */
export const splice = (joint: Splice, wiring: Wiring): Wire => new SplicedWire(joint, wiring);
