/** Programs that we did not write use the world through its published ports, and what they say is a story like any other. */
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ANY_PORTS } from '../../../server/rooms/publish.ts';
import type { Room } from '../../../server/rooms/room.ts';
import { openRoom } from '../../../server/rooms/room.ts';
import { latin1 } from '../../../shared/bytes.ts';
import { createStoryteller } from '../../../shared/reading/storyteller.ts';
import { sceneAt } from '../../../shared/story/scene.ts';
import type { Story } from '../../../shared/story/story.ts';
import { decodeTrace, encodeTrace } from '../../../shared/trace/codec.ts';
import type { TraceEvent } from '../../../shared/trace/event.ts';
import { blueAndGreen } from '../../../shared/world/presets.ts';
import { installed, runProgram, temporaryFolder } from '../../help/loopback/pop3-loopback.ts';

const ALICE = 'alice@blue.example';
const BOB = 'bob@green.example';
const SECRET = { [ALICE]: 'alice-wonder-7', [BOB]: 'bob-builds-4' } as const;
const BODY = 'Grüße! 🎉\r\n.\r\n..dots\r\n';

let folder: string;
let removeFolder: () => Promise<void>;
let room: Room;
beforeEach(async () => {
  [folder, removeFolder] = await temporaryFolder();
  room = await openRoom({
    world: blueAndGreen,
    data: null,
    ports: ANY_PORTS,
  });
});
afterEach(async () => {
  await room.close();
  await removeFolder();
});

const portOf = (kind: 'submission' | 'smtp' | 'pop3' | 'dns'): string => String(room.published?.[kind].port);
const letterFile = async (): Promise<string> => {
  const file = join(folder, 'letter');
  await writeFile(file, `From: ${ALICE}\r\nTo: ${BOB}\r\nSubject: Lunch?\r\n\r\n${BODY}`);
  return file;
};
/** What it printed. */
const run = async (program: string, ...args: string[]): Promise<string> => {
  const ran = await runProgram(program, args, { HOME: folder, FETCHMAILHOME: folder, LC_ALL: 'C' });
  expect(ran.status, ran.stderr).toBe(0);
  return ran.stdout.toString('utf8');
};

/** Resolves once `satisfied` by everything recorded. */
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
const count = (events: readonly TraceEvent[], kind: TraceEvent['kind']): number =>
  events.filter(event => event.kind === kind).length;
/** Everybody has hung up, and the queue has done what it had to do. */
const quiet = (letters: number) =>
  until(
    events =>
      count(events, 'tcp.opened') > 0 &&
      count(events, 'tcp.opened') === count(events, 'tcp.closed') &&
      count(events, 'mail.stored') >= letters &&
      count(events, 'mail.queued') === count(events, 'mail.dequeued'),
  );

/** The story of all that crossed: every octet shown once, in whole commands, replies and messages. */
function storyOfAll(): Story {
  const events = room.recorder.events(1);
  const text = encodeTrace(room.recorder.header, events);
  for (const secret of Object.values(SECRET)) {
    expect(text).not.toContain(secret);
    expect(text).not.toContain(Buffer.from(secret).toString('base64'));
  }
  const decoded = decodeTrace(text);
  if (!decoded.ok) throw new Error(decoded.message);
  const story = createStoryteller(decoded.header).append(decoded.events);
  const crossed = new Map<string, string>();
  const shown = new Map<string, string>();
  const add = (to: Map<string, string>, key: string, bytes: Uint8Array) =>
    to.set(key, (to.get(key) ?? '') + latin1(bytes));
  for (const event of events) {
    if (event.kind === 'wire.bytes') add(crossed, `${event.connection} ${event.from}`, event.bytes);
    if (event.kind === 'udp.datagram')
      add(crossed, `${event.exchange} ${event.to.port === 53 ? 'client' : 'server'}`, event.bytes);
  }
  for (const line of story.lines) {
    if (line.from === 'aside') continue;
    add(shown, `${line.connection} ${line.from}`, line.bytes);
    if (line.protocol === 'dns') expect(['question', 'answer']).toContain(line.role);
    else expect(latin1(line.bytes), line.text).toMatch(line.role === 'content' ? /(?:^|\r\n)\.\r\n$/ : /\r\n$/);
  }
  expect(shown).toEqual(crossed);
  const { state } = sceneAt(story, story.end);
  expect(state.connections).toEqual([]);
  for (const beat of story.beats) expect(beat.caption.title, beat.name).not.toBe('');
  return story;
}
const said = (story: Story, from: 'client' | 'server'): string[] =>
  story.lines.flatMap(line => (line.from === from ? [line.text] : []));
const roles = (story: Story): Set<string> => new Set(story.lines.map(line => `${line.protocol} ${line.role}`));
const places = (story: Story): string[] => sceneAt(story, story.end).state.letters.map(letter => letter.place);

describe('a letter is submitted as Alice by', () => {
  const arrives = async (): Promise<Story> => {
    await quiet(1);
    const story = storyOfAll();
    expect(said(story, 'server').filter(text => /^[45]/.test(text))).toEqual([]);
    expect(said(story, 'server')).toContainEqual(expect.stringMatching(/^250 2\.0\.0 Ok: queued as /));
    expect(said(story, 'server')).toContainEqual(expect.stringMatching(/^250 2\.0\.0 Ok: stored as /));
    expect(places(story)).toEqual(['mailbox']);
    return story;
  };

  test.skipIf(!installed('curl'))('curl', async () => {
    const to = ['--mail-from', ALICE, '--mail-rcpt', BOB, '-u', `${ALICE}:${SECRET[ALICE]}`];
    await run(
      'curl',
      '-sS',
      ...to,
      '-T',
      await letterFile(),
      `smtp://127.0.0.1:${portOf('submission')}/laptop.example`,
    );
    expect(said(await arrives(), 'client')).toContain('QUIT');
  });

  test.skipIf(!installed('swaks')).each(['PLAIN', 'LOGIN'])('swaks with AUTH %s', async mechanism => {
    const at = ['--server', '127.0.0.1', '--port', portOf('submission'), '--helo', 'laptop.example'];
    const auth = ['--auth', mechanism, '--auth-user', ALICE, '--auth-password', SECRET[ALICE]];
    await run('swaks', ...at, ...auth, '--from', ALICE, '--to', BOB, '--body', '.dot');
    await arrives();
  });

  test.skipIf(!installed('msmtp'))('msmtp', async () => {
    const file = await letterFile();
    const options = `-C /dev/null --host=127.0.0.1 --port=${portOf('submission')} --auth=plain --user=${ALICE}`;
    const login = `--passwordeval='echo ${SECRET[ALICE]}' --tls=off --from=${ALICE} ${BOB}`;
    await run('sh', '-c', `tr -d '\\r' < ${file} | msmtp ${options} ${login}`);
    await arrives();
  });

  test.skipIf(!installed('python3'))('Python’s smtplib', async () => {
    const script = `
import smtplib
with smtplib.SMTP('127.0.0.1', ${portOf('submission')}, 'laptop.example') as smtp:
    smtp.login('${ALICE}', '${SECRET[ALICE]}')
    smtp.sendmail('${ALICE}', ['${BOB}'], open('${await letterFile()}', 'rb').read())
`;
    await run('python3', '-c', script);
    await arrives();
  });

  test('nodemailer', async () => {
    const at = { host: '127.0.0.1', port: Number(portOf('submission')), secure: false, ignoreTLS: true };
    const transport = createTransport({ ...at, auth: { user: ALICE, pass: SECRET[ALICE] } });
    await transport.sendMail({ from: ALICE, to: BOB, subject: 'Lunch?', text: BODY });
    transport.close();
    await arrives();
  });
});

describe('a letter is brought to the exchanger by', () => {
  test.skipIf(!installed('swaks'))('swaks, which does not wait for replies, and for one of two', async () => {
    const at = ['--server', '127.0.0.1', '--port', portOf('smtp'), '--helo', 'elsewhere.example', '--pipeline'];
    await run('swaks', ...at, '--from', 'eve@elsewhere.example', '--to', `${BOB},nobody@green.example`);
    await quiet(1);
    const story = storyOfAll();
    expect(said(story, 'server')).toContainEqual(expect.stringMatching(/^550 5\.1\.1 /));
    expect(places(story)).toEqual(['mailbox']);
  });

  test.skipIf(!installed('curl'))('curl, with every octet there is', async () => {
    const file = join(folder, 'octets');
    const octets = Buffer.from([...Array(256).keys()].filter(octet => octet !== 10 && octet !== 13));
    const long = Buffer.concat(Array.from({ length: 998 }, () => Buffer.from('x')));
    const letter = Buffer.concat([
      Buffer.from('Subject: x\r\n\r\n'),
      octets,
      Buffer.from('\r\n'),
      long,
      Buffer.from('\r\n'),
    ]);
    await writeFile(file, letter);
    const to = ['--mail-from', 'eve@elsewhere.example', '--mail-rcpt', BOB];
    await run('curl', '-sS', ...to, '-T', file, `smtp://127.0.0.1:${portOf('smtp')}/elsewhere.example`);
    await quiet(1);
    storyOfAll();
    const fetched = join(folder, 'fetched');
    const login = ['-u', `${BOB}:${SECRET[BOB]}`, '-o', fetched];
    await run('curl', '-sS', ...login, `pop3://127.0.0.1:${portOf('pop3')}/1`);
    const received = await readFile(fetched);
    expect(received.subarray(received.length - letter.length).equals(letter)).toBe(true);
  });
});

describe('Bob’s mail, sent by Alice’s own client, is collected by', () => {
  beforeEach(async () => {
    await room.send({ from: { address: ALICE }, to: [BOB], subject: 'Lunch?', text: BODY })?.finished;
  });
  const collected = async (removed: number): Promise<Story> => {
    await quiet(1);
    const story = storyOfAll();
    expect(count(room.recorder.events(1), 'mailbox.removed')).toBe(removed);
    expect(roles(story)).toContain('pop3 content');
    expect(said(story, 'server').filter(text => text.startsWith('-ERR'))).toEqual([]);
    return story;
  };

  test.skipIf(!installed('curl'))('curl, which leaves it there', async () => {
    const login = ['-u', `${BOB}:${SECRET[BOB]}`];
    const printed = await run('curl', '-sS', ...login, `pop3://127.0.0.1:${portOf('pop3')}/1`);
    expect(printed).toContain('Return-Path: <alice@blue.example>');
    const story = await collected(0);
    expect(sceneAt(story, story.end).state.hosts['pop.green.example']?.mailbox).toBe(1);
  });

  test.skipIf(!installed('fetchmail'))('fetchmail, which takes it along', async () => {
    const rc = join(folder, 'fetchmailrc');
    const poll = `poll 127.0.0.1 protocol pop3 port ${portOf('pop3')} uidl user "${BOB}" password "${SECRET[BOB]}"`;
    await writeFile(rc, `${poll} sslproto '' no keep fetchall mda "/bin/cat >> ${join(folder, 'kept')}"\n`);
    await chmod(rc, 0o600);
    await run('fetchmail', '-f', rc, '--nodetach', '--nosyslog');
    expect(await readFile(join(folder, 'kept'), 'utf8')).toContain('Subject: Lunch?');
    await collected(1);
  });

  test.skipIf(!installed('python3'))('Python’s poplib, which looks at everything', async () => {
    const script = `
import poplib
pop = poplib.POP3('127.0.0.1', ${portOf('pop3')})
pop.capa(); pop.user('${BOB}'); pop.pass_('${SECRET[BOB]}')
pop.stat(); pop.list(); pop.uidl(); pop.list(1); pop.top(1, 1); pop.noop(); pop.retr(1); pop.dele(1); pop.rset(); pop.dele(1)
pop.quit()
`;
    await run('python3', '-c', script);
    await collected(1);
  });
});

test.skipIf(!installed('python3'))('Bob answers from outside, and Alice collects from outside', async () => {
  const script = `
import smtplib
with smtplib.SMTP('127.0.0.1', ${portOf('submission')}, 'laptop.example') as smtp:
    smtp.login('${BOB}', '${SECRET[BOB]}')
    smtp.sendmail('${BOB}', ['${ALICE}'], b'Subject: Re: Lunch?\\r\\n\\r\\nYes!\\r\\n')
`;
  await run('python3', '-c', script);
  await quiet(1);
  const fetch = `
import poplib
pop = poplib.POP3('127.0.0.1', ${portOf('pop3')})
pop.user('${ALICE}'); pop.pass_('${SECRET[ALICE]}')
print(b'|'.join(pop.retr(1)[1]).decode()); pop.dele(1); pop.quit()
`;
  expect(await run('python3', '-c', fetch)).toMatch(/^Return-Path: <bob@green\.example>\|.*\|\|Yes!\n$/);
  await quiet(1);
  const story = storyOfAll();
  expect(said(story, 'server').filter(text => /^(?:[45]|-ERR)/.test(text))).toEqual([]);
});

test.skipIf(!installed('dig'))('dig asks over UDP and TCP, and each question has its answer', async () => {
  const ask = (...how: string[]) => run('dig', '@127.0.0.1', '-p', portOf('dns'), '+short', ...how);
  expect(await ask('MX', 'green.example')).toBe('10 mx1.green.example.\n20 mx2.green.example.\n');
  expect(await ask('+tcp', 'A', 'mx1.green.example')).toMatch(/^198\.51\.100\.\d+\n$/);
  expect(await ask('TXT', 'nowhere.green.example')).toBe('');
  await quiet(0);
  const dns = storyOfAll().lines.filter(line => line.protocol === 'dns');
  expect(dns.map(line => line.role)).toEqual(['question', 'answer', 'question', 'answer', 'question', 'answer']);
  expect(dns.every(line => line.client === 'your-computer.example')).toBe(true);
});

test('who guesses passwords has to dial again after five wrong ones', async () => {
  const guess = async (kind: 'submission' | 'pop3', hello: string, attempt: string): Promise<string> => {
    const socket = createConnection(Number(portOf(kind)), '127.0.0.1');
    let heard = '';
    socket.setEncoding('latin1').on('data', (text: string) => {
      heard += text;
    });
    socket.write(hello + attempt.repeat(9));
    await new Promise(resolve => socket.once('close', resolve));
    return heard;
  };
  const plain = Buffer.from(`\0${ALICE}\0wrong`).toString('base64');
  const smtp = await guess('submission', 'EHLO x.example\r\n', `AUTH PLAIN ${plain}\r\n`);
  expect(smtp.match(/^535 /gm)).toHaveLength(5);
  expect(smtp).toMatch(/\r\n421 4\.7\.0 .*too many failed logins.*\r\n$/);
  const pop3 = await guess('pop3', '', `USER ${BOB}\r\nPASS wrong\r\n`);
  expect(pop3.match(/^-ERR \[AUTH\]/gm)).toHaveLength(5);
  expect(pop3).toMatch(/too many failed logins, goodbye\r\n$/);
  await quiet(0);
  storyOfAll();
});
