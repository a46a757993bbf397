/** Opening connections: who answers a call, who refuses it, and who says nothing at all. */
import type { Socket } from 'node:net';
import { SERVICES } from '../../shared/protocols.ts';
import type { Cause } from '../../shared/trace/cause.ts';
import type { ConnectionId, Endpoint } from '../../shared/trace/event.ts';
import type { HostId } from '../../shared/world/world.ts';
import { OpenedOnce } from '../base/opened-once.ts';
import { cableBetween } from './cable/lag.ts';
import { callFailed, connectCall } from './connect-call.ts';
import { type Address, type Dialled, NetworkError } from './contract.ts';
import type { Call, Gate } from './door.ts';
import { type Exit, type Outside, openExit, outsideOf } from './outside.ts';
import { type Setback, setbackAt } from './setback.ts';
import { WaitingCalls } from './waiting-calls.ts';
import type { Wiring } from './wire.ts';

/** Where a visitor's call comes from that a page had this process make. */
const DIALLED = 'page';
/** How long a call that nobody answers is kept up, in milliseconds of world time. */
const PATIENCE = 30_000;

export interface DiallerOptions {
  readonly outside: Outside | null;
  readonly sourceFor: (from: HostId, to: string) => string;
  readonly endpointOf: (to: Address) => Endpoint;
  /** Whether it is the address of a host of the world. */
  readonly isKnown: (address: string) => boolean;
  /** Whether this host is where callers from outside the world seem to come from. */
  readonly isOutside: (host: HostId) => boolean;
  readonly gateTo: (to: Address) => Gate | null;
  readonly nextConnection: () => ConnectionId;
}

export interface Dialler {
  dial(from: HostId, to: Address): Promise<Dialled>;
  /** A caller from outside is at a host's door already; true where the host does not take the call, which is then seen to. */
  turnsAway(socket: Socket, call: Pick<Call, 'connection' | 'from' | 'to'>): boolean;
  /** Gives up the calls of this host that wait, or all of them. */
  giveUp(host: HostId | null): void;
  close(): Promise<void>;
}

const nothingListens = ({ address, port }: Address): Cause => ({ code: 'nothing-listens', address, port });
const noAnswer = ({ address }: Address): Cause => ({ code: 'call-timed-out', address, seconds: PATIENCE / 1000 });

/** What a call that waits is waiting for, in a few words. */
const waitsFor = (from: HostId, to: HostId, setback: Setback | null): string =>
  setback === 'silent' ? `${from} calls ${to}, which does not answer` : `${from} calls ${to}`;

class WireDialler implements Dialler {
  private readonly options: DiallerOptions;
  private readonly wiring: Wiring;
  private readonly waiting: WaitingCalls;
  private readonly exit: OpenedOnce<Exit>;

  constructor(options: DiallerOptions, wiring: Wiring) {
    this.options = options;
    this.wiring = wiring;
    this.waiting = new WaitingCalls(wiring.clock);
    this.exit = new OpenedOnce(() => openExit(wiring));
  }

  async dial(from: HostId, to: Address): Promise<Dialled> {
    const address = this.options.sourceFor(from, to.address);
    const connection = this.options.nextConnection();
    const there = this.options.endpointOf(to);
    const refuse = (code: NetworkError['code'], cause: Cause): NetworkError => {
      const source = { host: from, address, port: 0 };
      this.wiring.recorder.append({ kind: 'tcp.refused', connection, from: source, to: there, cause });
      return new NetworkError(code, cause);
    };
    const refused = (): NetworkError => refuse('ECONNREFUSED', nothingListens(to));

    const setback = setbackAt(this.wiring.faults, there.host, connection);
    const patience = setback === 'silent' ? PATIENCE : this.journey(from, there.host);
    if (patience > 0 && !(await this.waiting.wait(from, patience, waitsFor(from, there.host, setback))))
      throw new NetworkError('ECLOSED', { code: 'call-given-up', address: to.address });
    if (setback === 'silent') throw refuse('ETIMEDOUT', noAnswer(to));
    if (setback === 'refuses') throw refused();
    const gate = await this.gateTo(to);
    if (gate === null) throw refuse(...this.whyUnreachable(to));
    return connectCall(gate, to, {
      connection,
      from: { host: from, address },
      to: there,
      ...(this.options.isOutside(from) && { outside: DIALLED }),
      refused,
    });
  }

  turnsAway(socket: Socket, { connection, from, to }: Pick<Call, 'connection' | 'from' | 'to'>): boolean {
    const { recorder, faults, clock } = this.wiring;
    const setback = setbackAt(faults, to.host, connection);
    if (setback === null) return false;
    const refused = (cause: Cause) => recorder.append({ kind: 'tcp.refused', connection, from, to, cause });
    if (setback === 'refuses') {
      socket.resetAndDestroy();
      refused(nothingListens(to));
      return true;
    }
    // The machine took the call, but the host says nothing until one of the two has enough of it.
    const cancel = clock.after(PATIENCE, waitsFor(from.host, to.host, setback), () => socket.destroy());
    socket.resume();
    socket.once('end', () => socket.destroy());
    socket.once('close', () => {
      cancel();
      refused(noAnswer(to));
    });
    return true;
  }

  giveUp(host: HostId | null): void {
    this.waiting.giveUp(host);
  }

  async close(): Promise<void> {
    this.waiting.giveUp(null);
    await (await this.exit.opened())?.close();
  }

  /** How long it takes to be answered, in milliseconds of world time: there and back, SYN and what answers it (RFC 9293 §3.5). */
  private journey(from: HostId, to: HostId): number {
    const cable = this.wiring.faults.find('slow-cable', cableBetween(from, to));
    return cable === null ? 0 : 2 * cable.latency;
  }

  /** Null where there is none. Rejects with NetworkError where this machine has no way out to give. */
  private async gateTo(to: Address): Promise<Gate | null> {
    const away = outsideOf(this.options.outside, to);
    if (away === null) return this.options.gateTo(to);
    try {
      return (await this.exit.get()).gateTo(away.real);
    } catch (error) {
      throw error instanceof Error ? callFailed(to, error) : error;
    }
  }

  private whyUnreachable(to: Address): readonly [NetworkError['code'], Cause] {
    if (this.options.isKnown(to.address)) return ['ECONNREFUSED', nothingListens(to)];
    const abroad = (this.options.outside?.exchangers ?? null) !== null && to.port === SERVICES.smtp.port;
    return ['EHOSTUNREACH', { code: abroad ? 'no-mail-leaves' : 'no-such-address', address: to.address }];
  }
}

export const createDialler = (options: DiallerOptions, wiring: Wiring): Dialler => new WireDialler(options, wiring);
