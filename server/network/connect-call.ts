/** A call to a gate of the wire: connects to its private port, says who calls, and waits until it is put through. */
import { connect } from 'node:net';
import { type Address, type Dialled, NetworkError } from './contract.ts';
import type { Call, Gate } from './door.ts';

const LOOPBACK = '127.0.0.1';

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/** The call could not be made, because of this machine. */
export const callFailed = ({ address }: Address, { message }: Error): NetworkError =>
  new NetworkError('ECLOSED', { code: 'call-failed', address, detail: message });

/** `caller.refused` records that nothing listens there; `caller.from` is without its port, which the connection gives it. */
export function connectCall(
  gate: Gate,
  to: Address,
  caller: Omit<Call, 'from' | 'opened' | 'failed'> & {
    readonly from: Omit<Call['from'], 'port'>;
    readonly refused: () => NetworkError;
  },
): Promise<Dialled> {
  const { refused, from, ...named } = caller;
  const { connection } = named;
  const socket = connect({ port: gate.privatePort, host: LOOPBACK, allowHalfOpen: true, noDelay: true });
  return new Promise<Dialled>((resolve, reject) => {
    const failed = (error: Error): void => {
      socket.destroy();
      reject(codeOf(error.cause) === 'ECONNREFUSED' ? refused() : callFailed(to, error));
    };
    // Stays for good: whoever dialled adds an own handler, and until then an error must not be unhandled.
    socket.on('error', failed);
    socket.once('connect', () => {
      const port = socket.localPort ?? 0;
      // A door that is full closes the call without a word.
      const unanswered = (): void => {
        gate.calls.withdraw(port, call);
        socket.destroy();
        reject(new NetworkError('ECLOSED', { code: 'call-not-taken', address: to.address }));
      };
      const opened = (): void => {
        socket.off('end', unanswered);
        socket.off('close', unanswered);
        resolve({ socket, connection });
      };
      const call: Call = { ...named, from: { ...from, port }, opened, failed };
      socket.once('end', unanswered);
      socket.once('close', unanswered);
      gate.calls.announce(port, call);
    });
  });
}
