/** A process of its own in which somebody honest writes a letter, looks whether it is stored and shown, asks POP3 and DNS, and begins again. */
import { readdir, readFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { createTransport } from 'nodemailer';
import { WebSocket } from 'ws';
import type { watchLive } from '../../client/source/live.ts';
import type { createStoryteller, Storyteller } from '../../shared/reading/storyteller.ts';
import type { Target } from './attack.ts';
import { until } from './until.ts';

/** Milliseconds until somebody who waits believes that it does not work. */
const PATIENCE = 10_000;
const PAUSE = 400;

/** One round: milliseconds, or null where it did not work within ten seconds. */
export interface Round {
  readonly accepted: number | null;
  readonly stored: number | null;
  readonly shown: number | null;
  readonly collected: number | null;
  readonly resolved: number | null;
  /** Why the letter was refused; '' where it was not. */
  readonly refusal: string;
}

/** What the page of the target has understood, by the page's own source and storyteller. */
async function openPage({ root, ready }: Target): Promise<(messageId: string) => boolean> {
  // The page's source is written for browsers.
  Object.assign(globalThis, { WebSocket });
  const module = (file: string): string => pathToFileURL(path.join(root, file)).href;
  // Of another checkout, with this one's shape.
  const live = (await import(module('client/source/live.ts'))) as { watchLive: typeof watchLive };
  const telling = (await import(module('shared/reading/storyteller.ts'))) as {
    createStoryteller: typeof createStoryteller;
  };
  const shown = new Set<string>();
  let teller: Storyteller | null = null;
  live.watchLive(`${ready.url.replace(/^http/, 'ws')}api/live`, {
    begin(_trace, header) {
      teller = telling.createStoryteller(header);
    },
    events(events) {
      teller?.append(events);
      for (const event of events) if (event.kind === 'mail.stored') shown.add(event.messageId);
    },
    status: () => undefined,
    unread: () => undefined,
    holding: () => undefined,
  });
  return messageId => shown.has(messageId);
}

async function isStored(data: string, messageId: string, known: Set<string>): Promise<boolean> {
  const folder = path.join(data, 'mail', 'bob@green.example', 'new');
  for (const name of await readdir(folder).catch(() => [])) {
    if (known.has(name)) continue;
    known.add(name);
    const letter = await readFile(path.join(folder, name), 'latin1').catch(() => '');
    if (letter.includes(messageId)) return true;
  }
  return false;
}

/** Sends `said` once something is heard that matches each of `cues`; true where the last one was heard. */
function converses(port: number, turns: readonly (readonly [cue: RegExp, said: string | Buffer])[]): Promise<boolean> {
  return new Promise(resolve => {
    const socket = createConnection({ host: '127.0.0.1', port });
    let heard = '';
    let turn = 0;
    const end = (well: boolean): void => {
      socket.destroy();
      resolve(well);
    };
    socket.setTimeout(PATIENCE, () => end(false));
    socket.on('error', () => end(false)).on('close', () => end(false));
    const listen = (chunk: string): void => {
      heard += chunk;
      const [cue, said] = turns[turn] ?? [/^/, ''];
      if (!cue.test(heard)) return;
      heard = '';
      turn += 1;
      if (turn === turns.length) end(true);
      else socket.write(said);
    };
    socket.on('connect', () => listen('')).on('data', chunk => listen(chunk.toString('latin1')));
  });
}

/** MX of green.example, over TCP (RFC 1035 §4.2.2). */
const QUESTION = Buffer.from('001f2b2b01000001000000000000' + '05677265656e076578616d706c6500' + '000f0001', 'hex');

async function timed(work: Promise<boolean>): Promise<number | null> {
  const began = performance.now();
  return (await work) ? performance.now() - began : null;
}

async function round(
  target: Target,
  number: number,
  known: Set<string>,
  isShown: (id: string) => boolean,
): Promise<Round> {
  const { ready, data } = target;
  const [alice] = ready.users;
  const messageId = `<honest-${process.pid}-${number}@blue.example>`;
  let refusal = '';
  const transport = createTransport({
    host: '127.0.0.1',
    port: ready.submission.port,
    ignoreTLS: true,
    connectionTimeout: PATIENCE,
    greetingTimeout: PATIENCE,
    socketTimeout: PATIENCE,
    auth: { user: alice?.user ?? '', pass: alice?.password ?? '' },
  });
  const began = performance.now();
  const since = (): number => performance.now() - began;
  const letter = {
    from: 'alice@blue.example',
    to: 'bob@green.example',
    subject: 'Honestly',
    text: 'At noon?',
    messageId,
  };
  const accepted = await transport.sendMail(letter).then(since, (error: unknown) => {
    refusal = error instanceof Error ? error.message : String(error);
    return null;
  });
  transport.close();
  const [stored, shown, collected, resolved] = await Promise.all([
    accepted === null ? null : timed(until(() => isStored(data, messageId, known), PATIENCE)),
    accepted === null ? null : timed(until(() => isShown(messageId), PATIENCE)),
    timed(
      converses(ready.pop3.port, [
        [/^\+OK/, `USER ${alice?.user}\r\n`],
        [/^\+OK/, `PASS ${alice?.password}\r\n`],
        [/^\+OK/, 'STAT\r\n'],
        [/^\+OK/, 'QUIT\r\n'],
        [/^\+OK/, ''],
      ]),
    ),
    timed(
      converses(ready.dns.port, [
        [/^/, QUESTION],
        [/green/, ''],
      ]),
    ),
  ]);
  const whole = (more: number | null): number | null => (accepted === null || more === null ? null : accepted + more);
  return { accepted, stored: whole(stored), shown: whole(shown), collected, resolved, refusal };
}

let rounds: Round[] = [];
let started = 0;
let ended = 0;
let begun = false;
async function live(target: Target): Promise<void> {
  const isShown = await openPage(target);
  const known = new Set(await readdir(path.join(target.data, 'mail', 'bob@green.example', 'new')).catch(() => []));
  for (let number = 0; ; number += 1) {
    started += 1;
    rounds.push(await round(target, number, known, isShown));
    ended += 1;
    await new Promise(rest => setTimeout(rest, PAUSE));
  }
}

async function report(): Promise<void> {
  // The round that is on has its say, too: one that hangs is what is to be known.
  const finished = started;
  await until(() => ended >= finished && rounds.length > 0, 4 * PATIENCE);
  process.send?.(rounds);
  rounds = [];
}

process.on('message', (task: Target | 'report') => {
  if (task === 'report') void report();
  else if (!begun) {
    begun = true;
    void live(task);
  }
});
process.on('disconnect', () => process.exit());
