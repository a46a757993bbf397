/** Collects a maildrop as a mail client does: one command at a time, and nothing is deleted before it is safely kept. */

import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import type { Cause } from '../../shared/trace/cause.ts';
import type { WorldClock } from '../base/clock.ts';
import { Pop3Failure, Responses, type Status } from './responses.ts';

export interface CollectOptions {
  /** Connected to a POP3 server; collect ends it. */
  readonly socket: Socket;
  readonly user: string;
  readonly password: string;
  /** Makes a message durable (CRLF form, dots unstuffed). Where it rejects, the message stays on the server. */
  readonly keep: (message: Buffer, uidl: string) => Promise<void>;
  /** Deletes nothing. */
  readonly leaveOnServer?: boolean;
  /** Breaks the connection off with a reset where QUIT would come: nothing is removed on the server then (RFC 1939 §6). */
  readonly stopBeforeQuit?: boolean;
  /** Unique ids of messages that were kept before: they are not fetched again. */
  readonly known?: ReadonlySet<string>;
  /** What its patience goes by. */
  readonly clock: WorldClock;
  /** Milliseconds of silence after which the server is given up; 10 minutes unless told otherwise. */
  readonly timeout?: number;
}

export type CollectStage = 'connect' | 'greeting' | 'login' | 'listing' | 'retrieve' | 'keep' | 'delete' | 'quit';

/** `messages`: how many were kept in this session, also where it then failed. `cause`: what the user is told. */
export type CollectOutcome =
  /** `left`: the unique ids of what stays on the server. */
  | { readonly kind: 'collected'; readonly messages: number; readonly left: readonly string[] }
  /** As `stopBeforeQuit` asked. `deleted`: so many were marked as deleted, and stay on the server. */
  | { readonly kind: 'broken-off'; readonly deleted: number; readonly messages: number }
  | { readonly kind: 'failed'; readonly stage: CollectStage; readonly cause: Cause; readonly messages: number };

/** Turns of the event loop in which both halves of the wire have found a connection reset. */
const TURNS_TO_NOTICE = 5;
const TIMEOUT = 10 * 60 * 1000;
/** How long a socket is kept for a server that does not hang up: this machine's concern, so by its clock. */
const LINGER = 5000;

/** Never rejects for what the server, the network or `keep` do; a failure is an outcome. */
export async function collect(options: CollectOptions): Promise<CollectOutcome> {
  const { socket } = options;
  const session = new Collection(options);
  // Responses hears of an error by itself; without a listener Node would end the process before it did.
  socket.on('error', () => undefined);
  socket.setNoDelay(true);
  try {
    await session.run();
    if (options.stopBeforeQuit) {
      socket.resetAndDestroy();
      // Whoever is told of it comes to know it after the wire does.
      for (let turns = 0; turns < TURNS_TO_NOTICE; turns += 1) await turn();
      return { kind: 'broken-off', deleted: session.deleted, messages: session.kept };
    }
    await session.quit();
    return { kind: 'collected', messages: session.kept, left: session.left };
  } catch (error) {
    if (!(error instanceof Pop3Failure)) throw error;
    return { kind: 'failed', stage: session.stage, cause: error.cause, messages: session.kept };
  } finally {
    await session.end();
    socket.end();
    // Reads to the server's FIN, so that the connection ends in order; a server that keeps it open is not waited for.
    socket.resume();
    const linger = setTimeout(() => socket.destroy(), LINGER);
    socket.once('close', () => clearTimeout(linger));
  }
}

class Collection {
  stage: CollectStage = 'greeting';
  kept = 0;
  deleted = 0;
  left: readonly string[] = [];
  private readonly options: CollectOptions;
  private readonly responses: Responses;

  constructor(options: CollectOptions) {
    this.options = options;
    this.responses = new Responses(options.socket, options.clock, options.timeout ?? TIMEOUT);
  }

  /** All but QUIT. */
  async run(): Promise<void> {
    this.accepted(await this.responses.status());
    try {
      await this.login();
      await this.fetchAll();
    } catch (error) {
      await this.farewell(error);
      throw error;
    }
  }

  async quit(): Promise<void> {
    this.stage = 'quit';
    await this.ask('QUIT');
  }

  end(): Promise<void> {
    return this.responses.end();
  }

  private async login(): Promise<void> {
    this.stage = 'login';
    await this.ask(`USER ${this.options.user}`);
    await this.ask(`PASS ${this.options.password}`);
  }

  private async fetchAll(): Promise<void> {
    this.stage = 'listing';
    const [count = ''] = (await this.ask('STAT')).split(' ');
    if (!/^\d{1,9}$/.test(count)) throw new Pop3Failure({ code: 'pop3-no-count' });
    if (Number(count) === 0) return;
    await this.ask('UIDL');
    const entries = (await this.responses.lines()).map(uniqueId);
    for (const { number, uidl } of entries) {
      if (!this.options.known?.has(uidl)) await this.fetch(number, uidl);
      if (this.options.leaveOnServer) continue;
      this.stage = 'delete';
      await this.ask(`DELE ${number}`);
      this.deleted++;
    }
    if (this.options.leaveOnServer) this.left = entries.map(({ uidl }) => uidl);
  }

  private async fetch(number: number, uidl: string): Promise<void> {
    this.stage = 'retrieve';
    await this.ask(`RETR ${number}`);
    const message = await this.responses.block();
    this.stage = 'keep';
    try {
      await this.options.keep(message, uidl);
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      throw new Refused({ code: 'letter-not-kept', detail });
    }
    this.kept++;
  }

  /** Sends one command and returns the text of its +OK; a -ERR is a failure in the server's own words. */
  private async ask(command: string): Promise<string> {
    // User names and passwords are settings, so a line end in one is a command smuggled in.
    if (/[\r\n\0]/.test(command)) throw new Pop3Failure({ code: 'pop3-bad-credentials' });
    this.options.socket.write(Buffer.from(`${command}\r\n`, 'utf8'));
    return this.accepted(await this.responses.status());
  }

  private accepted(status: Status): string {
    if (!status.ok) throw new Refused({ code: 'pop3-answered', text: status.text === '' ? '-ERR' : status.text });
    return status.text;
  }

  /** A server that still listens is told QUIT: what was deleted until now has been kept. */
  private async farewell(error: unknown): Promise<void> {
    if (!(error instanceof Refused)) return;
    this.options.socket.write('QUIT\r\n', 'latin1');
    try {
      await this.responses.status();
    } catch (later) {
      // What went wrong first is what the user is told.
      if (!(later instanceof Pop3Failure)) throw later;
    }
  }
}

/** A failure after which both sides still know where they are in the conversation. */
class Refused extends Pop3Failure {}

/** One line of UIDL: `number unique-id` (RFC 1939 §7). */
function uniqueId(line: string): { readonly number: number; readonly uidl: string } {
  const [, number = '', uidl = ''] = /^(\d{1,9}) +([\x21-\x7e]{1,70}) *$/.exec(line) ?? [];
  if (number === '') throw new Pop3Failure({ code: 'pop3-bad-list' });
  return { number: Number(number), uidl };
}
