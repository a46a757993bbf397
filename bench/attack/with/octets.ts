/** Attacks by octets under way: a watcher that asks for everything again and again, clients that dribble, bodies that are huge. */
import { once } from 'node:events';
import { request } from 'node:http';
import { createTransport } from 'nodemailer';
import { WebSocket } from 'ws';
import type { Attack, Target } from '../attack.ts';
import { callApi, member } from '../calls.ts';
import { untilData } from '../smtp-caller.ts';

const seconds = (count: number): Promise<void> => new Promise(rest => setTimeout(rest, count * 1000));

/** So that there is something to ask for. */
export async function fillTrace({ ready }: Target, letters: number, paragraphs = 400): Promise<void> {
  const [alice] = ready.users;
  const transport = createTransport({
    host: '127.0.0.1',
    port: ready.submission.port,
    ignoreTLS: true,
    pool: true,
    maxConnections: 4,
    auth: { user: alice?.user ?? '', pass: alice?.password ?? '' },
  });
  const text = 'Are you free at noon? '.repeat(paragraphs);
  await Promise.allSettled(
    Array.from({ length: letters }, (_, nth) =>
      transport.sendMail({ from: 'alice@blue.example', to: 'bob@green.example', subject: `Letter ${nth}`, text }),
    ),
  );
  transport.close();
}

/** A show of the main room, and the address of its audience's WebSockets. */
export async function beginShow({ ready }: Target): Promise<{ readonly id: string; readonly audience: string }> {
  const { body } = await callApi(ready.url, 'POST', 'shows');
  const [id, secret] = [String(member(body, 'id')), String(member(body, 'secret'))];
  const speaker = new WebSocket(`${ready.url.replace(/^http/, 'ws')}api/show?id=${id}`);
  await once(speaker, 'open');
  speaker.send(JSON.stringify({ type: 'join', secret }));
  const cue = {
    shown: { kind: 'room', room: null },
    beat: 0,
    at: 0,
    playing: false,
    speed: 1,
    blank: false,
    pointer: null,
  };
  speaker.send(JSON.stringify({ type: 'cue', cue }));
  const audience = String(ready.audience?.[0] ?? ready.url).replace(/^http/, 'ws');
  return { id, audience };
}

/** One socket that says `watch` as fast as it can, reads what comes, and comes back when it is thrown out. */
function flood(address: string, stopped: () => boolean): void {
  const socket = new WebSocket(address);
  const words = JSON.stringify({ type: 'watch', trace: null, from: 1 });
  const speak = (): void => {
    if (socket.readyState !== WebSocket.OPEN || stopped()) return;
    for (let nth = 0; nth < 20; nth += 1) socket.send(words);
    setImmediate(speak);
  };
  socket.on('open', speak);
  socket.on('error', () => undefined);
  socket.on('close', () => {
    if (!stopped()) setTimeout(() => flood(address, stopped), 50);
  });
}

export const OCTET_ATTACKS: readonly Attack[] = [
  {
    name: 'watch-flood',
    entry: 4,
    sentence: 'Twenty followers without a secret ask for the whole trace, again and again, at the audience’s door.',
    args: ['--audience', '127.0.0.1:0'],
    async assail(target, stopped, hold) {
      await fillTrace(target, 60);
      const { audience } = await beginShow(target);
      let over = false;
      void stopped.then(() => {
        over = true;
      });
      for (let nth = 0; nth < 20; nth += 1) flood(`${audience}api/live`, () => over);
      await seconds(6);
      hold({});
    },
  },
  {
    name: 'dribbled-letters',
    entry: 5,
    sentence: '200 clients at port 25 dribble 10 MB each.',
    async assail({ ready }, stopped, hold) {
      let over = false;
      void stopped.then(() => {
        over = true;
      });
      const piece = `${'x'.repeat(76)}\r\n`.repeat(3000);
      const callers = await Promise.all(
        Array.from({ length: 200 }, () => untilData(ready.smtp.port, 'stranger@attacker.example', 'bob@green.example')),
      );
      const taken = callers.filter(each => each !== null);
      for (const { pour } of taken)
        void (async () => {
          for (let nth = 0; nth < 42 && !over; nth += 1) {
            if (!(await pour(piece))) return;
            await seconds(0.15);
          }
        })();
      await seconds(10);
      hold({ conversations: taken.length });
    },
  },
  {
    name: 'strangers-flood',
    entry: 5,
    sentence: '60 calls of POST /api/strangers at once, 23 MB each: as much as a body may have.',
    async assail({ ready }, _stopped, hold) {
      const body = Buffer.from(
        JSON.stringify({
          server: 'mx1.green.example',
          port: 25,
          mailFrom: 'stranger@attacker.example',
          rcptTo: ['bob@green.example'],
          data: `${'x'.repeat(76)}\r\n`.repeat(285_000),
        }),
      );
      const statuses: Record<string, number> = {};
      const note = (status: string): void => {
        statuses[status] = (statuses[status] ?? 0) + 1;
      };
      for (let nth = 0; nth < 60; nth += 1) {
        const headers = { 'content-type': 'application/json', 'content-length': body.length };
        const call = request(`${ready.url}api/strangers`, { method: 'POST', headers, agent: false }, response => {
          note(String(response.statusCode));
          response.resume();
        });
        call.on('error', () => note('broken off'));
        call.end(body);
      }
      await seconds(8);
      hold({ answers: JSON.stringify(statuses) });
    },
  },
];
