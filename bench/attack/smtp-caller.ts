/** Somebody who speaks SMTP by hand: line by line, or as many octets as there are. */
import { createConnection, type Socket } from 'node:net';
import type { Ready } from '../served.ts';

export interface Caller {
  readonly socket: Socket;
  /** The next reply, its lines as they came; null where the line is dead. */
  reply(): Promise<string | null>;
  say(line: string): Promise<string | null>;
  /** Resolves when it has left this process; false where it cannot. */
  pour(octets: string | Uint8Array): Promise<boolean>;
}

/** `from`: an address of this machine, as the server sees it. */
export function callServer(port: number, from = '127.0.0.1'): Caller {
  const socket = createConnection({ host: '127.0.0.1', port, localAddress: from });
  let heard = '';
  let dead = false;
  let wake: () => void = () => undefined;
  const end = (): void => {
    dead = true;
    wake();
  };
  socket.on('error', end).on('close', end);
  socket.on('data', chunk => {
    heard += chunk.toString('latin1');
    wake();
  });
  const reply = async (): Promise<string | null> => {
    for (;;) {
      const [whole] = /^(?:\d{3}-.*\r\n)*\d{3}(?: .*)?\r\n/.exec(heard) ?? [];
      if (whole !== undefined) {
        heard = heard.slice(whole.length);
        return whole;
      }
      if (dead) return null;
      await new Promise<void>(resolve => {
        wake = resolve;
      });
    }
  };
  return {
    socket,
    reply,
    say(line) {
      if (!dead) socket.write(`${line}\r\n`);
      return reply();
    },
    pour: octets =>
      dead ? Promise.resolve(false) : new Promise(resolve => socket.write(octets, error => resolve(!error))),
  };
}

/** As far as the 354. Null where the server does not go so far. */
export async function untilData(
  port: number,
  from: string,
  to: string,
  login?: Ready['users'][number],
): Promise<Caller | null> {
  const caller = callServer(port);
  await caller.reply();
  await caller.say('EHLO attacker.example');
  if (login !== undefined)
    await caller.say(`AUTH PLAIN ${Buffer.from(`\0${login.user}\0${login.password}`).toString('base64')}`);
  await caller.say(`MAIL FROM:<${from}>`);
  await caller.say(`RCPT TO:<${to}>`);
  const answer = await caller.say('DATA');
  if (answer?.startsWith('354') !== true) {
    caller.socket.destroy();
    return null;
  }
  return caller;
}

/** What the server answers to that letter; '' where it hung up. */
export async function sendLetter(
  port: number,
  from: string,
  to: string,
  letter: string | Uint8Array,
  login?: Ready['users'][number],
): Promise<string> {
  const caller = await untilData(port, from, to, login);
  if (caller === null) return '';
  // A refusal may come before the end, and the server need not read on.
  void caller.pour(letter).then(() => caller.pour('\r\n.\r\n'));
  const answer = await caller.reply();
  caller.socket.destroy();
  return answer?.trim() ?? '';
}
