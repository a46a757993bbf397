/** What the POP3 server promises the clients that people really use, and what it promises when a line drops. */
import { once } from 'node:events';
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createWorldClock, type WorldClock } from '../../../server/base/clock.ts';
import { createFaultBook } from '../../../server/base/faults.ts';
import { createOctetBudget } from '../../../server/base/octet-budget.ts';
import { type Maildir, openMaildir } from '../../../server/mailbox/maildir.ts';
import { createMaildrop } from '../../../server/mailbox/maildrop.ts';
import type { Listener, Network } from '../../../server/network/contract.ts';
import { type Pop3ServerOptions, startPop3Server } from '../../../server/pop3/server.ts';
import type { Fault } from '../../../shared/faults/fault.ts';
import type { LineVerb } from '../../../shared/faults/fields.ts';
import {
  installed,
  type Loopback,
  openLoopback,
  runProgram,
  temporaryFolder,
} from '../../help/loopback/pop3-loopback.ts';

const USER = 'bob@green.example';
const PASSWORD = 'two words ü';

let folder: string;
let removeFolder: () => Promise<void>;
let box: Loopback;
let maildir: Maildir;
let server: Listener;
let port: number;
let clock: WorldClock;
let faults: Fault[];

async function start(more: Partial<Pop3ServerOptions> = {}): Promise<void> {
  const drop = createMaildrop(USER, maildir);
  server = await startPop3Server({
    network: box.network,
    host: 'pop.green.example',
    authenticate: (user, password) => (user === USER && password === PASSWORD ? USER : null),
    maildrop: () => drop,
    recorder: box.recorder,
    clock,
    faults: createFaultBook(
      () => faults,
      (fault, where) => {
        box.recorder.append({ kind: 'fault.struck', fault, ...where });
        if (fault.times === 'next') faults = faults.filter(({ id }) => id !== fault.id);
      },
    ),
    ...more,
  });
  port = box.portOf('198.51.100.110', 110);
}

beforeEach(async () => {
  [folder, removeFolder] = await temporaryFolder();
  box = openLoopback();
  clock = createWorldClock();
  faults = [];
  maildir = await openMaildir(join(folder, 'bob'), 'pop.green.example');
});
afterEach(async () => {
  await server.close();
  await box.close();
  await removeFolder();
});

const DOTS = 'Subject: dots\r\n\r\n.\r\n..\r\n.dot\r\n...\r\nlast\r\n';
const BARE = 'Subject: bare\n\nline\n.\nno end';
const OCTETS = Buffer.concat([Buffer.from('Subject: octets\r\n\r\n'), Buffer.from([0, 0x80, 0xff, 0xc3, 13, 10])]);

/** A client that says lines and hears everything until a pattern, or the end. */
class Terminal {
  heard = '';
  readonly socket: Socket;
  readonly closed: Promise<void>;
  private wake: () => void = () => undefined;

  constructor() {
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    this.socket.on('error', () => undefined);
    this.socket.on('data', chunk => {
      this.heard += chunk.toString('latin1');
      this.wake();
    });
    this.closed = new Promise(resolve => {
      this.socket.once('end', resolve).once('close', () => resolve());
    });
    void this.closed.then(() => this.wake());
  }

  /** Resolves with what came since the last call, once it matches. */
  async until(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.heard)) {
      const ended = await Promise.race([
        this.closed.then(() => true),
        new Promise<boolean>(resolve => {
          this.wake = () => resolve(false);
        }),
      ]);
      if (ended && !pattern.test(this.heard)) throw new Error(`the end came before ${pattern}: ${this.heard}`);
    }
    const { heard } = this;
    this.heard = '';
    return heard;
  }

  say(text: string): void {
    this.socket.write(Buffer.from(text, 'utf8'));
  }

  async login(): Promise<string> {
    await this.until(/ready\r\n/);
    this.say(`USER ${USER}\r\nPASS ${PASSWORD}\r\n`);
    return this.until(/\r\n.*\r\n/s);
  }
}

const said = (what: unknown): string => (Buffer.isBuffer(what) ? what.toString('latin1') : JSON.stringify(what));
const kinds = (): string[] => box.facts.map(({ kind }) => kind);

describe('real clients', () => {
  test.skipIf(!installed('python3'))(
    'Python’s poplib reads everything octet for octet and removes one at QUIT',
    async () => {
      const files = [];
      for (const message of [DOTS, BARE, OCTETS]) files.push(await maildir.deliver(Buffer.from(message)));
      await start();
      const script = `
import json, poplib, sys
box = poplib.POP3('127.0.0.1', int(sys.argv[1]), timeout=20)
out = {'welcome': box.getwelcome().decode(), 'capa': sorted(box.capa())}
box.user(sys.argv[2]); box.pass_(sys.argv[3])
out['stat'] = box.stat()
out['list'] = [line.decode() for line in box.list()[1]]
out['uidl'] = [line.decode().split(' ')[1] for line in box.uidl()[1]]
out['octets'] = [box.retr(n)[0].decode() for n in (1, 2, 3)]
out['letters'] = [b''.join(line + b'\\r\\n' for line in box.retr(n)[1]).hex() for n in (1, 2, 3)]
out['top'] = [line.decode() for line in box.top(1, 2)[1]]
box.dele(3); box.rset(); box.dele(2)
try: box.retr(2)
except poplib.error_proto as e: out['deleted'] = str(e)
out['quit'] = box.quit().decode()
print(json.dumps(out))
`;
      const { stdout, stderr } = await runProgram('python3', ['-c', script, String(port), USER, PASSWORD]);
      expect(stderr).toBe('');
      const out = JSON.parse(stdout.toString('utf8'));
      const forms = [DOTS, 'Subject: bare\r\n\r\nline\r\n.\r\nno end\r\n', OCTETS].map(form => Buffer.from(form));
      const sizes = forms.map(({ length }) => length);
      expect(out.welcome).toBe('+OK pop.green.example POP3 mailscope ready');
      expect(out.capa).toContain('PIPELINING');
      expect(out.stat).toEqual([3, sizes.reduce((sum, size) => sum + size)]);
      expect(out.list).toEqual(sizes.map((size, index) => `${index + 1} ${size}`));
      expect(out.octets).toEqual(sizes.map(size => `+OK ${size} octets`));
      expect(out.letters).toEqual(forms.map(form => form.toString('hex')));
      expect(out.uidl).toEqual(files);
      expect(out.top).toEqual(['Subject: dots', '', '.', '..']);
      expect(out.deleted).toContain('-ERR');
      expect(out.quit).toMatch(/^\+OK /);
      expect((await maildir.list()).map(({ file }) => file)).toEqual([files[0], files[2]]);
      expect(box.facts).toMatchObject([
        { kind: 'mailbox.locked', host: 'pop.green.example', mailbox: USER, messages: 3, connection: 'c1' },
        { kind: 'mailbox.removed', mailbox: USER, file: files[1], connection: 'c1' },
        { kind: 'mailbox.unlocked', mailbox: USER, connection: 'c1' },
      ]);
    },
  );

  test.skipIf(!installed('curl')).each([
    ['AUTH PLAIN', ['--login-options', 'AUTH=PLAIN']],
    ['AUTH PLAIN with an initial response', ['--login-options', 'AUTH=PLAIN', '--sasl-ir']],
    ['whatever it likes', []],
  ])('curl logs in by %s and fetches a letter', async (_how, options) => {
    await maildir.deliver(Buffer.from(DOTS));
    await start();
    const url = `pop3://127.0.0.1:${port}/1`;
    const { stdout, status } = await runProgram('curl', ['-sS', '-u', `${USER}:${PASSWORD}`, ...options, url]);
    expect(status).toBe(0);
    expect(stdout.toString('latin1')).toBe(DOTS);
    expect(await maildir.list()).toHaveLength(1);
  });

  test.skipIf(!installed('curl'))('curl is told that its password is wrong', async () => {
    await start();
    const { status } = await runProgram('curl', ['-sS', '-u', `${USER}:wrong`, `pop3://127.0.0.1:${port}/`]);
    expect(status).toBe(67);
    expect(box.facts).toEqual([]);
  });

  test.skipIf(!installed('fetchmail'))('fetchmail collects everything and empties the mailbox', async () => {
    for (const message of [DOTS, BARE]) await maildir.deliver(Buffer.from(message));
    await start();
    const rc = join(folder, 'fetchmailrc');
    const kept = join(folder, 'kept');
    const poll = `poll 127.0.0.1 protocol pop3 port ${port} uidl user "${USER}" password "${PASSWORD}"`;
    await writeFile(rc, `${poll} sslproto '' no keep fetchall mda "/bin/cat >> ${kept}"\n`);
    await chmod(rc, 0o600);
    const { status, stderr } = await runProgram('fetchmail', ['-f', rc, '--nodetach', '--nosyslog'], {
      FETCHMAILHOME: folder,
      LC_ALL: 'C',
    });
    expect(status, stderr).toBe(0);
    expect(await maildir.list()).toEqual([]);
    expect(kinds()).toEqual(['mailbox.locked', 'mailbox.removed', 'mailbox.removed', 'mailbox.unlocked']);
  });
});

describe('the lock and the snapshot', () => {
  test('a second login is refused at once, and let in when the first is gone without a word', async () => {
    await maildir.deliver(Buffer.from(DOTS));
    await start();
    const first = new Terminal();
    expect(await first.login()).toMatch(/1 message/);
    const second = new Terminal();
    expect(await second.login()).toMatch(/-ERR \[IN-USE\] /);
    first.socket.resetAndDestroy();
    let answer = '-ERR [IN-USE]';
    while (answer.includes('[IN-USE]')) {
      second.say(`USER ${USER}\r\nPASS ${PASSWORD}\r\n`);
      answer = await second.until(/\r\n.*\r\n/s);
    }
    expect(answer).toMatch(/\+OK .*1 message/);
    second.socket.destroy();
  });

  test('the lock is given back before the goodbye is said, so that whoever comes right after it is let in', async () => {
    const sockets: { mock: { calls: unknown[][]; invocationCallOrder: number[] } }[] = [];
    const appended = vi.spyOn(box.recorder, 'append');
    const { network } = box;
    const listen: Network['listen'] = (host, on, accept) =>
      network.listen(host, on, (socket, peer) => {
        sockets.push(vi.spyOn(socket, 'write'));
        accept(socket, peer);
      });
    /** The place of the one call that says so in the order of all calls. */
    const placeOf = ({ mock }: (typeof sockets)[number], says: string): number | undefined =>
      mock.invocationCallOrder[mock.calls.findIndex(([what]) => said(what).includes(says))];
    await start({ network: { ...network, listen } });
    for (let count = 0; count < 3; count++) {
      appended.mockClear();
      const client = new Terminal();
      expect(await client.login()).not.toMatch(/-ERR/);
      client.say('QUIT\r\n');
      await client.until(/goodbye.*\r\n/);
      client.socket.end();
      const written = sockets[count];
      if (written === undefined) throw new Error('no connection came');
      expect(placeOf(appended, 'mailbox.unlocked')).toBeLessThan(placeOf(written, '+OK goodbye') ?? 0);
    }
  });

  test('what a client had said before it was gone is not done: its DELE and QUIT behind a letter it never read', async () => {
    await maildir.deliver(Buffer.from(`Subject: large\r\n\r\n${'0123456789abcdef\r\n'.repeat(1_000_000)}`));
    await start();
    const client = new Terminal();
    await client.login();
    client.socket.pause();
    client.say('RETR 1\r\nDELE 1\r\nQUIT\r\n');
    // The server has all three lines, and is stuck in its answer to the first.
    await once(client.socket, 'readable');
    client.socket.resetAndDestroy();
    await expect.poll(kinds).toContain('mailbox.unlocked');
    await server.close();
    expect(kinds()).toEqual(['mailbox.locked', 'mailbox.unlocked']);
    expect(await maildir.list()).toHaveLength(1);
  });

  test('new mail is not seen until the next session', async () => {
    await start();
    const client = new Terminal();
    await client.login();
    await maildir.deliver(Buffer.from(DOTS));
    client.say('STAT\r\nQUIT\r\n');
    expect(await client.until(/goodbye.*\r\n/)).toMatch(/^\+OK 0 0\r\n/);
    await client.closed;
    expect(await maildir.list()).toHaveLength(1);
    client.socket.destroy();
  });

  test.each<[string, (client: Terminal) => void]>([
    ['a reset', client => client.socket.resetAndDestroy()],
    ['a FIN without QUIT', client => client.socket.end()],
  ])('a connection lost by %s before QUIT removes nothing and gives the lock back', async (_how, lose) => {
    const file = await maildir.deliver(Buffer.from(DOTS));
    await start();
    const client = new Terminal();
    await client.login();
    client.say('RETR 1\r\nDELE 1\r\n');
    await client.until(/will be removed at QUIT\r\n/);
    lose(client);
    await server.close();
    expect(kinds()).toEqual(['mailbox.locked', 'mailbox.unlocked']);
    expect((await maildir.list()).map(stored => stored.file)).toEqual([file]);
    client.socket.destroy();
  });

  test('closing the server and running out of patience remove nothing, and say nothing', async () => {
    await maildir.deliver(Buffer.from(DOTS));
    await start();
    const client = new Terminal();
    await client.login();
    client.say('DELE 1\r\n');
    await client.until(/will be removed at QUIT\r\n/);
    // A message a minute is no silence.
    clock.jump(9 * 60_000);
    client.say('NOOP\r\n');
    await client.until(/\r\n/);
    clock.jump(9 * 60_000);
    client.say('NOOP\r\n');
    await client.until(/\r\n/);
    expect(clock.next()).toMatchObject({ what: 'pop.green.example waits for its POP3 client' });
    clock.jump(10 * 60_000);
    await client.closed;
    expect(client.heard).toBe('');
    expect(await maildir.list()).toHaveLength(1);
    expect(kinds()).toEqual(['mailbox.locked', 'mailbox.unlocked']);
    client.socket.destroy();
  });
});

describe('faults', () => {
  const answering = (verb: LineVerb, times: Fault['times'], client?: string): Fault => ({
    id: `f-${verb.toLowerCase()}`,
    kind: 'answer',
    at: { server: 'pop.green.example', port: 110, verb, ...(client !== undefined && { client }) },
    code: 500,
    text: `[SYS/TEMP] no ${verb} today`,
    times,
  });

  test('a greeting that is refused ends the connection, and the next one is welcome', async () => {
    faults = [answering('GREETING', 'next')];
    await start();
    const turnedAway = new Terminal();
    await turnedAway.closed;
    expect(turnedAway.heard).toBe('-ERR [SYS/TEMP] no GREETING today\r\n');
    expect(box.facts).toMatchObject([{ kind: 'fault.struck', host: 'pop.green.example', connection: 'c1' }]);
    const welcome = new Terminal();
    expect(await welcome.login()).toMatch(/\+OK .*0 messages/);
    for (const { socket } of [turnedAway, welcome]) socket.destroy();
  });

  test.each<[LineVerb, string, RegExp]>([
    [
      'USER',
      `USER ${USER}\r\nPASS x\r\nUSER ${USER}\r\nPASS ${PASSWORD}\r\n`,
      /^-ERR.*\r\n-ERR USER comes.*\r\n\+OK.*\r\n\+OK/,
    ],
    [
      'PASS',
      `USER ${USER}\r\nPASS ${PASSWORD}\r\nUSER ${USER}\r\nPASS ${PASSWORD}\r\n`,
      /^\+OK.*\r\n-ERR.*\r\n\+OK.*\r\n\+OK/,
    ],
    ['STAT', `USER ${USER}\r\nPASS ${PASSWORD}\r\nSTAT\r\nSTAT\r\n`, /\r\n-ERR.*\r\n\+OK 1 /],
    ['UIDL', `USER ${USER}\r\nPASS ${PASSWORD}\r\nuidl 1\r\nUIDL 1\r\n`, /\r\n-ERR.*\r\n\+OK 1 /],
    ['RETR', `USER ${USER}\r\nPASS ${PASSWORD}\r\nRETR 1\r\nRETR 1\r\n`, /\r\n-ERR.*\r\n\+OK \d+ octets/],
    ['DELE', `USER ${USER}\r\nPASS ${PASSWORD}\r\nDELE 1\r\nSTAT\r\n`, /\r\n-ERR.*\r\n\+OK 1 /],
  ])(
    '%s is answered with the fault’s text once, nothing is done, and the session goes on',
    async (verb, says, answers) => {
      await maildir.deliver(Buffer.from(DOTS));
      faults = [answering(verb, 'next')];
      await start();
      const client = new Terminal();
      await client.until(/ready\r\n/);
      client.socket.end(says);
      await client.closed;
      expect(client.heard).toMatch(answers);
      expect(client.heard).toContain(`-ERR [SYS/TEMP] no ${verb} today\r\n`);
      expect(kinds().filter(kind => kind === 'fault.struck')).toHaveLength(1);
      client.socket.destroy();
    },
  );

  test('a QUIT that is refused removes nothing, gives the lock back and hangs up', async () => {
    await maildir.deliver(Buffer.from(DOTS));
    faults = [answering('QUIT', 'always')];
    await start();
    const client = new Terminal();
    await client.login();
    client.say('DELE 1\r\nQUIT\r\n');
    await client.closed;
    expect(client.heard).toMatch(/^\+OK.*\r\n-ERR \[SYS\/TEMP\] no QUIT today\r\n$/);
    expect(kinds()).toEqual(['mailbox.locked', 'fault.struck', 'mailbox.unlocked']);
    expect(await maildir.list()).toHaveLength(1);
    client.socket.destroy();
  });

  test('it strikes only the client, the port and the server that it names', async () => {
    faults = [answering('GREETING', 'always', 'bobs-laptop.green.example')];
    const elsewhere = answering('GREETING', 'always');
    if (elsewhere.kind === 'answer')
      faults.push(
        { ...elsewhere, at: { ...elsewhere.at, port: 25 } },
        { ...elsewhere, at: { ...elsewhere.at, server: 'pop.blue.example' } },
      );
    await start();
    const client = new Terminal();
    expect(await client.login()).toMatch(/\+OK .*0 messages/);
    expect(kinds()).toEqual(['mailbox.locked']);
    client.socket.destroy();
  });
});

describe('the stream', () => {
  test('commands may come octet by octet', async () => {
    await maildir.deliver(Buffer.from(DOTS));
    await start();
    const client = new Terminal();
    client.socket.setNoDelay(true);
    await client.until(/ready\r\n/);
    for (const octet of Buffer.from(`USER ${USER}\r\nPASS ${PASSWORD}\r\nSTAT\r\n`, 'utf8')) {
      await new Promise(resolve => client.socket.write(Buffer.of(octet), resolve));
    }
    expect(await client.until(/\+OK 1 \d+\r\n/)).toContain(`+OK 1 ${DOTS.length}\r\n`);
    client.socket.destroy();
  });

  test('a client that says everything at once and hangs up its half gets every reply, in order', async () => {
    await maildir.deliver(Buffer.from(DOTS));
    await start();
    const client = new Terminal();
    client.socket.end(`USER ${USER}\r\nPASS ${PASSWORD}\r\nSTAT\r\nRETR 1\r\nDELE 1\r\nLIST\r\nQUIT\r\n`);
    await client.closed;
    const stuffed = DOTS.replaceAll('\r\n.', '\r\n..');
    expect(client.heard).toBe(
      '+OK pop.green.example POP3 mailscope ready\r\n' +
        '+OK now send PASS\r\n' +
        `+OK ${USER}, your maildrop has 1 message (${DOTS.length} octets)\r\n` +
        `+OK 1 ${DOTS.length}\r\n` +
        `+OK ${DOTS.length} octets\r\n${stuffed}.\r\n` +
        '+OK message 1 will be removed at QUIT\r\n' +
        '+OK 0 messages (0 octets)\r\n.\r\n' +
        '+OK goodbye, your maildrop is empty\r\n',
    );
    expect(await maildir.list()).toEqual([]);
    client.socket.destroy();
  });

  test('a line without end is refused and the session goes on; a bare LF ends no command', async () => {
    await start();
    const client = new Terminal();
    await client.until(/ready\r\n/);
    client.say('x'.repeat(300_000));
    client.say('\r\nNOOP\nCAPA\r\nCAPA\r\n');
    const answers = await client.until(/\r\n\.\r\n/);
    expect(answers).toMatch(/^-ERR that line is too long\r\n-ERR unknown command\r\n\+OK capability/);
    client.socket.destroy();
  });

  test('a client that does not read is waited for, and a large letter arrives whole', async () => {
    const large = Buffer.from(`Subject: large\r\n\r\n${'.0123456789\r\n'.repeat(500_000)}`, 'latin1');
    await maildir.deliver(large);
    await start();
    const client = new Terminal();
    await client.login();
    client.socket.pause();
    client.say('RETR 1\r\nRETR 1\r\nQUIT\r\n');
    client.socket.resume();
    await client.closed;
    const stuffed = large.toString('latin1').replaceAll('\r\n.', '\r\n..');
    const reply = `+OK ${large.length} octets\r\n${stuffed}.\r\n`;
    expect(client.heard === `${reply}${reply}+OK goodbye, 1 message left\r\n`).toBe(true);
    client.socket.destroy();
  });

  test('a mailbox that cannot be read is [SYS/TEMP], and is not left locked', async () => {
    await start();
    await rename(maildir.directory, `${maildir.directory}.away`);
    const client = new Terminal();
    expect(await client.login()).toMatch(/-ERR \[SYS\/TEMP\]/);
    await rename(`${maildir.directory}.away`, maildir.directory);
    client.say(`USER ${USER}\r\nPASS ${PASSWORD}\r\n`);
    expect(await client.until(/\r\n.*\r\n/s)).toMatch(/\+OK .*0 messages/);
    client.socket.destroy();
  });

  test('a message that cannot be removed is -ERR at QUIT, and the lock is given back', async () => {
    const file = await maildir.deliver(Buffer.from(DOTS));
    await start();
    const client = new Terminal();
    await client.login();
    // A folder in its place cannot be unlinked, by root neither.
    await rm(join(maildir.directory, 'new', file));
    await mkdir(join(maildir.directory, 'new', file));
    client.say('DELE 1\r\nQUIT\r\n');
    expect(await client.until(/\r\n.*\r\n/s)).toMatch(/-ERR some deleted messages not removed \(1\)\r\n$/);
    expect(kinds()).toEqual(['mailbox.locked', 'mailbox.unlocked']);
    client.socket.destroy();
  });

  test('a letter that is gone is an error for that command only', async () => {
    const file = await maildir.deliver(Buffer.from(DOTS));
    await start();
    const client = new Terminal();
    await client.login();
    await maildir.remove(file);
    client.say('RETR 1\r\nDELE 1\r\nQUIT\r\n');
    expect(await client.until(/goodbye.*\r\n/)).toMatch(/^-ERR \[SYS\/TEMP\].*\r\n\+OK .*\r\n\+OK /);
    client.socket.destroy();
  });
});

test('a letter that there is no room for now is an error that passes, and what was reserved is given back', async () => {
  await maildir.deliver(Buffer.from(DOTS));
  const budget = createOctetBudget(100);
  await start({ budget });
  const terminal = new Terminal();
  await terminal.login();
  budget.claim(90);
  terminal.say('RETR 1\r\n');
  expect(await terminal.until(/\r\n/)).toBe('-ERR [SYS/TEMP] too much mail is under way here, try again later\r\n');
  budget.release(90);
  terminal.say('RETR 1\r\nNOOP\r\n');
  expect(await terminal.until(/\r\n\.\r\n\+OK.*\r\n$/s)).toContain('Subject: dots');
  expect(budget.inUse()).toBe(0);
  terminal.socket.destroy();
});
