/** Letters from hostile hands, by submission and at port 25: each is accepted or refused, and what was recorded of it can be read and shown. */
import { createConnection } from 'node:net';
import { ANY_PORTS } from '../../server/rooms/publish.ts';
import { openRoom, type Room } from '../../server/rooms/room.ts';
import { createStoryteller, type Storyteller } from '../../shared/reading/storyteller.ts';
import { sceneAt } from '../../shared/story/scene.ts';
import { storyTime } from '../../shared/story/story.ts';
import { decodeEvent } from '../../shared/trace/codec.ts';
import { blueAndGreen } from '../../shared/world/presets.ts';
import { type Chance, chanceOf, memoryBound } from './chance.ts';

const ALICE = 'alice@blue.example';
const BOB = 'bob@green.example';
/** Milliseconds until a server that does not answer has hung. */
const PATIENCE = 20_000;

const PIECES = [
  'x',
  ' ',
  '\t',
  ':',
  '<',
  '>',
  '"',
  '\\',
  '(',
  '\r',
  '\n',
  '\r\n',
  '\r\n ',
  '\r\n.',
  '\r\n..',
  '\0',
  '\x1b[31m',
  '\x7f',
  '\xe4\xf6',
  '\xe2\x80\xae',
  '\xed\xa0\x80',
  '=?utf-8?q?=E2=80=AE?=',
  '=?utf-8?b?////?=',
  '```',
  '<script>',
  '--=',
  'boundary="',
  '; charset=x',
  '@',
  ',',
];

const LENGTHS = [0, 1, 10, 80, 998, 1000, 5000, 70_000];

const filling = (chance: Chance, length: number): string => {
  let text = '';
  const piece = chance.often(0.5) ? chance.of(PIECES) : null;
  while (text.length < length) text += piece ?? (chance.often(0.3) ? chance.of(PIECES) : 'abc');
  return text;
};

const NAMES = [
  'From',
  'To',
  'Cc',
  'Subject',
  'Date',
  'Message-ID',
  'In-Reply-To',
  'References',
  'Received',
  'Return-Path',
  'Content-Type',
  'Content-Transfer-Encoding',
  'MIME-Version',
  'List-Id',
  'Auto-Submitted',
  'X-Odd',
];

const VALUES = [
  'multipart/mixed; boundary=x',
  'multipart/report; report-type=delivery-status; boundary="x"',
  'message/rfc822',
  'text/html; charset=utf-7',
  'base64',
  'quoted-printable',
  '1.0',
];

function field(chance: Chance): string {
  const name = chance.often(0.9) ? chance.of(NAMES) : filling(chance, chance.of([1, 80, 300]));
  const length = chance.of(LENGTHS);
  const value = chance.often(0.3)
    ? chance.of(VALUES)
    : chance.often(0.4)
      ? `<${'i'.repeat(length)}@${chance.of(['blue.example', '', '[', '\xff'])}>`
      : filling(chance, length);
  return `${name}:${chance.of(['', ' ', '\r\n '])}${value}\r\n`;
}

/** Its dots as they cross the wire, its end included. */
function letter(chance: Chance): Buffer {
  const count = chance.of([0, 1, 5, 20, 200]);
  const header = Array.from({ length: count }, () => field(chance)).join('');
  const nested = chance.often(0.1)
    ? Array.from({ length: 200 }, (_, nth) => `--x\r\nContent-Type: multipart/mixed; boundary=x${nth}\r\n\r\n`).join('')
    : '';
  const body = nested + filling(chance, chance.of(LENGTHS));
  const many = chance.often(0.03) ? 'a:\r\n'.repeat(chance.of([1000, 11_000])) : '';
  const named = chance.often(0.4) ? `Message-ID: <${'m'.repeat(chance.of([1, 900, 1100, 70_000]))}@x>\r\n` : '';
  const text = `${named}${many}${header}${chance.of(['\r\n', '', '\n'])}${body}`.slice(0, 2_000_000);
  return Buffer.from(`${text.replace(/^\./gm, '..')}\r\n.\r\n`, 'latin1');
}

const EHLO = [
  'client.example',
  '',
  '[192.0.2.1]',
  '[IPv6:::1]',
  'x'.repeat(254),
  '\xe4.example',
  'a b c',
  '<script>',
  '-',
];
const PARAMETERS = [
  '',
  ' SIZE=1',
  ' SIZE=99999999999999',
  ' BODY=8BITMIME',
  ' SMTPUTF8',
  ' RET=FULL ENVID=QQ314159',
  ' ENVID=+',
  ' X=Y',
];
const SENDERS = [
  ALICE,
  '',
  'stranger@outside.example',
  `${'l'.repeat(64)}@${'d'.repeat(60)}.example`,
  '"odd \\" one"@blue.example',
];

interface Talk {
  /** The codes heard, one a turn; 0 where the line died. */
  readonly codes: readonly number[];
}

/** Says each after the answer to the one before. Rejects where there is no answer. */
function talk(port: number, words: readonly (string | Buffer)[]): Promise<Talk> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    const codes: number[] = [];
    let heard = '';
    const done = (): void => {
      socket.destroy();
      resolve({ codes });
    };
    socket.setTimeout(PATIENCE, () => {
      socket.destroy();
      reject(new Error(`no answer to turn ${codes.length} within ${PATIENCE / 1000} s`));
    });
    socket.on('error', done).on('close', done);
    socket.on('data', chunk => {
      heard += chunk.toString('latin1');
      const [whole, code] = /^(?:\d{3}-.*\r\n)*(\d{3})(?: .*)?\r\n/.exec(heard) ?? [];
      if (whole === undefined) return;
      heard = heard.slice(whole.length);
      const turn = codes.push(Number(code)) - 1;
      const next = words[turn];
      // Without a 354 the letter would be taken for commands, which is another fuzzer's affair.
      if (next === undefined || (Buffer.isBuffer(next) && Number(code) !== 354)) done();
      else socket.write(typeof next === 'string' ? Buffer.from(`${next}\r\n`, 'latin1') : next);
    });
  });
}

function hostileTalk(chance: Chance, submission: boolean): readonly (string | Buffer)[] {
  const [alice] = blueAndGreen.users;
  const login = Buffer.from(`\0${ALICE}\0${alice?.password ?? ''}`).toString('base64');
  const recipients = Array.from({ length: 1 + chance.below(3) }, () =>
    chance.often(0.8) ? BOB : chance.of(['nobody@green.example', 'x', `${'r'.repeat(300)}@green.example`]),
  );
  return [
    `EHLO ${chance.often(0.6) ? 'client.example' : chance.of(EHLO)}`,
    ...(submission ? [`AUTH PLAIN ${login}`] : []),
    `MAIL FROM:<${submission ? ALICE : chance.of(SENDERS)}>${chance.often(0.7) ? '' : chance.of(PARAMETERS)}`,
    ...recipients.map(recipient => `RCPT TO:<${recipient}>`),
    'DATA',
    letter(chance),
  ];
}

/** Whoever watches the room: reads every line as the page does. */
function openWatcher(room: Room): { readOn(): readonly string[] } {
  let next = 1;
  let trace = room.recorder.id;
  let teller: Storyteller = createStoryteller(room.recorder.header);
  return {
    /** Gives the Message-IDs of what was stored since. Throws where a line cannot be read. */
    readOn() {
      if (room.recorder.id !== trace) {
        [next, trace, teller] = [1, room.recorder.id, createStoryteller(room.recorder.header)];
      }
      const stored: string[] = [];
      for (const line of room.recorder.lines(next)) {
        next += 1;
        const decoded = decodeEvent(JSON.parse(line));
        if (!decoded.ok) throw new Error(`what is recorded cannot be read: ${decoded.message}`);
        const story = teller.append([decoded.event]);
        if (decoded.event.kind === 'mail.stored') stored.push(decoded.event.messageId);
        sceneAt(story, storyTime(story.end));
      }
      return stored;
    },
  };
}

async function until(holds: () => boolean): Promise<boolean> {
  const end = performance.now() + PATIENCE;
  while (!holds()) {
    if (performance.now() > end) return false;
    await new Promise(rest => setTimeout(rest, 5));
  }
  return true;
}

/** After so many hostile letters somebody honest writes one. */
const HONEST_AFTER = 10;

/** Throws where the room crashes, hangs, or records what cannot be shown; where an honest letter is not stored and shown. */
export async function fuzzLetters(iterations: number, seed: number): Promise<void> {
  const chance = chanceOf(seed, 'letters');
  const ports = ANY_PORTS;
  const room = await openRoom({ world: blueAndGreen, data: null, ports });
  const bounded = memoryBound();
  try {
    const { published } = room;
    if (published === null) throw new Error('a room with ports is published');
    const watcher = openWatcher(room);
    for (let nth = 0; nth < iterations; nth += 1) {
      const submission = chance.often(0.5);
      const { port } = submission ? published.submission : published.smtp;
      try {
        const { codes } = await talk(port, hostileTalk(chance, submission));
        const strange = codes.find(code => code < 200 || code > 599);
        if (strange !== undefined) throw new Error(`an answer begins with ${strange}`);
        watcher.readOn();
        if (nth % HONEST_AFTER === HONEST_AFTER - 1 || nth === iterations - 1) await honest(room, nth, watcher);
      } catch (error) {
        throw new Error(`seed ${seed}, letter ${nth}: ${String(error)}`, { cause: error });
      }
      bounded();
    }
  } finally {
    await room.close();
  }
}

async function honest(room: Room, nth: number, watcher: ReturnType<typeof openWatcher>): Promise<void> {
  const id = `<honest-${nth}@blue.example>`;
  const whole = `From: <${ALICE}>\r\nTo: <${BOB}>\r\nSubject: Lunch?\r\nMessage-ID: ${id}\r\n\r\nAt noon?\r\n.\r\n`;
  const port = room.published?.smtp.port ?? 0;
  const words = ['EHLO client.example', `MAIL FROM:<${ALICE}>`, `RCPT TO:<${BOB}>`, 'DATA', Buffer.from(whole)];
  const { codes } = await talk(port, words);
  if (codes.at(-1) !== 250) throw new Error(`the honest letter is refused with ${codes.at(-1) ?? 0}`);
  let shown = false;
  const isShown = (): boolean => {
    shown ||= watcher.readOn().includes(id);
    return shown;
  };
  if (!(await until(isShown))) throw new Error('the honest letter is not shown');
}
