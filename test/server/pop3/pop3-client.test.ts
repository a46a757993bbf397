/** What a mail client's POP3 session promises: nothing is deleted before it is kept, and no server can confuse it. */

import type { Socket } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createWorldClock } from '../../../server/base/clock.ts';
import { noFaults } from '../../../server/base/faults.ts';
import { type Maildir, openMaildir } from '../../../server/mailbox/maildir.ts';
import { createMaildrop } from '../../../server/mailbox/maildrop.ts';
import type { Listener } from '../../../server/network/contract.ts';
import { type CollectOptions, type CollectOutcome, collect } from '../../../server/pop3/client.ts';
import { startPop3Server } from '../../../server/pop3/server.ts';
import { causeText } from '../../../shared/explain/causes.ts';
import { saying } from '../../fixtures/causes.ts';
import { type Loopback, openLoopback, temporaryFolder } from '../../help/loopback/pop3-loopback.ts';

/** At the end of what a scripted server says: it says that and hangs up. */
const HANG_UP = '\u0004';
const POP = { address: '198.51.100.110', port: 110 };

const clock = createWorldClock();

let box: Loopback;
beforeEach(() => {
  box = openLoopback();
});
afterEach(() => box.close());

type Asked = Partial<Omit<CollectOptions, 'socket'>>;
async function collectWith(asked: Asked = {}): Promise<CollectOutcome> {
  const { socket } = await box.network.dial('bobs-laptop.green.example', POP);
  return collect({ socket, user: 'bob', password: 'pw', keep: () => Promise.resolve(), clock, ...asked });
}

describe('with a real server', () => {
  let removeFolder: () => Promise<void>;
  let maildir: Maildir;
  let server: Listener;

  beforeEach(async () => {
    const [folder, remove] = await temporaryFolder();
    removeFolder = remove;
    maildir = await openMaildir(join(folder, 'bob'), 'pop.green.example');
    const drop = createMaildrop('bob@green.example', maildir);
    server = await startPop3Server({
      network: box.network,
      host: 'pop.green.example',
      authenticate: (user, password) => (user === 'bob' && password === 'pw' ? 'bob@green.example' : null),
      maildrop: () => drop,
      recorder: box.recorder,
      clock,
      faults: noFaults,
    });
  });
  afterEach(async () => {
    await server.close();
    await removeFolder();
  });

  test('every letter arrives octet for octet and is gone from the server', async () => {
    const letters = [
      'A: 1\r\n\r\n.\r\n..\r\n\r\n',
      '',
      '\r\n',
      '.\r\n',
      `B: 2\r\n\r\n${'.x'.repeat(40_000)}\r\n\xff\0\r\n`,
    ];
    for (const letter of letters) await maildir.deliver(Buffer.from(letter, 'latin1'));
    const kept: string[] = [];
    const keep = async (message: Buffer): Promise<void> => {
      kept.push(message.toString('latin1'));
    };
    expect(await collectWith({ keep })).toEqual({ kind: 'collected', messages: 5, left: [] });
    expect(kept).toEqual(letters);
    await server.close();
    expect(await maildir.list()).toEqual([]);
  });

  test('a letter that cannot be kept stays on the server, and so do those after it', async () => {
    const files = [];
    for (const name of ['a', 'b', 'c']) files.push(await maildir.deliver(Buffer.from(`S: ${name}\r\n\r\n`)));
    let count = 0;
    const keep = (): Promise<void> => (++count === 2 ? Promise.reject(new Error('disk full')) : Promise.resolve());
    const outcome = await collectWith({ keep });
    expect(outcome).toMatchObject({ kind: 'failed', stage: 'keep', messages: 1 });
    expect(outcome.kind === 'failed' && causeText(outcome.cause)).toContain('disk full');
    await server.close();
    expect((await maildir.list()).map(({ file }) => file)).toEqual(files.slice(1));
  });

  test('what is known is not fetched again; it is deleted, unless mail is to stay on the server', async () => {
    await maildir.deliver(Buffer.from('S: old\r\n\r\n'));
    const known = new Set((await maildir.list()).map(({ uidl }) => uidl));
    await maildir.deliver(Buffer.from('S: new\r\n\r\n'));
    const kept: string[] = [];
    const keep = async (message: Buffer): Promise<void> => {
      kept.push(message.toString('latin1'));
    };
    expect(await collectWith({ keep, known, leaveOnServer: true })).toEqual({
      kind: 'collected',
      messages: 1,
      left: (await maildir.list()).map(({ uidl }) => uidl),
    });
    expect(await maildir.list()).toHaveLength(2);
    expect(await collectWith({ keep, known })).toEqual({ kind: 'collected', messages: 1, left: [] });
    expect(kept).toEqual(['S: new\r\n\r\n', 'S: new\r\n\r\n']);
    await server.close();
    expect(await maildir.list()).toEqual([]);
  });

  test('a wrong password is told in the server’s own words', async () => {
    expect(await collectWith({ password: 'x' })).toEqual({
      kind: 'failed',
      stage: 'login',
      cause: { code: 'pop3-answered', text: '[AUTH] wrong user name or password' },
      messages: 0,
    });
  });

  test('broken off before QUIT it leaves everything on the server, says how much, and comes back for nothing it knows', async () => {
    for (const name of ['a', 'b']) await maildir.deliver(Buffer.from(`S: ${name}\r\n\r\n`));
    const kept = new Set<string>();
    const keep = async (_message: Buffer, uidl: string): Promise<void> => {
      kept.add(uidl);
    };
    expect(await collectWith({ keep, stopBeforeQuit: true })).toEqual({ kind: 'broken-off', messages: 2, deleted: 2 });
    expect(await maildir.list()).toHaveLength(2);
    const again = () => collectWith({ keep, known: kept, leaveOnServer: true });
    let outcome = await again();
    // The server may not have heard of the reset yet.
    while (outcome.kind === 'failed' && causeText(outcome.cause).includes('[IN-USE]')) outcome = await again();
    expect(outcome).toEqual({ kind: 'collected', messages: 0, left: [...kept] });
    expect(await maildir.list()).toHaveLength(2);
  });

  test('a password cannot smuggle in a command', async () => {
    const outcome = await collectWith({ password: 'pw\r\nDELE 1' });
    expect(outcome).toMatchObject({ kind: 'failed', stage: 'login' });
  });
});

describe('with a server that reads from a script', () => {
  /** Answers each line it hears with the next of `answers`, in pieces of `cut` octets; null hangs up, '' says nothing. */
  async function script(answers: readonly (string | null)[], cut = 1_000_000): Promise<string[]> {
    const heard: string[] = [];
    await box.network.listen('pop.green.example', 110, (socket: Socket) => {
      let next = 0;
      const answer = (): void => {
        const text = answers[next++];
        if (text === null || text === undefined) {
          socket.destroy();
          return;
        }
        socket.setNoDelay(true);
        if (text.endsWith(HANG_UP)) {
          socket.end(text.slice(0, -1), 'latin1');
          return;
        }
        for (let at = 0; at < text.length; at += cut) socket.write(text.slice(at, at + cut), 'latin1');
      };
      socket.on('error', () => undefined);
      socket.on('data', chunk => {
        heard.push(chunk.toString('latin1').trimEnd());
        answer();
      });
      socket.on('end', () => socket.end());
      answer();
    });
    return heard;
  }
  const HELLO = ['+OK hi\r\n', '+OK\r\n', '+OK\r\n'];

  test('an empty mailbox is left at once, one command at a time', async () => {
    const heard = await script([...HELLO, '+OK 0 0\r\n', '+OK\r\n']);
    expect(await collectWith()).toEqual({ kind: 'collected', messages: 0, left: [] });
    expect(heard).toEqual(['USER bob', 'PASS pw', 'STAT', 'QUIT']);
  });

  test('it does not matter where the octets are cut', async () => {
    const letter = 'S: x\r\n\r\n..\r\n...\r\n.\n\r\n..\r\n';
    const answers = [...HELLO, '+OK 1 9\r\n', '+OK\r\n1 id\r\n.\r\n', `+OK\r\n${letter}.\r\n`, '+OK\r\n', '+OK\r\n'];
    for (const cut of [1, 2, 3, 5, 7]) {
      const heard = await script(answers, cut);
      const kept: [string, string][] = [];
      const keep = async (message: Buffer, uidl: string): Promise<void> => {
        kept.push([uidl, message.toString('latin1')]);
      };
      expect(await collectWith({ keep })).toEqual({ kind: 'collected', messages: 1, left: [] });
      expect(kept).toEqual([['id', 'S: x\r\n\r\n.\r\n..\r\n\n\r\n.\r\n']]);
      expect(heard).toEqual(['USER bob', 'PASS pw', 'STAT', 'UIDL', 'RETR 1', 'DELE 1', 'QUIT']);
    }
  });

  test.each<[string, readonly (string | null)[], string]>([
    ['hangs up at once', [null], 'greeting'],
    ['speaks SMTP', ['220 mail ESMTP\r\n'], 'greeting'],
    ['never ends a line', ['x'.repeat(9000)], 'greeting'],
    ['refuses to serve', ['-ERR busy\r\n'], 'greeting'],
    ['does not know the user', ['+OK\r\n', '-ERR\r\n', '+OK\r\n'], 'login'],
    ['hangs up after the password', ['+OK\r\n', '+OK\r\n', null], 'login'],
    ['cannot count', [...HELLO, '+OK many\r\n'], 'listing'],
    ['has no UIDL', [...HELLO, '+OK 1 9\r\n', '-ERR\r\n', '+OK\r\n'], 'listing'],
    ['lists nonsense', [...HELLO, '+OK 1 9\r\n', '+OK\r\none two three\r\n.\r\n'], 'listing'],
    ['hangs up in a letter', [...HELLO, '+OK 1 9\r\n', '+OK\r\n1 a\r\n.\r\n', `+OK\r\nS: half${HANG_UP}`], 'retrieve'],
    [
      'deletes nothing',
      [...HELLO, '+OK 1 9\r\n', '+OK\r\n1 a\r\n.\r\n', '+OK\r\n.\r\n', '-ERR\r\n', '+OK\r\n'],
      'delete',
    ],
    ['fails to update', [...HELLO, '+OK 0 0\r\n', '-ERR some deleted messages not removed\r\n'], 'quit'],
  ])('a server that %s is a failure with a sentence', async (_what, answers, stage) => {
    await script(answers);
    const outcome = await collectWith({ timeout: 2000 });
    expect(outcome).toMatchObject({ kind: 'failed', stage, cause: saying(/^The .*\S$/) });
  });

  test('a silent server is given up', async () => {
    await script(['']);
    const collecting = collectWith();
    await vi.waitUntil(() => clock.next()?.what === 'a mail client waits for its POP3 server');
    clock.jump(10 * 60_000);
    expect(await collecting).toEqual({
      kind: 'failed',
      stage: 'greeting',
      cause: { code: 'pop3-silent' },
      messages: 0,
    });
  });

  test('whatever a server says, the client ends with an outcome', async () => {
    const piece = fc.constantFrom(
      '+OK\r\n',
      '-ERR no\r\n',
      '+OK 2 20\r\n',
      '.\r\n',
      '1 a\r\n',
      '\r\n',
      '\0',
      '..',
      '+ \r\n',
    );
    const words = fc.array(piece, { maxLength: 4 }).map(parts => parts.join(''));
    const answers = fc.array(fc.oneof(words, fc.constant(null)), { maxLength: 9 });
    await fc.assert(
      fc.asyncProperty(answers, async said => {
        await script([...said, null]);
        expect((await collectWith({ timeout: 30 })).kind).toMatch(/^(collected|failed)$/);
      }),
      { numRuns: 60 },
    );
  });
});
