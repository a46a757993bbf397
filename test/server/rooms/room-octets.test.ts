/** A letter is a row of octets: whatever they are, they arrive as they left, or are refused with the right code. */
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLobby } from '../../../server/rooms/lobby.ts';
import { ANY_PORTS } from '../../../server/rooms/publish.ts';
import type { Room } from '../../../server/rooms/room.ts';
import { openRoom } from '../../../server/rooms/room.ts';
import { headerFields } from '../../../server/smtp/message/header-fields.ts';
import { startWebServer, type WebServer } from '../../../server/web/http.ts';
import { latin1 } from '../../../shared/bytes.ts';
import type { TraceEvent } from '../../../shared/trace/event.ts';
import { blueAndGreen } from '../../../shared/world/presets.ts';
import { installed, runProgram, temporaryFolder } from '../../help/loopback/pop3-loopback.ts';

const ALICE = 'alice@blue.example';
const BOB = 'bob@green.example';
const MEGABYTE = 1024 * 1024;

setFlagsFromString('--expose-gc');
const collectGarbage: unknown = runInNewContext('gc');

/** Octets in buffers that somebody still holds: what is only waiting to be collected is not kept. */
function octetsHeld(): number {
  if (typeof collectGarbage === 'function') collectGarbage();
  return process.memoryUsage().arrayBuffers;
}

let folder: string;
let removeFolder: () => Promise<void>;
let room: Room;
let web: WebServer;
let troubles: string[];
beforeEach(async () => {
  [folder, removeFolder] = await temporaryFolder();
  const ports = ANY_PORTS;
  room = await openRoom({ world: blueAndGreen, data: join(folder, 'data'), ports });
  if (room.published === null) throw new Error('a room with ports is published');
  troubles = [];
  const onTrouble = (sentence: string) => troubles.push(sentence);
  web = await startWebServer({
    lobby: createLobby({ main: room }),
    published: room.published,
    host: '127.0.0.1',
    port: 0,
    page: null,
    onTrouble,
  });
});
afterEach(async () => {
  await web.close();
  await room.close();
  await removeFolder();
  expect(troubles).toEqual([]);
});

function until(satisfied: (events: readonly TraceEvent[]) => boolean): Promise<void> {
  return new Promise(resolve => {
    const look = (): void => {
      if (!satisfied(room.recorder.events(1))) return;
      stop();
      resolve();
    };
    const stop = room.recorder.watch(look);
    look();
  });
}
const has = (kind: TraceEvent['kind']) => until(events => events.some(event => event.kind === kind));
const post = (letter: object): Promise<Response> =>
  fetch(new URL('/api/messages', web.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ from: ALICE, to: [BOB], subject: 'Lunch?', text: 'Noon?', ...letter }),
  });
const spoken = (): string =>
  room.recorder
    .events(1)
    .flatMap(event => (event.kind === 'wire.bytes' && event.from === 'server' ? [latin1(event.bytes)] : []))
    .join('');
/** The newest letter in a folder of the data folder. */
async function letterIn(...place: string[]): Promise<Buffer> {
  const inbox = join(folder, 'data', ...place, 'new');
  const [file = ''] = await readdir(inbox);
  return readFile(join(inbox, file));
}
const bodyOf = (letter: Buffer): Buffer => letter.subarray(letter.indexOf('\r\n\r\n') + 4);
const deliver = async (file: string, ...recipients: string[]) => {
  const to = recipients.flatMap(recipient => ['--mail-rcpt', recipient]);
  const at = `smtp://127.0.0.1:${room.published?.smtp.port}/elsewhere.example`;
  return runProgram('curl', ['-sS', '--mail-from', 'eve@elsewhere.example', ...to, '-T', file, at]);
};

describe('from the page', () => {
  test.each<[string, string]>([
    ['nothing at all', ''],
    ['lone dots', '.\r\n..\r\n.\r\n\r\n.'],
    ['emoji and every script', '🎉👩‍👩‍👧‍👦 Grüße, żółć, 你好, שלום\r\n'],
    ['one line of 5000 characters', 'x'.repeat(5000)],
    ['controls and NUL', 'a\u0000b\u0007c\u001b[31m\r\n'],
    ['blanks at the ends of lines', 'a  \r\n\t\r\n-- \r\n'],
  ])('a text of %s is in Bob’s inbox as it was written', async (_what, text) => {
    await room.send({ from: { address: ALICE }, to: [BOB], subject: 'x', text }, { collect: true })?.finished;
    const letter = await letterIn('clients', BOB);
    const encoding = headerFields(letter).find(field => field.name === 'content-transfer-encoding');
    const encoded = bodyOf(letter).toString('latin1');
    const how =
      encoding === undefined ? '7bit' : letter.toString('latin1').match(/^Content-Transfer-Encoding: (\S+)/im)?.[1];
    const decoded =
      how === 'base64'
        ? Buffer.from(encoded, 'base64')
        : how === 'quoted-printable'
          ? Buffer.from(
              encoded
                .replace(/=\r\n/g, '')
                .replace(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
              'latin1',
            )
          : Buffer.from(encoded, 'latin1');
    const wanted = text === '' || text.endsWith('\r\n') ? text : `${text}\r\n`;
    expect(decoded.toString('utf8')).toBe(wanted);
    for (const line of letter.toString('latin1').split('\r\n')) expect(line.length).toBeLessThanOrEqual(998);
  });

  test('a letter that is too large is refused at MAIL, before its octets are sent', async () => {
    expect((await post({ text: 'x'.repeat(11 * MEGABYTE) })).status).toBe(202);
    await has('client.failed');
    expect(spoken()).toContain('552 5.3.4 Message too big');
    expect(spoken()).not.toContain('354 ');
  });

  test('a hundred people get one letter, and a hundred and one are too many', async () => {
    const people = Array.from({ length: 100 }, (_, nth) => `nobody${nth}@green.example`);
    expect((await post({ to: [...people, BOB] })).status).toBe(400);
    expect((await post({ to: [...people.slice(1), BOB] })).status).toBe(202);
    await has('mail.dequeued');
    const bounced = room.recorder.events(1).flatMap(event => (event.kind === 'mail.bounced' ? event.recipients : []));
    expect([...bounced].sort()).toEqual(people.slice(1).sort());
    expect(room.recorder.events(1).filter(event => event.kind === 'mail.stored')).toHaveLength(1);
  });

  test.each<[object, string]>([
    [{ subject: 'x'.repeat(2001) }, 'subject-too-long'],
    [{ subject: 'x\u0000' }, 'bad-subject'],
    [{ text: 5 }, 'bad-text'],
  ])('what cannot be a letter is refused with its code (%#)', async (letter, code) => {
    const response = await post(letter);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code } });
    expect(room.recorder.length).toBe(0);
  });
});

describe.skipIf(!installed('curl'))('from outside', () => {
  const octets = Buffer.from([...Array(256).keys()].filter(octet => octet !== 10 && octet !== 13));
  test.each<[string, Buffer]>([
    ['no octets at all', Buffer.from('')],
    ['a header and nothing else', Buffer.from('Subject: x\r\n')],
    [
      'every octet but CR and LF, NUL among them',
      Buffer.concat([Buffer.from('Subject: x\r\n\r\n'), octets, Buffer.from('\r\n')]),
    ],
    ['lines of 1000 octets and their CRLF', Buffer.from(`Subject: x\r\n\r\n${`${'x'.repeat(1000)}\r\n`.repeat(50)}`)],
    ['dots at every place', Buffer.from('.\r\n..\r\n.a\r\n\r\n.\r\n...\r\n')],
  ])('%s: what lies in the mailbox ends with exactly that', async (_what, letter) => {
    const file = join(folder, 'letter');
    await writeFile(file, letter);
    expect(await deliver(file, BOB)).toMatchObject({ status: 0 });
    await has('mail.stored');
    const stored = await letterIn('mail', BOB);
    expect(stored.subarray(stored.length - letter.length).equals(letter)).toBe(true);
    expect(stored.subarray(0, stored.length - letter.length).toString('latin1')).toMatch(
      /^Return-Path: <eve@elsewhere\.example>\r\nReceived: (?:[^\r]|\r\n\t)*\r\n(?:\r\n)?$/,
    );
  });

  test('9 MiB arrive whole, and the trace stays small', async () => {
    const line = `${'0123456789abcdef'.repeat(4)}\r\n`;
    const letter = Buffer.from(`Subject: large\r\n\r\n${line.repeat(Math.floor((9 * MEGABYTE) / line.length))}`);
    const file = join(folder, 'letter');
    await writeFile(file, letter);
    expect(await deliver(file, BOB)).toMatchObject({ status: 0 });
    await has('mail.stored');
    const stored = await letterIn('mail', BOB);
    const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
    expect(digest(stored.subarray(stored.length - letter.length))).toBe(digest(letter));
    const kept = room.recorder.lines(1).reduce((sum, text) => sum + text.length, 0);
    expect(kept).toBeLessThan(3 * MEGABYTE);
  });

  test('too much without a SIZE is read to its end, refused with 552, and not kept', async () => {
    // From a pipe curl cannot know the size, and does not declare one.
    const at = `smtp://127.0.0.1:${room.published?.smtp.port}/elsewhere.example`;
    const to = `--mail-from eve@elsewhere.example --mail-rcpt ${BOB}`;
    const before = octetsHeld();
    const ran = await runProgram('sh', [
      '-c',
      `yes 0123456789 | head -c ${30 * MEGABYTE} | curl -sS --crlf ${to} -T - ${at}`,
    ]);
    expect(ran.status).not.toBe(0);
    expect(spoken()).toContain('354 ');
    expect(spoken()).toContain('552 5.3.4 Message too big');
    expect(await readdir(join(folder, 'data', 'mail', BOB, 'new'))).toEqual([]);
    expect(octetsHeld() - before).toBeLessThan(24 * MEGABYTE);
  });
});
