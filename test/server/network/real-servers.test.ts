/** Beside real servers: a letter of this world goes to Debian’s Postfix by the word of NSD or BIND, and comes back if it must; nothing leaves the machine. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import PostalMime from 'postal-mime';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openRoom, type Room, type RoomOptions } from '../../../server/rooms/room.ts';
import type { Fact, TraceEvent } from '../../../shared/trace/event.ts';
import { blueAndGreen } from '../../../shared/world/presets.ts';
import { saying } from '../../fixtures/causes.ts';
import {
  lacks,
  lacksPostfix,
  type Postfix,
  type RealServer,
  startBind,
  startNsd,
  startPostfix,
} from '../../help/real-servers.ts';

const BIN = fileURLToPath(new URL('../../../bin/mailscope.js', import.meta.url));
const ALICE = 'alice@blue.example';
const CAROL = 'carol@real.example';
const HOST = 'mx.real.example';
/** What the real DNS knows: the real domain, and one whose mail would leave the machine. Nothing of blue.example: the world answers for its own. */
const ZONES = {
  'real.example': ['@ 60 IN MX 10 mx', 'mx 60 IN A 127.0.0.1', 'nomail 60 IN MX 0 .'],
  'away.example': ['@ 60 IN MX 10 mx', 'mx 60 IN A 198.18.0.25'],
};

const PATIENTLY = { timeout: 15_000 };

let folder: string;
let room: Room | null = null;
const running: RealServer[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mailscope-real-'));
  // Postfix works as several users.
  await chmod(folder, 0o755);
});
afterEach(async () => {
  await room?.close();
  room = null;
});
afterAll(async () => {
  for (const server of running) await server.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Opens a room beside the real servers and sends one letter; resolves when a fact about it satisfies. */
async function send(
  options: Partial<RoomOptions>,
  to: readonly string[],
  isEnd: (event: TraceEvent) => boolean,
  body = 'At noon?',
): Promise<readonly TraceEvent[]> {
  const opened = await openRoom({ world: blueAndGreen, data: null, ports: null, ...options });
  room = opened;
  const ended = new Promise<void>(resolve => {
    opened.recorder.watch(notice => {
      if (notice.kind === 'events' && notice.events.some(isEnd)) resolve();
    });
  });
  const sent = opened.send({ from: { address: ALICE }, to: [...to], subject: 'Lunch?', text: body });
  expect(sent).not.toBeNull();
  await ended;
  return opened.recorder.events(1);
}

const is = (kind: Fact['kind']) => (event: TraceEvent) => event.kind === kind;
const spoken = (events: readonly TraceEvent[]): string =>
  events.flatMap(event => (event.kind === 'wire.bytes' ? [Buffer.from(event.bytes).toString('latin1')] : [])).join('');

describe.skipIf(lacksPostfix() || lacks('nsd'))('Postfix by the word of NSD', () => {
  let postfix: Postfix;
  let outside: NonNullable<RoomOptions['outside']>;
  beforeAll(async () => {
    postfix = await startPostfix(join(folder, 'postfix'), {
      host: HOST,
      domain: 'real.example',
      users: ['carol', 'dave'],
    });
    running.push(postfix);
    const nsd = await startNsd(join(folder, 'nsd'), ZONES);
    running.push(nsd);
    outside = { resolver: { address: '127.0.0.1', port: nsd.port }, mxPort: postfix.port };
  });

  test.each(['lock-step', 'pipelined', 'chunked'] as const)(
    '%s: a letter arrives whole, and its way is on record',
    async sends => {
      const hosts = blueAndGreen.hosts.map(host => (host.id === 'smtp.blue.example' ? { ...host, sends } : host));
      const body = `.\n..\nGrüße ${sends} \u{1f4ec}\nFrom here on`;
      const events = await send(
        { world: { ...blueAndGreen, hosts }, outside },
        [CAROL, 'dave@real.example'],
        is('mail.dequeued'),
        body,
      );
      for (const user of ['carol', 'dave']) {
        await expect.poll(async () => (await postfix.letters(user)).join(''), PATIENTLY).toContain(sends);
        const letter = (await postfix.letters(user)).find(each => each.includes(sends)) ?? '';
        expect(letter).toMatch(
          /^Received: from smtp\.blue\.example .*\n\tby mx\.real\.example \(Postfix\) with E?SMTP/m,
        );
        expect(await new PostalMime().parse(letter)).toMatchObject({ subject: 'Lunch?', text: `${body}\n` });
      }
      const said = spoken(events);
      expect(said).toContain(`220 ${HOST} ESMTP Postfix`);
      expect(said.match(/^RCPT TO:<carol@real\.example>/gm), 'from the mail client, from the server').toHaveLength(2);
      expect(said.includes('BDAT '), 'by BDAT').toBe(sends === 'chunked');
      const calls = events.flatMap(event =>
        event.kind === 'tcp.opened' && event.to.port === 25 ? [event.to.address] : [],
      );
      expect(calls, 'one connection for both').toEqual(['127.0.0.1']);
      const asked = events.flatMap(event =>
        event.kind === 'udp.datagram' && event.to.port === 53 ? [event.to.address] : [],
      );
      expect(new Set(asked)).toEqual(new Set(['127.0.0.1']));
    },
  );

  test('the command line does it too, and says what became of it', async () => {
    const real = ['--resolver', `127.0.0.1:${outside.resolver?.port}`, '--mx-port', `${outside.mxPort}`];
    const letter = ['--from', ALICE, '--to', CAROL, '--to', 'nobody@real.example', '--body', 'by hand'];
    const child = spawn(process.execPath, [BIN, 'send', ...letter, ...real], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [said, [status]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    expect(said).toContain(`<- 220 ${HOST} ESMTP Postfix`);
    expect(said).toMatch(/\nGiven up for nobody@real\.example \(5\.1\.1\): mx\.real\.example answered 550 5\.1\.1 /);
    expect(status).toBe(1);
    await expect.poll(async () => (await postfix.letters('carol')).join(''), PATIENTLY).toContain('by hand');
  });

  test('who is unknown there comes home as a notification that names Postfix and its words', async () => {
    const events = await send({ outside }, ['nobody@real.example'], is('mail.stored'));
    expect(events.filter(is('mail.bounced'))).toMatchObject([{ status: '5.1.1', recipients: ['nobody@real.example'] }]);
    expect(events.filter(is('mail.reported'))).toMatchObject([
      { action: 'failed', recipients: ['nobody@real.example'] },
    ]);
    expect(events.filter(is('mail.stored'))).toMatchObject([{ mailbox: ALICE, reversePath: '' }]);
    const said = spoken(events);
    expect(said).toContain(`Remote-MTA: dns; ${HOST}\r\n`);
    expect(said).toMatch(/Diagnostic-Code: smtp; 550 5\.1\.1 <nobody@real\.example>: Recipient address\r\n rejected/);
  });

  test('who shall come later waits, is tried again by the schedule that was given, and is given up in time', async () => {
    const retry = { after: [2] as const, giveUpAfter: 3, warnAfter: 1000 };
    const events = await send(
      { outside, retry: { ...retry, after: [2] } },
      ['later@real.example'],
      is('mail.deferred'),
    );
    expect(events.filter(is('mail.deferred'))).toMatchObject([{ status: '4.7.1' }]);
    const before = room?.recorder.length ?? 0;
    for (let jump = 0; jump < 2; jump += 1) await room?.advance('next');
    const after = room?.recorder.events(before + 1) ?? [];
    expect(after.filter(is('mail.bounced'))).toMatchObject([
      {
        status: '4.4.7',
        cause: saying(/^not delivered within 3 seconds: .*450 4\.7\.1 .*Come back later/),
      },
    ]);
  });

  test('a null MX of NSD is a null MX', async () => {
    const events = await send({ outside }, ['bob@nomail.real.example'], is('mail.bounced'));
    expect(events.filter(is('mail.bounced'))).toMatchObject([{ status: '5.1.10' }]);
  });

  test('where DNS names a host that is not on this machine, nobody is called, and the reason says so', async () => {
    const events = await send({ outside }, ['eve@away.example'], is('mail.deferred'));
    expect(events.filter(is('mail.deferred'))).toMatchObject([
      { status: '4.4.1', cause: saying(/198\.18\.0\.25.*no mail leaves/) },
    ]);
    expect(events.some(event => event.kind === 'tcp.opened' && event.to.port === 25)).toBe(false);
  });
});

describe.skipIf(lacks('named'))('BIND', () => {
  let bind: RealServer;
  beforeAll(async () => {
    bind = await startBind(join(folder, 'bind'), ZONES);
    running.push(bind);
  });

  test('is asked in place of the world’s own DNS server, and its answers are drawn like any other', async () => {
    const outside = { resolver: { address: '127.0.0.1', port: bind.port }, mxPort: 1 };
    const events = await send(
      { outside },
      [CAROL, 'bob@nomail.real.example', 'eve@typo.real.example'],
      is('mail.reported'),
    );
    const fates = events.flatMap(event =>
      event.kind === 'mail.bounced' || event.kind === 'mail.deferred'
        ? [`${event.status} ${event.recipients.join()}`]
        : [],
    );
    expect(fates).toEqual([`4.4.1 ${CAROL}`, '5.1.10 bob@nomail.real.example', '5.1.2 eve@typo.real.example']);
    const answered = events.filter(event => event.kind === 'udp.datagram' && event.from.port === 53);
    expect(answered.length).toBeGreaterThanOrEqual(3);
  });
});
