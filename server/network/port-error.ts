/** Why a port on this machine cannot be served, as one sentence for the person who chose it. */

const LOOPBACK = /^(?:127(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}|::1|localhost)$/i;

export type PortErrorCode = 'EADDRINUSE' | 'EACCES' | 'EADDRNOTAVAIL' | 'ENOTLOOPBACK' | 'EPORT';

/** The outside's mistake: another program, a missing right, an address that is not ours. */
export class PortError extends Error {
  readonly code: PortErrorCode;
  constructor(code: PortErrorCode, message: string) {
    super(message);
    this.name = 'PortError';
    this.code = code;
  }
}

export interface PortWanted {
  readonly host: string;
  /** 0 is any free one. */
  readonly port: number;
  /** The option that chooses it, as the sentence names it: "--smtp-port". */
  readonly option: string;
  /** The one that chooses the host; default "--host". */
  readonly hostOption?: string;
}

/** True for the addresses that no other machine can reach. */
export const isLoopback = (host: string): boolean => LOOPBACK.test(host);

/** Throws unless `host` is a loopback address: a world without TLS and with known passwords is for this machine only. */
export function requireLoopback(host: string): void {
  if (!isLoopback(host))
    throw new PortError(
      'ENOTLOOPBACK',
      `${host} is not a loopback address; mailscope only listens on this machine itself (--host 127.0.0.1).`,
    );
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'EPORT';

/** Turns what `listen` or `bind` answered into the sentence. */
export function portError(error: unknown, { host, port, option, hostOption = '--host' }: PortWanted): PortError {
  const code = codeOf(error);
  const instead = `choose another with ${option} (0 takes any free one)`;
  switch (code) {
    case 'EADDRINUSE':
      return new PortError(code, `Port ${port} on ${host} is already in use; stop the other program or ${instead}.`);
    case 'EACCES':
      return new PortError(code, `Port ${port} on ${host} is not allowed to you; ${instead}.`);
    case 'EADDRNOTAVAIL':
      return new PortError(code, `This machine has no address ${host}; choose another with ${hostOption}.`);
    default:
      return new PortError('EPORT', `Port ${port} on ${host} cannot be opened (${code}); ${instead}.`);
  }
}
