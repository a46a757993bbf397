/** A client's end of an SMTP connection: say one thing, wait for its reply, notice when the other end is lost. */

import type { Socket } from 'node:net';
import type { Cause } from '../../../shared/trace/cause.ts';
import type { WorldClock } from '../../base/clock.ts';
import { createReplyReader, type Reply } from '../reply.ts';

/** The conversation cannot go on; `status` is the enhanced code that says so (RFC 3463: 4.4.2 bad connection, 4.5.0 protocol). */
export interface Lost {
  readonly kind: 'lost';
  readonly cause: Cause;
  readonly status: '4.4.2' | '4.5.0';
}

export type Heard = { readonly kind: 'reply'; readonly reply: Reply } | Lost;

export interface Dialogue {
  /** Waits for the next reply, at most `timeout` milliseconds of world time. */
  hear(timeout: number): Promise<Heard>;
  /** Sends one command line (CRLF is added) and waits for its reply. */
  ask(command: string, timeout: number): Promise<Heard>;
  /** Sends command lines together (CRLF is added) and waits for nobody: each will have its reply (RFC 2920). */
  say(commands: readonly string[]): void;
  /** Sends octets as they are, a block at a time, each within `blockTimeout` milliseconds. Null when all are handed over. */
  send(octets: Buffer, blockTimeout: number): Promise<Lost | null>;
  /** Ends the connection without keeping anybody waiting: QUIT where the other end still listens, then our half is closed. */
  leave(options: { quit: 'say' | 'said' | 'no'; timeout: number }): void;
}

const BLOCK = 65_536;

/** Takes over the socket, errors included; it is ended by `leave`. */
export function openDialogue(socket: Socket, clock: WorldClock): Dialogue {
  const reader = createReplyReader();
  const heard: Reply[] = [];
  let lost: Lost | null = socket.destroyed
    ? { kind: 'lost', cause: { code: 'connection-over' }, status: '4.4.2' }
    : null;
  let wake: (() => void) | null = null;

  const changed = (): void => {
    // Whoever is not satisfied yet waits on.
    const look = wake;
    wake = null;
    look?.();
  };
  const lose = (cause: Cause, status: Lost['status'] = '4.4.2'): void => {
    lost ??= { kind: 'lost', cause, status };
    changed();
  };

  socket.setNoDelay(true);
  socket.on('data', (chunk: Buffer) => {
    for (const read of reader.push(chunk)) {
      if (read.kind === 'reply') heard.push(read.reply);
      else lose({ code: 'not-smtp', because: read.cause }, '4.5.0');
    }
    changed();
  });
  socket.on('error', error => lose({ code: 'connection-broke', detail: error.message }));
  socket.on('end', () => lose({ code: 'server-hung-up' }));
  socket.on('close', () => lose({ code: 'connection-closed' }));
  socket.on('drain', changed);

  /** Waits until `ready` or lost; gives false when the time is over. */
  const waitUntil = (ready: () => boolean, timeout: number): Promise<boolean> =>
    new Promise(resolve => {
      const cancel = clock.after(timeout, 'an SMTP client gives up waiting', () => {
        wake = null;
        resolve(false);
      });
      const look = (): void => {
        if (ready() || lost) {
          cancel();
          resolve(true);
        } else wake = look;
      };
      look();
    });

  const timedOut = (timeout: number, code: 'server-silent' | 'server-took-nothing'): Lost => {
    const cause: Cause = { code, milliseconds: Math.round(timeout) };
    lose(cause);
    return lost ?? { kind: 'lost', cause, status: '4.4.2' };
  };

  const hear = async (timeout: number): Promise<Heard> => {
    const inTime = await waitUntil(() => heard.length > 0, timeout);
    // What was said before the loss still counts.
    const next = heard.shift();
    if (next) return { kind: 'reply', reply: next };
    return inTime && lost ? lost : timedOut(timeout, 'server-silent');
  };

  const say = (commands: readonly string[]): void => {
    if (!lost) socket.write(commands.map(command => `${command}\r\n`).join(''));
  };

  const ask = async (command: string, timeout: number): Promise<Heard> => {
    if (lost) return lost;
    say([command]);
    return hear(timeout);
  };

  return {
    hear,
    ask,
    say,
    async send(octets, blockTimeout) {
      for (let from = 0; from < octets.length; from += BLOCK) {
        if (lost) return lost;
        if (socket.write(octets.subarray(from, from + BLOCK))) continue;
        const inTime = await waitUntil(() => !socket.writableNeedDrain, blockTimeout);
        if (!inTime) return timedOut(blockTimeout, 'server-took-nothing');
      }
      return null;
    },
    leave({ quit, timeout }) {
      if (socket.destroyed) return;
      const cancel = clock.after(timeout, 'an SMTP client hangs up without a goodbye', () => socket.destroy());
      socket.once('close', cancel);
      if (lost || quit === 'no') {
        socket.end();
        return;
      }
      void (quit === 'say' ? ask('QUIT', timeout) : hear(timeout)).then(() => socket.end());
    },
  };
}
