/** Whatever a stranger makes the servers do, what is recorded of it can be read again: everything is bounded where it enters. */
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { createTransport } from 'nodemailer';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openRecorder } from '../../../server/record/recorder.ts';
import { ANY_PORTS } from '../../../server/rooms/publish.ts';
import type { Room } from '../../../server/rooms/room.ts';
import { openRoom } from '../../../server/rooms/room.ts';
import { createStoryteller } from '../../../shared/reading/storyteller.ts';
import { bounded } from '../../../shared/trace/bounds.ts';
import { decodeEvent, decodeTrace, encodeEvent } from '../../../shared/trace/codec.ts';
import type { Fact } from '../../../shared/trace/event.ts';
import { wireTime } from '../../../shared/trace/event.ts';
import { FACTS } from '../../../shared/trace/schema.ts';
import { blueAndGreen } from '../../../shared/world/presets.ts';
import { factsOf } from '../../fixtures/facts.ts';
import { temporaryFolder } from '../../help/loopback/pop3-loopback.ts';

const ALICE = 'alice@blue.example';
const BOB = 'bob@green.example';
const users = blueAndGreen.users.map(({ password: _password, ...user }) => user);
const world = { ...blueAndGreen, users };

/** Short, or longer than anything should be; with what JSON, UTF-8 and UTF-16 make of their own. */
const text = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc
    .tuple(
      fc.constantFrom('x', '\u0000', '"', '\\', 'ä', '€', '📮', '\ud83d', '\r\n '),
      fc.constantFrom(900, 1500, 70_000),
    )
    .map(([unit, times]) => unit.repeat(times)),
);
const list = fc.oneof(
  fc.array(text, { maxLength: 3 }),
  fc.array(text, { maxLength: 3 }),
  fc.constantFrom(10_000, 10_001).map(length => Array.from({ length }, (_, at) => `u${at}@green.example`)),
);
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 100 }),
  fc
    .constantFrom(0x41, 0x00, 0xff)
    .chain(octet => fc.constantFrom(1_000_000, 1_000_001, 1_500_000).map(size => new Uint8Array(size).fill(octet))),
);
const count = fc.oneof(
  fc.nat(),
  fc.constantFrom(-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_VALUE, -1e300),
);
/** As no editor would let it in: were such a world ever recorded, the trace would still be one. */
const worlds = fc.oneof(
  fc.constant(world),
  fc.constantFrom({ ...world, name: 'x'.repeat(500) }, { ...world, seed: -1 }, { ...world, dns: 'Not A Name' }),
  fc.constantFrom(300, 11_000).map(length => ({
    ...world,
    zones: [
      { ...world.zones[0], records: Array.from({ length }, () => ({ type: 'A', name: 'a', ttl: 1, data: 'x' })) },
    ],
  })) as fc.Arbitrary<typeof world>,
);
const anyFact = factsOf({ text, source: text, list, bytes, count, world: worlds });

const written = (fact: Fact): unknown =>
  JSON.parse(JSON.stringify(encodeEvent({ ...bounded(fact), seq: 1, at: wireTime(7) })));

describe('what is recorded', () => {
  test('is read again, whatever it was: every kind, too long, too many, and not even numbers', () => {
    const kinds = new Set<string>();
    fc.assert(
      fc.property(anyFact, fact => {
        kinds.add(fact.kind);
        const decoded = decodeEvent(written(fact));
        expect(decoded.ok ? '' : `${fact.kind}: ${decoded.message}`).toBe('');
      }),
      { numRuns: 250, seed: 10 },
    );
    expect([...kinds].toSorted()).toEqual(Object.keys(FACTS).toSorted());
  });

  test('is the fact itself where nothing has to be cut', () => {
    const facts = factsOf({
      text: fc.string({ maxLength: 900 }),
      source: fc.string(),
      list: fc.array(fc.string()),
      bytes: fc.uint8Array(),
      count: fc.nat(),
      world: fc.constant(world),
    });
    fc.assert(fc.property(facts, fact => void expect(bounded(fact)).toEqual(fact)));
  });

  test('names what was cut, and a cut Message-ID is as long as a header line (RFC 5322 §2.1.1)', () => {
    const fact = bounded({
      kind: 'mail.queued',
      host: 'h',
      queueId: 'q',
      messageId: `<${'m'.repeat(70_000)}>`,
      reversePath: 'a'.repeat(2000),
      recipients: Array.from({ length: 10_001 }, () => 'b'.repeat(1025)),
      size: -5,
    });
    if (fact.kind !== 'mail.queued') throw new Error(fact.kind);
    expect(fact.cut).toEqual(['messageId', 'reversePath', 'recipients', 'size']);
    expect(fact.messageId).toHaveLength(998);
    expect([fact.reversePath.length, fact.recipients.length, fact.recipients[0]?.length, fact.size]).toEqual([
      1024, 10_000, 1024, 0,
    ]);
  });

  test('a Message-ID that was cut on its way in is named once, and recording it again changes nothing', () => {
    const messageId = `<${'m'.repeat(996)}…`;
    const fact = bounded({
      kind: 'mail.stored',
      host: 'h',
      mailbox: 'm',
      file: 'f',
      messageId,
      reversePath: '',
      recipients: [],
      size: 1,
    });
    expect(fact).toMatchObject({ cut: ['messageId'], messageId });
    expect(bounded(fact)).toBe(fact);
  });

  test('octets that are left out of a connection are counted', () => {
    const bytes = new Uint8Array(1_000_010);
    expect(bounded({ kind: 'wire.bytes', connection: 'c1', from: 'client', bytes, omitted: 5 })).toMatchObject({
      omitted: 15,
    });
  });

  test('what no schema lets in is recorded as a marker that says so', () => {
    expect(bounded({ kind: 'world.changed', edit: { code: 'edited' }, world: { ...world, seed: -1 } })).toMatchObject({
      kind: 'marker',
      label: expect.stringContaining('world.changed could not be recorded: world.seed'),
    });
  });

  test('by the recorder too', async () => {
    const header = { mailscope: 1, title: 't', createdAt: new Date().toISOString(), world } as const;
    const recorder = await openRecorder({ header, file: null });
    await fc.assert(
      fc.property(anyFact, fact => {
        recorder.append(fact);
        expect(recorder.events(recorder.length)).toHaveLength(1);
      }),
      { numRuns: 40, seed: 3 },
    );
    await recorder.close();
  });
});

describe('a letter with a Message-ID of 70,000 characters', () => {
  let data: string;
  let removeFolder: () => Promise<void>;
  let room: Room;
  const begin = async () => {
    const ports = ANY_PORTS;
    room = await openRoom({ world: blueAndGreen, data: join(data, 'd'), ports });
  };
  beforeEach(async () => {
    [data, removeFolder] = await temporaryFolder();
    await begin();
  });
  afterEach(async () => {
    await room.close();
    await removeFolder();
  });

  const arrived = (): Promise<void> =>
    new Promise(resolve => {
      const stop = room.recorder.watch(notice => {
        if (notice.kind !== 'events' || !notice.events.some(({ kind }) => kind === 'mail.stored')) return;
        stop();
        resolve();
      });
    });
  const long = `<${'m'.repeat(70_000)}@x.example>`;
  const letterWith = (field: string): string =>
    `${field}\r\nFrom: <${ALICE}>\r\nTo: <${BOB}>\r\nSubject: s\r\n\r\nhello\r\n`;
  const header = `Message-ID: ${long}`;
  const folded = `Message-ID:\r\n ${long}`;

  async function bySubmission(raw: string): Promise<void> {
    const published = room.published;
    const user = blueAndGreen.users.find(({ address }) => address === ALICE);
    if (published === null || user === undefined) throw new Error('nobody to send as');
    const { port } = published.submission;
    const auth = { user: user.address, pass: user.password };
    const transport = createTransport({ host: '127.0.0.1', port, auth, ignoreTLS: true });
    await transport.sendMail({ envelope: { from: ALICE, to: [BOB] }, raw });
    transport.close();
  }
  function byPort25(raw: string): Promise<void> {
    const port = room.published?.smtp.port ?? 0;
    const words = ['EHLO x.example', `MAIL FROM:<stranger@x.example>`, `RCPT TO:<${BOB}>`, 'DATA', `${raw}.`, 'QUIT'];
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', reject).on('close', () => resolve());
      let said = '';
      socket.setEncoding('utf8').on('data', chunk => {
        said += String(chunk);
        while (/^\d{3} .*\r\n/m.test(said)) {
          said = said.slice(said.search(/^\d{3} .*\r\n/m)).replace(/^.*\r\n/, '');
          const next = words.shift();
          if (next !== undefined) socket.write(`${next}\r\n`);
        }
      });
    });
  }

  test.each([
    ['by submission', header, bySubmission],
    ['by submission, folded', folded, bySubmission],
    ['by port 25', header, byPort25],
    ['by port 25, folded', folded, byPort25],
  ])('%s is taken, recorded cut and marked, and the trace goes on', async (_, field, send) => {
    const here = arrived();
    await send(letterWith(field));
    await here;
    await room.recorder.flush();
    const { id } = room.recorder;
    const file = join(data, 'd', 'current.trace.ndjson');
    const trace = decodeTrace(await readFile(file, 'utf8'));
    expect(trace).toMatchObject({ ok: true, unread: 0 });
    const stored = room.recorder.events(1).find(event => event.kind === 'mail.stored');
    expect(stored).toMatchObject({ cut: ['messageId'], messageId: expect.stringMatching(/^<m{996}…$/) });
    const teller = createStoryteller(room.recorder.header);
    teller.append(room.recorder.events(1));
    expect(teller.finish().lines.some(({ text }) => text.includes('messageId of mail.stored'))).toBe(true);
    await room.close();
    await begin();
    expect(room.recorder.id).toBe(id);
    expect(room.recorder.events(1).some(({ kind }) => kind === 'mail.stored')).toBe(true);
  });
});
