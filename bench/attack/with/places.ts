/** Attacks by taking places and doing nothing with them. */
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { WebSocket } from 'ws';
import type { Attack, Target } from '../attack.ts';
import { until } from '../until.ts';
import { beginShow } from './octets.ts';

const seconds = (count: number): Promise<void> => new Promise(rest => setTimeout(rest, count * 1000));

/** So many connections that say nothing; those that the server closes are not opened again. */
function sitDown(port: number, count: number): readonly Socket[] {
  return Array.from({ length: count }, () =>
    createConnection({ host: '127.0.0.1', port })
      .on('error', () => undefined)
      .resume(),
  );
}

const idle = (name: string, sentence: string, sit: (target: Target) => readonly Socket[]): Attack => ({
  name,
  entry: 6,
  sentence,
  async assail(target, _stopped, hold) {
    const sockets = sit(target);
    await seconds(7);
    hold({ seated: sockets.filter(({ readyState }) => readyState === 'open').length });
  },
});

export const PLACE_ATTACKS: readonly Attack[] = [
  idle('idle-smtp', '120 connections to port 25 and 120 to the submission port say nothing.', ({ ready }) => [
    ...sitDown(ready.smtp.port, 120),
    ...sitDown(ready.submission.port, 120),
  ]),
  idle('idle-pop3', '220 connections to the POP3 port say nothing.', ({ ready }) => sitDown(ready.pop3.port, 220)),
  idle('idle-dns', '80 connections to the DNS port say nothing.', ({ ready }) => sitDown(ready.dns.port, 80)),
  {
    name: 'dribbled-heads',
    entry: 6,
    sentence: '520 HTTP connections dribble a header each, one character a second.',
    async assail({ ready }, _stopped, hold) {
      const port = Number(new URL(ready.url).port);
      const sockets = sitDown(port, 520);
      for (const socket of sockets) socket.write('GET / HTTP/1.1\r\nX-Slow: ');
      const drop = setInterval(() => {
        for (const socket of sockets) if (socket.readyState === 'open') socket.write('x');
      }, 1000);
      await seconds(8);
      clearInterval(drop);
      hold({ seated: sockets.filter(({ readyState }) => readyState === 'open').length });
    },
  },
  {
    name: 'seats',
    entry: 6,
    sentence: '5,100 followers from one address take the seats of all shows; somebody else wants to follow, too.',
    args: ['--audience', '127.0.0.1:0'],
    async assail(target, _stopped, hold) {
      const { id, audience } = await beginShow(target);
      const address = `${audience}api/show?id=${id}`;
      let seated = 0;
      const sit = (): Promise<unknown> => {
        const socket = new WebSocket(address, { localAddress: '127.0.0.2', perMessageDeflate: false });
        socket
          .on('error', () => undefined)
          .on('close', () => {
            seated -= 1;
          });
        socket.on('open', () => {
          seated += 1;
          socket.send('{"type":"join","secret":null}');
        });
        return Promise.race([once(socket, 'open'), once(socket, 'close')]).catch(() => undefined);
      };
      const end = performance.now() + 12_000;
      for (let taken = 0; taken < 5100 && performance.now() < end; taken += 50)
        await Promise.race([Promise.all(Array.from({ length: 50 }, sit)), seconds(3)]);
      hold({ seated, id });
    },
    async meanwhile({ ready }) {
      const target = { root: '', data: '', ready };
      const { id, audience } = await beginShow(target);
      const follower = new WebSocket(`${audience}api/show?id=${id}`);
      let heard = false;
      follower.on('open', () => follower.send('{"type":"join","secret":null}')).on('error', () => undefined);
      follower.on('message', () => {
        heard = true;
      });
      const followed = await until(() => heard, 5000);
      follower.terminate();
      return followed ? [] : ['a follower from another address finds no seat'];
    },
  },
];
