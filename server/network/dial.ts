/** Opening connections: who answers a call, who refuses it, and who says nothing at all. */
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { SERVICES } from '../../shared/protocols.ts';
import type { Cause } from '../../shared/trace/cause.ts';
import type { ConnectionId, Endpoint } from '../../shared/trace/event.ts';
import type { HostId } from '../../shared/world/world.ts';
import type { FaultBook } from '../base/faults.ts';
import { cableBetween } from './cable/lag.ts';
import type { Address, Dialled } from './contract.ts';
import { NetworkError } from './contract.ts';
import type { Call, Gate } from './door.ts';
import { type Exit, type Outside, openExit, outsideOf } from './outside.ts';
import type { Wiring } from './wire.ts';

const LOOPBACK = '127.0.0.1';
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

/** What is wrong with a host that somebody calls or asks; strikes. */
export function setbackAt(faults: FaultBook, host: HostId, connection: ConnectionId): 'refuses' | 'silent' | null {
  const where = { host, connection };
  if (faults.strike('host-off', fault => fault.host === host, where)) return 'refuses';
  return faults.strike('host-silent', fault => fault.host === host, where) ? 'silent' : null;
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

export function createDialler(options: DiallerOptions, wiring: Wiring): Dialler {
  const { endpointOf, outside } = options;
  const { recorder, faults, clock } = wiring;
  const waiting = new Map<() => void, HostId>();
  let exit: Promise<Exit> | null = null;

  const nothingListens = ({ address, port }: Address): Cause => ({ code: 'nothing-listens', address, port });
  const noAnswer = ({ address }: Address): Cause => ({ code: 'call-timed-out', address, seconds: PATIENCE / 1000 });

  /** Resolves when so much world time has passed, true; false when the call is given up before. */
  const wait = (from: HostId, milliseconds: number, what: string): Promise<boolean> =>
    new Promise(resolve => {
      const finish = (came: boolean): void => {
        waiting.delete(giveUp);
        cancel();
        resolve(came);
      };
      const giveUp = (): void => finish(false);
      const cancel = clock.after(milliseconds, what, () => finish(true));
      waiting.set(giveUp, from);
    });
  const givenUp = ({ address }: Address): NetworkError =>
    new NetworkError('ECLOSED', { code: 'call-given-up', address });

  async function gateTo(to: Address): Promise<Gate | null> {
    const away = outsideOf(outside, to);
    if (away === null) return options.gateTo(to);
    exit ??= openExit(wiring);
    return (await exit).gateTo(away.real);
  }

  /** Why a call leads nowhere. */
  function nowhere(to: Address): readonly [NetworkError['code'], Cause] {
    if (options.isKnown(to.address)) return ['ECONNREFUSED', nothingListens(to)];
    const abroad = (outside?.exchangers ?? null) !== null && to.port === SERVICES.smtp.port;
    return abroad
      ? ['EHOSTUNREACH', { code: 'no-mail-leaves', address: to.address }]
      : ['EHOSTUNREACH', { code: 'no-such-address', address: to.address }];
  }

  async function dial(from: HostId, to: Address): Promise<Dialled> {
    const address = options.sourceFor(from, to.address);
    const connection = options.nextConnection();
    const there = endpointOf(to);
    const refuse = (code: NetworkError['code'], cause: Cause): NetworkError => {
      const source = { host: from, address, port: 0 };
      recorder.append({ kind: 'tcp.refused', connection, from: source, to: there, cause });
      return new NetworkError(code, cause);
    };

    const setback = setbackAt(faults, there.host, connection);
    const cable = faults.find('slow-cable', cableBetween(from, there.host));
    // There and back: SYN, and what answers it (RFC 9293 §3.5).
    const journey = cable === null ? 0 : 2 * cable.latency;
    const patience = setback === 'silent' ? PATIENCE : journey;
    const what =
      setback === 'silent' ? `${from} calls ${there.host}, which does not answer` : `${from} calls ${there.host}`;
    if (patience > 0 && !(await wait(from, patience, what))) throw givenUp(to);
    if (setback === 'silent') throw refuse('ETIMEDOUT', noAnswer(to));
    if (setback === 'refuses') throw refuse('ECONNREFUSED', nothingListens(to));
    const gate = await gateTo(to);
    if (gate === null) throw refuse(...nowhere(to));

    const socket = connect({ port: gate.privatePort, host: LOOPBACK, allowHalfOpen: true, noDelay: true });
    return new Promise<Dialled>((resolve, reject) => {
      const { address: called } = to;
      const failed = (error: Error) => {
        socket.destroy();
        if (codeOf(error.cause) === 'ECONNREFUSED') reject(refuse('ECONNREFUSED', nothingListens(to)));
        else reject(new NetworkError('ECLOSED', { code: 'call-failed', address: called, detail: error.message }));
      };
      // Stays for good: whoever dialled adds an own handler, and until then an error must not be unhandled.
      socket.on('error', failed);
      socket.once('connect', () => {
        const port = socket.localPort ?? 0;
        const call: Call = {
          connection,
          from: { host: from, address, port },
          to: there,
          ...(options.isOutside(from) && { outside: DIALLED }),
          opened: () => {
            socket.off('end', unanswered);
            socket.off('close', unanswered);
            resolve({ socket, connection });
          },
          failed,
        };
        // A door that is full closes the call without a word.
        const unanswered = (): void => {
          gate.calls.withdraw(port, call);
          socket.destroy();
          reject(new NetworkError('ECLOSED', { code: 'call-not-taken', address: called }));
        };
        socket.once('end', unanswered);
        socket.once('close', unanswered);
        gate.calls.announce(port, call);
      });
    });
  }

  return {
    dial,
    turnsAway(socket, { connection, from, to }) {
      const setback = setbackAt(faults, to.host, connection);
      if (setback === null) return false;
      const refused = (cause: Cause) => recorder.append({ kind: 'tcp.refused', connection, from, to, cause });
      if (setback === 'refuses') {
        socket.resetAndDestroy();
        refused(nothingListens(to));
        return true;
      }
      // The machine took the call, but the host says nothing until one of the two has enough of it.
      const what = `${from.host} calls ${to.host}, which does not answer`;
      const cancel = clock.after(PATIENCE, what, () => socket.destroy());
      socket.resume();
      socket.once('end', () => socket.destroy());
      socket.once('close', () => {
        cancel();
        refused(noAnswer(to));
      });
      return true;
    },
    giveUp(host) {
      for (const [giveUp, from] of [...waiting]) if (host === null || from === host) giveUp();
    },
    async close() {
      for (const giveUp of [...waiting.keys()]) giveUp();
      await (await exit)?.close();
    },
  };
}
