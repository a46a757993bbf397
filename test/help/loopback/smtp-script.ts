/** A server for the tests of SMTP clients that says what it is told to say, whatever it is asked. */
import { createConnection, createServer, type Server, type Socket } from 'node:net';

const servers: Server[] = [];

/** No new connections; those that are open are for both ends to end. */
export function closeScripts(): void {
  for (const server of servers.splice(0)) server.close();
}

export const dial = (port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = createConnection({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });

/** `CUT` hangs up, `RESET` breaks off, `SILENCE` says nothing. */
export type Script = readonly string[];

/** A server that plays one answer for the greeting and one for each command or message, whatever it is. */
export async function play(script: Script): Promise<{ socket: Socket; said: string[]; ended: Promise<void> }> {
  const said: string[] = [];
  let tellEnded = (): void => undefined;
  const ended = new Promise<void>(resolve => {
    tellEnded = resolve;
  });
  const server = createServer({ allowHalfOpen: true }, socket => {
    const answers = [...script];
    let inData = false;
    let held = '';
    const next = (): void => {
      const answer = answers.shift() ?? '250 Ok';
      if (answer === 'CUT') socket.end();
      else if (answer === 'RESET') socket.resetAndDestroy();
      else if (answer !== 'SILENCE') socket.write(`${answer.replaceAll('\n', '\r\n')}\r\n`);
      inData = answer.startsWith('354');
    };
    socket.on('error', tellEnded);
    socket.on('close', tellEnded);
    socket.on('end', () => socket.end());
    socket.on('data', chunk => {
      held += chunk.toString('latin1');
      for (;;) {
        const mark = inData ? (held.startsWith('.\r\n') ? '.\r\n' : '\r\n.\r\n') : '\r\n';
        const end = held.indexOf(mark);
        if (end === -1) return;
        said.push(inData ? `message:${held.slice(0, end + mark.length)}` : held.slice(0, end));
        held = held.slice(end + mark.length);
        next();
      }
    });
    next();
  });
  servers.push(server);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  const socket = await dial(typeof bound === 'object' && bound ? bound.port : 0);
  return { socket, said, ended };
}

/** Both ends of a connection, the server's for a test to play by itself. */
export async function hearing(): Promise<{ socket: Socket; server: Socket }> {
  const listener = createServer({ allowHalfOpen: true });
  servers.push(listener);
  await new Promise<void>(resolve => listener.listen(0, '127.0.0.1', resolve));
  const bound = listener.address();
  const accepted = new Promise<Socket>(resolve => listener.once('connection', resolve));
  const socket = await dial(typeof bound === 'object' && bound ? bound.port : 0);
  const server = await accepted;
  server.on('error', () => undefined);
  return { socket, server };
}
