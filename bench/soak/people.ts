/** Who is about in a soak: senders, strangers, collectors, viewers, followers. Each does one thing, again and again, and minds no failure. */
import { createConnection } from 'node:net';
import { createTransport } from 'nodemailer';
import { WebSocket } from 'ws';
import { callApi, member } from '../attack/calls.ts';
import { callServer, untilData } from '../attack/smtp-caller.ts';
import type { Ready } from '../served.ts';
import type { Ledger } from './ledger.ts';

/** Milliseconds after which whoever waits goes away. */
const PATIENCE = 5000;

export interface Company {
  readonly ready: Ready;
  readonly ledger: Ledger;
  /** In [0, 1): the same for the same seed and person. */
  readonly random: () => number;
  /** Another one each time. */
  readonly newId: () => string;
}

const ALICE = 'alice@blue.example';
const BOB = 'bob@green.example';
const NOBODY = 'nobody@green.example';
/** To one, to two domains, within the domain, to nobody: that one comes back. */
const RECIPIENTS = [[BOB], [BOB, ALICE], [ALICE], [NOBODY], [BOB, NOBODY], [BOB]] as const;

const oneOf = <T>(list: readonly [T, ...T[]] | readonly T[], random: () => number): T | undefined =>
  list[Math.floor(random() * list.length)];

/** Submits one letter; nobody@green.example now and then with NOTIFY=NEVER, so that it is discarded. */
export async function submitOne({ ready, ledger, random, newId }: Company): Promise<void> {
  const [alice] = ready.users;
  const to = [...(oneOf(RECIPIENTS, random) ?? [BOB])];
  const messageId = newId();
  const transport = createTransport({
    host: '127.0.0.1',
    port: ready.submission.port,
    ignoreTLS: true,
    connectionTimeout: PATIENCE,
    greetingTimeout: PATIENCE,
    socketTimeout: PATIENCE,
    auth: { user: alice?.user ?? '', pass: alice?.password ?? '' },
  });
  try {
    const silent = to.length === 1 && to[0] === NOBODY && random() < 0.4;
    const { accepted } = await transport.sendMail({
      from: ALICE,
      to,
      subject: 'Soak',
      messageId,
      text: 'x'.repeat(Math.floor(random() * 20_000)),
      ...(silent && { dsn: { notify: 'NEVER', return: 'headers', id: 'soak' } }),
    });
    ledger.accept(messageId, accepted.map(String));
  } finally {
    transport.close();
  }
}

/** A stranger at port 25; one in four hangs up in the middle of the letter. */
export async function callOnce({ ready, ledger, random, newId }: Company): Promise<void> {
  const caller = await untilData(ready.smtp.port, random() < 0.5 ? '' : 'stranger@outside.example', BOB);
  if (caller === null) return;
  caller.socket.setTimeout(PATIENCE, () => caller.socket.destroy());
  const messageId = newId();
  const letter = `From: <stranger@outside.example>\r\nSubject: Soak\r\nMessage-ID: ${messageId}\r\n\r\n${'y'.repeat(70)}\r\n`;
  await caller.pour(letter);
  if (random() < 0.25) {
    caller.socket.destroy();
    return;
  }
  await caller.pour('.\r\n');
  if ((await caller.reply())?.startsWith('250') === true) ledger.accept(messageId, [BOB]);
  caller.socket.destroy();
}

/** One who connects and never says a word. */
export async function sitIdle({ ready, random }: Company): Promise<void> {
  const port = oneOf([ready.smtp.port, ready.pop3.port, ready.dns.port, ready.submission.port], random) ?? 0;
  const { socket } = callServer(port);
  await new Promise(rest => setTimeout(rest, random() * 2000));
  socket.destroy();
}

/** POP3 by hand: fetches all there is and deletes it. */
export function collectByHand({ ready, ledger }: Company): Promise<void> {
  const bob = ready.users.find(({ address }) => address === BOB);
  return new Promise(resolve => {
    const socket = createConnection({ host: '127.0.0.1', port: ready.pop3.port });
    const end = (): void => {
      socket.destroy();
      resolve();
    };
    socket.setTimeout(PATIENCE, end).on('error', end).on('close', end);
    let heard = '';
    let left: string[] | null = null;
    let asked = '';
    const ask = (words: string): void => {
      asked = words;
      socket.write(`${words}\r\n`);
    };
    const next = (): void => ask(left?.shift() ?? 'QUIT');
    socket.on('data', chunk => {
      heard += chunk.toString('latin1');
      const long = asked.startsWith('RETR') && heard.startsWith('+OK');
      if (long ? !heard.endsWith('\r\n.\r\n') : !heard.endsWith('\r\n')) return;
      const answer = heard;
      heard = '';
      if (!answer.startsWith('+OK') && !asked.startsWith('RETR')) return end();
      if (long) ledger.fetched(BOB, answer.slice(answer.indexOf('\r\n') + 2));
      if (asked === '') ask(`USER ${bob?.user}`);
      else if (asked.startsWith('USER')) ask(`PASS ${bob?.password}`);
      else if (asked.startsWith('PASS')) ask('STAT');
      else if (asked === 'STAT') {
        const count = Math.min(50, Number(/^\+OK (\d+)/.exec(answer)?.[1] ?? 0));
        left = Array.from({ length: count }, (_, nth) => [`RETR ${nth + 1}`, `DELE ${nth + 1}`]).flat();
        next();
      } else if (asked === 'QUIT') end();
      else next();
    });
  });
}

/** As the page's own mail client does it. */
export async function collectByClient({ ready, random }: Company): Promise<void> {
  const user = random() < 0.5 ? ALICE : BOB;
  await callApi(ready.url, 'POST', 'collect', { user }, PATIENCE);
}

/** Watches for a while, from the first event on; what it hears goes to the ledger. */
export function watch({ ready, ledger, random }: Company): Promise<void> {
  return new Promise(resolve => {
    const socket = new WebSocket(`${ready.url.replace(/^http/, 'ws')}api/live`);
    const end = (): void => {
      socket.terminate();
      resolve();
    };
    const timer = setTimeout(end, 1000 + random() * PATIENCE);
    socket.on('open', () => socket.send('{"type":"watch","trace":null,"from":1}'));
    socket.on('message', data => {
      const events = member(JSON.parse(String(data)), 'events');
      if (Array.isArray(events)) for (const event of events) ledger.watched(event);
    });
    socket.on('error', end).on('close', () => {
      clearTimeout(timer);
      end();
    });
  });
}

/** A show with a speaker and three followers, for a while. */
export async function follow({ ready, random }: Company): Promise<void> {
  const { body } = await callApi(ready.url, 'POST', 'shows', undefined, PATIENCE);
  const [id, secret] = [member(body, 'id'), member(body, 'secret')];
  if (typeof id !== 'string') return;
  const sockets = [secret, null, null, null].map(word => {
    const socket = new WebSocket(`${ready.url.replace(/^http/, 'ws')}api/show?id=${id}`);
    socket.on('error', () => socket.terminate());
    socket.on('open', () => socket.send(JSON.stringify({ type: 'join', secret: word })));
    return socket;
  });
  await new Promise(rest => setTimeout(rest, 500 + random() * 1500));
  for (const socket of sockets) socket.terminate();
  await fetch(`${ready.url}api/shows/${id}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${String(secret)}` },
    signal: AbortSignal.timeout(PATIENCE),
  });
}
