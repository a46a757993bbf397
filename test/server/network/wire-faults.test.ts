/** What goes wrong at a line of a conversation strikes at that octet: what came before it has crossed, and nothing else has. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Fault } from '../../../shared/faults/fault.ts';
import type { LineVerb } from '../../../shared/faults/fields.ts';
import {
  closed,
  endOf,
  LAPTOP,
  lockStep,
  MX,
  MX_25,
  openWires,
  POP,
  POP_110,
  pair,
  RELAY,
  smallSmtp,
  type WireWorld,
} from '../../help/loopback/wire-world.ts';

let world: WireWorld;
beforeEach(() => {
  world = openWires();
});
afterEach(() => world.close());

const at = (verb: LineVerb, more: { readonly client?: string } = {}) =>
  ({ server: MX, port: 25, verb, ...more }) as const;
const fault = (what: Fault): void => {
  world.faults = [...world.faults, what];
};
const struck = () =>
  world.recorder.of('fault.struck').map(({ fault: { id }, host, connection }) => [id, host, connection]);

const LETTER = 'Subject: QUIT\r\n\r\nQUIT\r\nDATA\r\n..\r\nMAIL FROM:<a@b>\r\n';
const SESSION = [
  'EHLO smtp.blue.example\r\n',
  'MAIL FROM:<alice@blue.example>\r\n',
  'RCPT TO:<bob@green.example>\r\n',
  'DATA\r\n',
  `${LETTER}.\r\n`,
  'QUIT\r\n',
] as const;
const VERBS = ['EHLO', 'MAIL', 'RCPT', 'DATA', 'END-OF-DATA', 'QUIT'] as const;
/** What crosses before the line that says this. */
const before = (verb: (typeof VERBS)[number]): string =>
  SESSION.slice(0, VERBS.indexOf(verb)).join('') + (verb === 'END-OF-DATA' ? LETTER : '');

async function session(from = RELAY) {
  const { socket, connection } = await world.network.dial(from, MX_25);
  const client = endOf(socket);
  await lockStep(client, SESSION);
  socket.end();
  await closed(world, connection);
  return { client, connection };
}

test('a conversation in which no fault finds its line crosses as it is', async () => {
  fault({ id: 'f1', kind: 'drop', at: at('AUTH'), times: 'always' });
  fault({ id: 'f2', kind: 'reset', at: at('DATA', { client: LAPTOP }), times: 'always' });
  fault({ id: 'f3', kind: 'cut', at: at('END-OF-DATA'), octets: LETTER.length + 1, times: 'always' });
  fault({ id: 'f4', kind: 'drop', at: { server: MX, port: 587, verb: 'MAIL' }, times: 'always' });
  const server = await smallSmtp(world, MX, 25);
  await session();
  expect(server.letters).toEqual([LETTER]);
  expect(world.crossed('client')).toBe(SESSION.join(''));
  expect(struck()).toEqual([]);
});

describe('a dropped line', () => {
  test.each(VERBS)(
    '%s: neither it nor anything behind it crosses, and both ends find the connection closed',
    async verb => {
      const server = await smallSmtp(world, MX, 25);
      fault({ id: 'f1', kind: 'drop', at: at(verb), times: 'next' });
      const { client, connection } = await session();
      client.socket.end();
      await closed(world, connection);
      await expect.poll(() => client.over()).toBe('end');
      expect(world.crossed('client')).toBe(before(verb));
      expect(struck()).toEqual([['f1', MX, connection]]);
      expect(world.recorder.of('tcp.closed')).toMatchObject([{ connection, by: 'server', reason: 'fin' }]);
      expect(server.letters).toEqual(verb === 'QUIT' ? [LETTER] : []);
      // It was for once.
      await session();
      expect(server.letters).toHaveLength(verb === 'QUIT' ? 2 : 1);
    },
  );

  test('GREETING: the caller gets no banner', async () => {
    await smallSmtp(world, MX, 25);
    fault({ id: 'f1', kind: 'drop', at: at('GREETING'), times: 'always' });
    const { client } = await session();
    expect([client.heard, client.over()]).toEqual(['', 'end']);
    expect(world.recorder.of('wire.bytes')).toEqual([]);
  });
});

describe('a reset', () => {
  test.each(VERBS)('instead of %s reaches both ends, after everything that came before', async verb => {
    const { client, server, connection } = await pair(world, MX, MX_25);
    fault({ id: 'f1', kind: 'reset', at: at(verb), times: 'next' });
    server.say('220 hi\r\n');
    for (const line of SESSION) {
      if (client.over() !== null) break;
      client.say(line);
      if (line.startsWith('DATA')) server.say('250 a\r\n250 b\r\n250 c\r\n354 d\r\n');
      await expect.poll(() => client.over() !== null || server.heard.endsWith(line)).toBe(true);
    }
    await closed(world, connection);
    await expect.poll(() => [client.over(), server.over()]).toEqual(['ECONNRESET', 'ECONNRESET']);
    expect(server.heard).toBe(before(verb));
    expect(world.recorder.of('tcp.closed')).toMatchObject([{ reason: 'reset' }]);
  });

  test('instead of the banner', async () => {
    fault({ id: 'f1', kind: 'reset', at: at('GREETING'), times: 'always' });
    const { client, connection } = await pair(world, MX, MX_25, { hello: '220 hi\r\n' });
    await closed(world, connection);
    await expect.poll(() => [client.heard, client.over()]).toEqual(['', 'ECONNRESET']);
  });
});

describe('a cut letter', () => {
  test.each([0, 1, 20, LETTER.length - 1, LETTER.length])(
    'ends after %i octets of its content, for both',
    async octets => {
      const server = await smallSmtp(world, MX, 25);
      fault({ id: 'f1', kind: 'cut', at: at('END-OF-DATA'), octets, times: 'next' });
      const { client } = await session();
      await expect.poll(() => client.over()).toBe('ECONNRESET');
      await expect.poll(() => server.torsos.join('')).toBe(LETTER.slice(0, octets));
      expect(world.crossed('client').endsWith(`DATA\r\n${LETTER.slice(0, octets)}`)).toBe(true);
      expect(server.letters).toEqual([]);
    },
  );

  test('is counted over all its chunks, and BDAT’s as well', async () => {
    const { client, server, connection } = await pair(world, MX, MX_25, { hello: '220 hi\r\n' });
    fault({ id: 'f1', kind: 'cut', at: at('END-OF-DATA'), octets: 9, times: 'next' });
    client.say('MAIL FROM:<>\r\nBDAT 6\r\nQUIT\r\nBDAT 6 LAST\r\nQUIT\r\n');
    await closed(world, connection);
    expect(server.heard).toBe('MAIL FROM:<>\r\nBDAT 6\r\nQUIT\r\nBDAT 6 LAST\r\nQUI');
  });
});

describe('a stalled letter', () => {
  test('nothing crosses any more in either direction, and nobody is told until one of them gives up', async () => {
    const { client, server, connection } = await pair(world, MX, MX_25, { hello: '220 hi\r\n' });
    fault({ id: 'f1', kind: 'stall', at: at('END-OF-DATA'), octets: 10, times: 'next' });
    client.say('DATA\r\n');
    await expect.poll(() => server.heard).toBe('DATA\r\n');
    server.say('354 go\r\n');
    await expect.poll(() => client.heard).toContain('354');
    client.say('0123456789abc\r\n.\r\n');
    await expect.poll(() => server.heard).toBe('DATA\r\n0123456789');
    client.say('more');
    server.say('421 too late\r\n');
    await new Promise<void>(resolve => server.socket.write('', () => resolve()));
    expect([client.over(), server.over()]).toEqual([null, null]);
    expect(world.recorder.of('tcp.closed')).toEqual([]);
    server.socket.end();
    await closed(world, connection);
    expect(world.recorder.of('tcp.closed')).toMatchObject([{ by: 'server', reason: 'reset' }]);
    await expect.poll(() => client.over()).toBe('ECONNRESET');
    expect(client.heard).not.toContain('421');
    expect(world.crossed('client')).toBe('DATA\r\n0123456789');
  });

  test('is over when an end is destroyed, too', async () => {
    const { client, server, connection } = await pair(world, MX, MX_25, { hello: '220 hi\r\n' });
    fault({ id: 'f1', kind: 'stall', at: at('END-OF-DATA'), octets: 0, times: 'next' });
    client.say('DATA\r\n');
    await expect.poll(() => server.heard).toBe('DATA\r\n');
    server.say('354 go\r\n');
    await expect.poll(() => client.heard).toContain('354');
    client.say('x');
    await expect.poll(struck).toHaveLength(1);
    client.socket.destroy();
    await closed(world, connection);
    await expect.poll(() => server.over()).toBe('ECONNRESET');
  });
});

describe('a lost reply', () => {
  test('the server has done its work, the client never hears of it', async () => {
    const server = await smallSmtp(world, MX, 25);
    fault({ id: 'f1', kind: 'lose-reply', at: at('END-OF-DATA'), times: 'next' });
    const { client, connection } = await session();
    expect(server.letters).toEqual([LETTER]);
    await expect.poll(() => client.over()).toBe('ECONNRESET');
    expect(world.crossed('server')).toMatch(/354 Go on\r\n$/);
    expect(world.crossed('client')).toBe(SESSION.slice(0, 5).join(''));
    expect(struck()).toEqual([['f1', MX, connection]]);
    // So he tries again, and it is there twice.
    await session();
    expect(server.letters).toEqual([LETTER, LETTER]);
  });

  test.each(['EHLO', 'MAIL', 'RCPT', 'DATA', 'QUIT'] as const)('to %s', async verb => {
    const server = await smallSmtp(world, MX, 25);
    fault({ id: 'f1', kind: 'lose-reply', at: at(verb), times: 'next' });
    await session();
    expect(server.lines.at(-1)).toMatch(verb);
    expect(world.crossed('client').endsWith(SESSION[VERBS.indexOf(verb)] ?? '?')).toBe(true);
  });
});

describe('a late reply', () => {
  test('comes when world time has moved on, and no other waits', async () => {
    await smallSmtp(world, MX, 25);
    fault({ id: 'f1', kind: 'delay', at: at('RCPT'), milliseconds: 600_000, times: 'next' });
    const { socket, connection } = await world.network.dial(RELAY, MX_25);
    const client = endOf(socket);
    const talking = lockStep(client, SESSION);
    await expect.poll(() => world.clock.next()?.what).toBe(`${MX} is late with its answer to RCPT`);
    expect(client.heard).toMatch(/MAIL Ok\r\n$/);
    expect(struck()).toEqual([['f1', MX, connection]]);
    world.clock.jump(600_000);
    await talking;
    socket.end();
    await closed(world, connection);
    expect(client.heard).toMatch(
      /^220.*\r\n250-.*\r\n250.*\r\n250.*MAIL.*\r\n250.*RCPT.*\r\n354.*\r\n250.*\r\n221.*\r\n$/,
    );
  });

  test('holds up the replies behind it, not those before it in the same chunk', async () => {
    const { client, server } = await pair(world, MX, MX_25, { hello: '220 hi\r\n' });
    fault({ id: 'f1', kind: 'delay', at: at('RCPT'), milliseconds: 600_000, times: 'next' });
    client.say('MAIL FROM:<>\r\nRCPT TO:<a@b>\r\nQUIT\r\n');
    await expect.poll(() => server.heard).toMatch(/QUIT/);
    server.say('250 mail\r\n250 rcpt\r\n221 quit\r\n');
    server.socket.end();
    await expect.poll(() => client.heard).toBe('220 hi\r\n250 mail\r\n');
    expect(client.over()).toBe(null);
    world.clock.jump(600_000);
    await expect.poll(() => client.over()).toBe('end');
    expect(client.heard).toBe('220 hi\r\n250 mail\r\n250 rcpt\r\n221 quit\r\n');
  });
});

describe('whatever the chunks', () => {
  test('of several lines in one, those before the struck one cross', async () => {
    const { client, server, connection } = await pair(world, MX, MX_25, { hello: '220 hi\r\n' });
    fault({ id: 'f1', kind: 'reset', at: at('DATA'), times: 'next' });
    client.say('MAIL FROM:<>\r\nRCPT TO:<a@b>\r\nDATA\r\n');
    await closed(world, connection);
    expect(server.heard).toBe('MAIL FROM:<>\r\nRCPT TO:<a@b>\r\n');
  });

  test('a line that comes letter by letter crosses whole or not at all while it may be struck', async () => {
    const { client, server } = await pair(world, MX, MX_25, { hello: '220 hi\r\n' });
    fault({ id: 'f1', kind: 'drop', at: at('QUIT'), times: 'next' });
    client.socket.setNoDelay(true);
    for (const letter of 'NOOP\r\nQUIT\r\n') {
      await new Promise<void>(resolve => client.socket.write(letter, () => setImmediate(resolve)));
    }
    await expect.poll(() => server.over()).toBe('end');
    expect(server.heard).toBe('NOOP\r\n');
  });

  test('the end of a stream takes an unfinished line along', async () => {
    const { client, server } = await pair(world, MX, MX_25, { hello: '220 hi\r\n' });
    fault({ id: 'f1', kind: 'drop', at: at('QUIT'), times: 'next' });
    client.say('QUI');
    client.socket.end();
    await expect.poll(() => server.over()).toBe('end');
    expect(server.heard).toBe('QUI');
  });
});

describe('while the wire is held', () => {
  test('a fault that is set before a line is let go strikes it', async () => {
    const { client, server } = await pair(world, MX, MX_25, { hello: '220 hi\r\n' });
    await expect.poll(() => client.heard).toContain('220');
    world.network.brake.hold(true);
    client.say('EHLO a\r\n');
    await expect.poll(() => world.network.brake.state().waiting).toBe(1);
    client.say('MAIL FROM:<>\r\n');
    world.network.brake.release();
    await expect.poll(() => world.network.brake.state().waiting).toBe(1);
    fault({ id: 'f1', kind: 'drop', at: at('MAIL'), times: 'next' });
    world.network.brake.release();
    await expect.poll(() => server.over()).toBe('end');
    expect(server.heard).toBe('EHLO a\r\n');
    expect(world.network.brake.state().waiting).toBe(0);
  });

  test('a late reply is held when it comes', async () => {
    const { client, server } = await pair(world, MX, MX_25, { hello: '220 hi\r\n' });
    await expect.poll(() => client.heard).toContain('220');
    fault({ id: 'f1', kind: 'delay', at: at('EHLO'), milliseconds: 60_000, times: 'next' });
    client.say('EHLO a\r\n');
    await expect.poll(() => server.heard).toContain('EHLO');
    server.say('250 a\r\n');
    await expect.poll(struck).toHaveLength(1);
    world.network.brake.hold(true);
    world.clock.jump(60_000);
    expect(world.network.brake.state().waiting).toBe(1);
    world.network.brake.hold(false);
    await expect.poll(() => client.heard).toBe('220 hi\r\n250 a\r\n');
  });
});

describe('POP3', () => {
  const pop = (verb: LineVerb) => ({ server: POP, port: 110, verb }) as const;
  test('a letter’s “QUIT” and “+OK” are neither command nor reply; the real QUIT is dropped', async () => {
    const { client, server } = await pair(world, POP, POP_110, { from: LAPTOP, hello: '+OK hi\r\n' });
    fault({ id: 'f1', kind: 'drop', at: pop('QUIT'), times: 'next' });
    fault({ id: 'f2', kind: 'lose-reply', at: pop('DELE'), times: 'next' });
    client.say('RETR 1\r\n');
    await expect.poll(() => server.heard).toContain('RETR');
    const letter = 'Subject: x\r\n\r\n+OK\r\nQUIT\r\n..\r\n+OK\r\n.\r\n';
    server.say(`+OK 30\r\n${letter}`);
    await expect.poll(() => client.heard).toBe(`+OK hi\r\n+OK 30\r\n${letter}`);
    client.say('STAT\r\nQUIT\r\n');
    await expect.poll(() => server.over()).toBe('end');
    expect(server.heard).toBe('RETR 1\r\nSTAT\r\n');
    expect(struck().map(([id]) => id)).toEqual(['f1']);
  });

  test('the reply to DELE is lost after the letter was fetched', async () => {
    const { client, server, connection } = await pair(world, POP, POP_110, { from: LAPTOP, hello: '+OK hi\r\n' });
    fault({ id: 'f1', kind: 'lose-reply', at: pop('DELE'), times: 'next' });
    client.say('UIDL\r\nRETR 1\r\nDELE 1\r\n');
    await expect.poll(() => server.heard).toContain('DELE');
    server.say('+OK\r\n1 a\r\n.\r\n+OK\r\nx\r\n.\r\n+OK deleted\r\n');
    await closed(world, connection);
    expect(client.heard).toBe('+OK hi\r\n+OK\r\n1 a\r\n.\r\n+OK\r\nx\r\n.\r\n');
  });
});
