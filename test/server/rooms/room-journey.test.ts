/** A whole world runs, and a letter crosses it from Send to the other inbox. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createTransport } from 'nodemailer';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ANY_PORTS } from '../../../server/rooms/publish.ts';
import { silentRecording } from '../../../server/rooms/recording.ts';
import type { Room, RoomOptions } from '../../../server/rooms/room.ts';
import { openRoom } from '../../../server/rooms/room.ts';
import { latin1 } from '../../../shared/bytes.ts';
import { decodeTrace, encodeTrace } from '../../../shared/trace/codec.ts';
import type { TraceEvent } from '../../../shared/trace/event.ts';
import { blueAndGreen } from '../../../shared/world/presets.ts';

const run = promisify(execFile);
const lacks = (program: string) => spawnSync(program, ['--version']).error !== undefined;
const ANY = ANY_PORTS;
const ALICE = 'alice@blue.example';
const BOB = 'bob@green.example';

let folder: string;
let rooms: Room[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mailscope-room-'));
  rooms = [];
});
afterEach(async () => {
  for (const room of rooms) await room.close();
  await rm(folder, { recursive: true });
});
async function begin(options: Partial<RoomOptions> = {}): Promise<Room> {
  const room = await openRoom({ world: blueAndGreen, data: null, ports: null, ...options });
  rooms.push(room);
  return room;
}
const draft = (text = 'Are you free at noon?\n', to = [BOB], from = ALICE) => ({
  from: { address: from },
  to,
  subject: 'Lunch?',
  text,
});
const spoken = (events: readonly TraceEvent[]) =>
  events.flatMap(event => (event.kind === 'wire.bytes' ? [latin1(event.bytes)] : [])).join('');

describe('a letter', () => {
  test('is submitted, queued, looked up, handed over, stored and collected, in this order', async () => {
    const room = await begin();
    const journey = await room.send(draft(), { collect: true })?.finished;
    expect(journey?.fates).toEqual([{ kind: 'stored', recipient: BOB, mailbox: BOB }]);
    const events = room.recorder.events(1);
    const story = events.flatMap(event =>
      event.kind === 'wire.bytes' || event.kind === 'mail.attempted' ? [] : [event.kind],
    );
    const order = (kind: (typeof story)[number]) => story.indexOf(kind);
    const steps = [
      'mail.composed',
      'tcp.opened',
      'mail.queued',
      'udp.datagram',
      'mail.stored',
      'mailbox.locked',
      'mailbox.removed',
      'mailbox.unlocked',
    ] as const;
    expect(steps.map(order)).toEqual(steps.map(order).toSorted((a, b) => a - b));
    expect(steps.map(order)).not.toContain(-1);
    expect(events.filter(event => event.kind === 'udp.datagram')[0]).toMatchObject({
      from: { host: 'smtp.blue.example' },
      to: { host: 'ns.root.example', port: 53 },
    });
    expect(spoken(events)).toContain('220 mx1.green.example');
    expect(events.filter(event => event.kind === 'tcp.opened')).toHaveLength(3);
    expect(events.filter(event => event.kind === 'tcp.closed')).toHaveLength(3);
    expect(events.filter(event => event.kind === 'tcp.closed').every(event => event.reason === 'fin')).toBe(true);
  });

  test('the collecting session begins only when the deliverer has hung up', async () => {
    const room = await begin();
    await room.send(draft(), { collect: true })?.finished;
    const events = room.recorder.events(1);
    const stored = events.find(event => event.kind === 'mail.stored');
    const hungUp = events.find(event => event.kind === 'tcp.closed' && event.connection === stored?.connection);
    const collecting = events.find(event => event.kind === 'tcp.opened' && event.to.port === 110);
    expect(hungUp?.seq).toBeLessThan(collecting?.seq ?? 0);
  });

  test('no password is in the trace, in any form', async () => {
    const room = await begin({ ports: ANY });
    await room.send(draft(), { collect: true })?.finished;
    const text = encodeTrace(room.recorder.header, room.recorder.events(1));
    for (const { address, password } of blueAndGreen.users) {
      const plain = Buffer.from(`\0${address}\0${password}`).toString('base64');
      for (const secret of [password, plain, Buffer.from(password).toString('base64')])
        expect(text).not.toContain(secret);
    }
    expect(text).toContain('AUTH PLAIN ****');
    expect(text).toContain('PASS ****');
    expect(decodeTrace(text)).toMatchObject({ ok: true });
  });

  test('to two people of two domains reaches both, and each collects', async () => {
    const room = await begin();
    const journey = await room.send(draft('x', [BOB, ALICE]), { collect: true })?.finished;
    expect(journey?.fates.map(fate => fate.kind)).toEqual(['stored', 'stored']);
    expect(room.recorder.events(1).filter(event => event.kind === 'mailbox.removed')).toHaveLength(2);
  });

  test('to nobody at all is refused at once, off this machine too, and the reason is told', async () => {
    const room = await begin();
    const journey = await room.send(draft('x', ['eve@gmail.com']), { collect: true })?.finished;
    expect(journey?.fates).toEqual([]);
    expect(spoken(room.recorder.events(1))).toContain(
      '550 5.1.2 <eve@gmail.com>: gmail.com is outside this world; mailscope never sends mail off this machine\r\n',
    );
    expect(room.recorder.events(1)).toContainEqual(expect.objectContaining({ kind: 'client.failed' }));
  });

  test('to an unknown user is given up, with the 550 of the exchanger', async () => {
    const room = await begin();
    const journey = await room.send(draft('x', ['carol@green.example']), { collect: true })?.finished;
    expect(journey?.fates).toMatchObject([{ kind: 'bounced', recipient: 'carol@green.example', status: '5.1.1' }]);
    expect(spoken(room.recorder.events(1))).toContain('550 5.1.1');
  });

  test('to a name that DNS does not know is given up', async () => {
    const room = await begin();
    const journey = await room.send(draft('x', ['bob@nowhere.green.example']))?.finished;
    expect(journey?.fates).toMatchObject([{ kind: 'bounced', status: '5.1.2' }]);
  });

  test('waits in the queue while the mailbox cannot be written, and the exchanger says 4yz', async () => {
    const data = join(folder, 'data');
    const room = await begin({ data });
    const incoming = join(data, 'mail', BOB, 'new');
    await rm(incoming, { recursive: true });
    const journey = await room.send(draft())?.finished;
    expect(journey?.fates).toMatchObject([{ kind: 'deferred', recipient: BOB, status: '4.3.0' }]);
    expect(spoken(room.recorder.events(1))).toContain('451 4.3.0');
    expect(room.recorder.events(1).map(event => event.kind)).not.toContain('mail.stored');
    expect(await readdir(join(data, 'mail', BOB, 'tmp'))).toEqual([]);
  });

  test('to the postmaster lands with the first user of the domain', async () => {
    const room = await begin();
    const journey = await room.send(draft('x', ['Postmaster@green.example']))?.finished;
    expect(journey?.fates).toMatchObject([{ kind: 'stored', mailbox: BOB }]);
  });

  test('arrives just the same while nothing is recorded', async () => {
    const room = await begin({ recording: silentRecording });
    const journey = await room.send(draft(), { collect: true })?.finished;
    expect(journey?.fates).toMatchObject([{ kind: 'stored', mailbox: BOB }]);
    expect(room.recorder.length).toBe(0);
    expect(await room.collect(BOB)).toMatchObject({ kind: 'collected', messages: 0 });
  });

  test('nobody sends as somebody else', async () => {
    const room = await begin();
    expect(room.send(draft('x', [BOB], 'mallory@blue.example'))).toBeNull();
    expect(room.collect('mallory@blue.example')).toBeNull();
  });
});

describe('the data folder', () => {
  test('keeps the mail and the story over a restart', async () => {
    const data = join(folder, 'data');
    const first = await begin({ data });
    await first.send(draft('Kept.\n'))?.finished;
    const before = first.recorder.events(1).length;
    await first.close();
    const second = await begin({ data });
    expect(second.recorder.id).toBe(first.recorder.id);
    expect(second.recorder.events(1).length).toBeGreaterThanOrEqual(before);
    expect(await second.collect(BOB)).toMatchObject({ kind: 'collected', messages: 1 });
    const inbox = join(data, 'clients', BOB, 'new');
    const [file] = await readdir(inbox);
    const letter = await readFile(join(inbox, file ?? ''), 'latin1');
    expect(letter).toMatch(/^Return-Path: <alice@blue\.example>\r\nReceived: from smtp\.blue\.example /);
    expect(letter).toContain('\r\n\r\nKept.\r\n');
    await second.close();
    expect(decodeTrace(await readFile(join(data, 'current.trace.ndjson'), 'utf8'))).toMatchObject({ ok: true });
  });

  test('belongs to one process at a time, and a dead one’s lock is taken over', async () => {
    const data = join(folder, 'data');
    const first = await begin({ data });
    await expect(openRoom({ world: blueAndGreen, data, ports: null })).rejects.toMatchObject({ code: 'data-in-use' });
    await first.close();
    const { pid } = spawnSync('true');
    await writeFile(join(data, 'lock'), `${pid}\n`);
    await begin({ data });
  });

  test('that cannot be written is one sentence', async () => {
    const file = join(folder, 'a-file');
    await writeFile(file, '');
    await expect(openRoom({ world: blueAndGreen, data: join(file, 'data'), ports: null })).rejects.toMatchObject({
      code: 'data-unwritable',
      message: expect.stringContaining('--data') as string,
    });
  });
});

describe('programs outside', () => {
  const portOf = (room: Room, kind: 'submission' | 'smtp' | 'pop3' | 'dns') => room.published?.[kind].port ?? 0;

  test('nodemailer submits as Alice, and the visitor is who called', async () => {
    const room = await begin({ ports: ANY });
    const stored = new Promise<void>(resolve => {
      room.recorder.watch(notice => {
        if (notice.kind === 'events' && notice.events.some(event => event.kind === 'mail.stored')) resolve();
      });
    });
    const transport = createTransport({
      host: '127.0.0.1',
      port: portOf(room, 'submission'),
      secure: false,
      ignoreTLS: true,
      auth: { user: ALICE, pass: 'alice-wonder-7' },
    });
    const sent = await transport.sendMail({ from: ALICE, to: BOB, subject: '🎉', text: '.\n..\nüber\n' });
    expect(sent.accepted).toEqual([BOB]);
    await stored;
    expect(room.recorder.events(1)).toContainEqual(
      expect.objectContaining({
        kind: 'tcp.opened',
        from: expect.objectContaining({ host: 'your-computer.example', address: '203.0.113.77' }) as unknown,
        to: { host: 'smtp.blue.example', address: '192.0.2.10', port: 587 },
      }),
    );
    expect(await room.collect(BOB)).toMatchObject({ kind: 'collected', messages: 1 });
  });

  test.skipIf(lacks('python3'))('python’s smtplib delivers to the MX, and its poplib collects', async () => {
    const room = await begin({ ports: ANY });
    const script = `
import smtplib, poplib
with smtplib.SMTP('127.0.0.1', ${portOf(room, 'smtp')}) as smtp:
    smtp.sendmail('eve@elsewhere.example', ['${BOB}'], b'Subject: hi\\r\\n\\r\\n.dot\\r\\n')
    try:
        smtp.sendmail('eve@elsewhere.example', ['x@gmail.com'], b'x')
    except smtplib.SMTPRecipientsRefused as refused:
        print(refused.recipients['x@gmail.com'][0])
pop = poplib.POP3('127.0.0.1', ${portOf(room, 'pop3')})
pop.user('${BOB}'); pop.pass_('bob-builds-4')
print(b'|'.join(pop.retr(1)[1]).decode())
pop.quit()
`;
    const { stdout } = await run('python3', ['-c', script]);
    expect(stdout).toMatch(/^554\nReturn-Path: <eve@elsewhere\.example>\|Received: from .*\|Subject: hi\|\|\.dot\n$/);
  });

  test.skipIf(lacks('dig'))('dig asks over UDP and TCP', async () => {
    const room = await begin({ ports: ANY });
    const ask = (...how: string[]) =>
      run('dig', ['@127.0.0.1', '-p', `${portOf(room, 'dns')}`, '+short', ...how, 'MX', 'green.example']);
    for (const how of [[], ['+tcp']]) {
      const { stdout } = await ask(...how);
      expect(stdout).toBe('10 mx1.green.example.\n20 mx2.green.example.\n');
    }
  });
});

describe('a caller who falls silent', () => {
  test('is noted once, so that whoever watches live need not wait for him', async () => {
    const room = await begin({ ports: ANY });
    const quiet = new Promise<void>(done => {
      room.recorder.watch(notice => {
        if (notice.kind === 'events' && notice.events.some(event => event.kind === 'wire.quiet')) done();
      });
    });
    const caller = connect(room.published?.smtp.port ?? 0, '127.0.0.1');
    await quiet;
    const closed = new Promise<void>(done => {
      room.recorder.watch(() => room.recorder.events(1).some(event => event.kind === 'tcp.closed') && done());
    });
    caller.resetAndDestroy();
    await closed;
    expect(room.recorder.events(1).filter(event => event.kind === 'wire.quiet')).toMatchObject([{ connections: 1 }]);
  });
});
