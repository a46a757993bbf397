/** The command line keeps its contract: one line when ready, one sentence when not, and the right exit status. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readArguments } from '../../server/cli/usage.ts';
import { decodeTrace } from '../../shared/trace/codec.ts';
import { blueAndGreen } from '../../shared/world/presets.ts';

const BIN = fileURLToPath(new URL('../../bin/mailscope.js', import.meta.url));
const ANY = ['--port', '--submission-port', '--smtp-port', '--pop3-port', '--dns-port'].flatMap(option => [
  option,
  '0',
]);

let folder: string;
let children: ChildProcess[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mailscope-cli-'));
  children = [];
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

const pretty = (world: object): string => JSON.stringify(world, null, 2);
/** More hosts than a stage can show. */
const crowd = Array.from({ length: 15 }, (_, nth) => ({
  id: `mx${nth + 3}.green.example`,
  kind: 'server',
  label: `Exchanger ${nth + 3}`,
  domain: 'green.example',
  addresses: [`198.51.100.${nth + 150}`],
  services: ['smtp'],
}));
/** The default world with one record more in its first zone. */
const withRecord = (record: object): string => {
  const [first, ...zones] = blueAndGreen.zones;
  return JSON.stringify({
    ...blueAndGreen,
    zones: [{ ...first, records: [...(first?.records ?? []), record] }, ...zones],
  });
};

interface Run {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly exit: Promise<{ code: number | null; stdout: string; stderr: string }>;
  /** Resolves with the first line of stdout. */
  readonly line: Promise<string>;
}
function start(...args: string[]): Run {
  const child = spawn(process.execPath, [BIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let stdout = '';
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  const line = new Promise<string>((resolve, reject) => {
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
      if (stdout.includes('\n')) resolve(stdout.slice(0, stdout.indexOf('\n')));
    });
    child.once('close', () => reject(new Error(`no line; stderr: ${stderr}`)));
  });
  // Whoever only wants the exit does not look at the line.
  line.catch(() => undefined);
  const exit = new Promise<{ code: number | null; stdout: string; stderr: string }>(resolve =>
    child.once('close', code => resolve({ code, stdout, stderr })),
  );
  return { child, stdout: () => stdout, exit, line };
}

describe('serve', () => {
  test('says in one line of JSON where everything is, and ends in order when asked', async () => {
    const served = start('serve', '--json', '--data', 'none', ...ANY);
    const ready = JSON.parse(await served.line) as { url: string; dns: { port: number } };
    expect(ready).toMatchObject({
      ready: true,
      submission: { host: '127.0.0.1' },
      users: [{ address: 'alice@blue.example', user: 'alice@blue.example', password: 'alice-wonder-7' }, {}],
    });
    expect(await (await fetch(new URL('/healthz', ready.url))).json()).toEqual({ ok: true });
    served.child.kill('SIGTERM');
    expect(await served.exit).toMatchObject({ code: 0, stdout: `${JSON.stringify(ready)}\n` });
  });

  test('says where the audience comes in, and lets it in there', async () => {
    const served = start('serve', '--json', '--data', 'none', '--audience', '127.0.0.1:0', ...ANY);
    const ready = JSON.parse(await served.line) as { audience: string[] };
    expect(ready.audience).toEqual([expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/$/)]);
    const at = (path: string) => fetch(new URL(path, ready.audience[0]));
    expect((await at('/healthz')).status).toBe(200);
    expect((await at('/api/world')).status).toBe(404);
    served.child.kill('SIGTERM');
    expect(await served.exit).toMatchObject({ code: 0 });
  });

  test('a taken port is one sentence that names the option', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise(resolve => taken.once('listening', resolve));
    const address = taken.address();
    const port = typeof address === 'object' && address ? `${address.port}` : '';
    for (const option of ['--port', '--smtp-port', '--pop3-port']) {
      const { code, stdout, stderr } = await start('--data', 'none', ...ANY, option, port).exit;
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(
        new RegExp(
          `^(mailscope: building the page…\\n)?mailscope: Port ${port} on 127\\.0\\.0\\.1 is already in use; .*${option} .*\\n$`,
        ),
      );
    }
    await new Promise(resolve => taken.close(resolve));
  });

  test('a data folder that cannot be used is one sentence', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    const places = [file, join(file, 'data'), '/proc/mailscope'];
    for (const taken of ['mail', 'queue', 'clients', 'lock/x', 'mail/bob@green.example/new']) {
      const place = join(folder, `${places.length}`);
      await mkdir(join(place, taken, '..'), { recursive: true });
      await writeFile(join(place, taken), '');
      places.push(place);
    }
    for (const place of places) {
      const { code, stdout, stderr } = await start('--data', place, ...ANY).exit;
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(
        /^mailscope: The data folder .* cannot be written \([A-Z_]+\); choose another with --data\.\n$/,
      );
    }
  }, 120_000);

  test('listens on ::1 where it is told to, and its ports are taken for the next one', async () => {
    const first = start('--json', '--data', 'none', '--host', '::1', ...ANY);
    const ready = JSON.parse(await first.line) as Record<string, { host: string; port: number }> & { url: string };
    expect(ready.url).toMatch(/^http:\/\/\[::1\]:\d+\/$/);
    expect(await (await fetch(new URL('/healthz', ready.url))).json()).toEqual({ ok: true });
    for (const kind of ['submission', 'smtp', 'pop3', 'dns']) {
      const port = `${ready[kind]?.port}`;
      const second = await start('--data', 'none', '--host', '::1', ...ANY, `--${kind}-port`, port).exit;
      expect(second).toMatchObject({ code: 1, stdout: '' });
      expect(second.stderr).toContain(`Port ${port} on ::1 is already in use`);
    }
    first.child.kill('SIGTERM');
    expect(await first.exit).toMatchObject({ code: 0 });
  });

  test.each([
    ['{', /is not JSON/],
    [
      JSON.stringify({ ...blueAndGreen, dns: 'nobody.example' }),
      /line \d+ \(dns\): there is no host nobody\.example\./,
    ],
    [JSON.stringify({ ...blueAndGreen, hosts: 5 }), /line \d+ \(hosts\): must be an array\./],
    [JSON.stringify({ ...blueAndGreen, domains: [], users: [] }), /line \d+ \(domains\): there must be at least one\./],
    [
      withRecord({ type: 'A', name: 'x.blue.example', ttl: 1, data: '999.1.1.1' }),
      /"999\.1\.1\.1" is not an IPv4 address\./,
    ],
    [withRecord({ type: 'TXT', name: 'blue.example', ttl: 1, data: ['é'.repeat(200)] }), /zone blue\.example: /],
    [
      withRecord({ type: 'MX', name: 'blue.example', ttl: 1, preference: 5, exchange: 'gone.blue.example' }),
      /line \d+ \(zones\.0\.records\.\d+\): There is no host gone\.blue\.example in this world: .*"mistakes": "deliberate"/,
    ],
    [
      pretty({ ...blueAndGreen, users: [...blueAndGreen.users, ...blueAndGreen.users.slice(0, 1)] }),
      /line (?!1 )\d+ \(users\.2\.address\): two users are called alice@blue\.example\./,
    ],
    [
      pretty({ ...blueAndGreen, hosts: blueAndGreen.hosts.map(({ domain: _, ...host }) => host) }),
      /line (?!1 )\d+ \(hosts\.0\): the host alices-laptop\.blue\.example belongs to no domain\./,
    ],
    [
      pretty({ ...blueAndGreen, hosts: [...blueAndGreen.hosts, ...crowd] }),
      /line (?!1 )\d+ \(hosts\.\d+\): a world has at most 20 hosts, and this is one more\./,
    ],
  ])('a broken world is one sentence (%#)', async (content, sentence) => {
    const file = join(folder, 'world.json');
    await writeFile(file, content);
    const { code, stderr } = await start('--world', file, '--data', 'none', ...ANY).exit;
    expect(code).toBe(1);
    expect(stderr).toMatch(sentence);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  test('a second mailscope does not touch the first one’s folder', async () => {
    const first = start('--data', folder, ...ANY);
    expect(await first.line).toMatch(/^mailscope is running: http:\/\/127\.0\.0\.1:\d+\/$/);
    const { code, stderr } = await start('--data', folder, ...ANY).exit;
    expect(code).toBe(1);
    expect(stderr).toContain(`is used by another mailscope (process ${first.child.pid})`);
    first.child.kill('SIGINT');
    expect(await first.exit).toMatchObject({ code: 0 });
  });
});

describe('send', () => {
  const alice = ['send', '--from', 'alice@blue.example', '--subject', 'Lunch?', '--body', 'Noon?'];

  test('prints the conversation and the verdict, and writes the trace', async () => {
    const output = join(folder, 'run.trace.ndjson');
    const { code, stdout, stderr } = await start(...alice, '--to', 'bob@green.example', '-o', output).exit;
    expect([code, stderr]).toEqual([0, '']);
    for (const line of ['-> RCPT TO:<bob@green.example>', '<- 250 2.1.5 Ok', '-> ? MX green.example', '-> RETR 1'])
      expect(stdout.split('\n')).toContain(line);
    expect(stdout).toMatch(/\nDelivered to bob@green\.example\.\n$/);
    expect(stdout).not.toContain('alice-wonder');
    const trace = await readFile(output, 'utf8');
    expect(decodeTrace(trace)).toMatchObject({ ok: true });
    expect(trace).not.toContain('bob-builds');
  });

  test('says why a letter did not arrive, and fails', async () => {
    const { code, stdout } = await start(...alice, '--to', 'bob@green.example', '--to', 'eve@gmail.com').exit;
    expect(code).toBe(1);
    expect(stdout).toMatch(/\nRefused for eve@gmail\.com: .*outside this world/);
    expect(stdout).toContain('\nDelivered to bob@green.example.\n');
  });

  test.each([
    [[...alice, '--to', 'not an address'], 2, 'not an address is not an e-mail address'],
    [['send', '--from', 'eve@blue.example', '--to', 'bob@green.example'], 2, 'There is no user eve@blue.example'],
    [[...alice, '--to', 'bob@green.example', '-o', '/nonexistent/run.trace.ndjson'], 1, 'cannot be written (ENOENT)'],
  ])('bad input is one sentence (%#)', async (args, status, sentence) => {
    const { code, stdout, stderr } = await start(...args).exit;
    expect(code).toBe(status);
    expect(stderr).toContain(sentence);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stdout, 'no journey is made for nothing').toBe('');
  });
});

describe('usage', () => {
  test.each([
    ['--prot', '1'],
    ['--port', 'x'],
    ['--port', '65536'],
    ['--port', '-1'],
    ['--port', '--json'],
    ['--port'],
    ['serve', 'extra'],
    ['--host', '127.0.0.999'],
    ['--host', '0.0.0.0'],
    ['--audience', '4026'],
    ['--audience', '0.0.0.0'],
    ['--audience', '0.0.0.0:65536'],
    ['--audience', '::1:4026'],
    ['--audience', 'laptop.local:4026'],
    ['--data', ''],
    ['fly'],
    ['export', 'run.trace.ndjson'],
    ['send', '--to', 'bob@green.example'],
    ['send', '--from', 'alice@blue.example'],
    ['--resolver', '127.0.0.1'],
    ['--resolver', '127.0.0.1:0'],
    ['--resolver', '::1:53'],
    ['--resolver', '192.0.2.1:53'],
    ['--resolver', 'ns.example.com:53'],
    ['--mx-port', '0'],
    ['--mx-port', '65536'],
    ['--retry', ''],
    ['--retry', '1s,,2s'],
    ['--retry', '0s'],
    ['--retry', '1.5s'],
    ['--retry', '5'],
    ['--give-up', '2w'],
    ['--give-up', '9999d'],
  ])('%s %s is wrong, with a sentence', (...args) => {
    expect(() => readArguments(args, {})).toThrow(
      expect.objectContaining({ exit: 2, message: expect.stringMatching(/\.$/) as string }),
    );
  });

  test('the state folder is the user’s own', () => {
    expect(readArguments([], { XDG_STATE_HOME: '/state' })).toMatchObject({
      command: 'serve',
      data: '/state/mailscope',
      port: 4025,
      dns: 2053,
    });
    expect(readArguments(['--data', 'none'], {})).toMatchObject({ data: null });
  });

  test.each([
    ['0.0.0.0:4026', { host: '0.0.0.0', port: 4026 }],
    ['192.0.2.7:0', { host: '192.0.2.7', port: 0 }],
    ['[2001:db8::7]:80', { host: '2001:db8::7', port: 80 }],
    ['localhost:4026', { host: '127.0.0.1', port: 4026 }],
  ])('the audience comes in at %s', (given, audience) => {
    expect(readArguments(['--audience', given], {})).toMatchObject({ audience, host: '127.0.0.1' });
    expect(readArguments([], {})).toMatchObject({ audience: null });
  });

  test.each([['serve'], ['send', '--from', 'alice@blue.example', '--to', 'bob@green.example']])(
    '%s is told of real servers and of patience',
    (...command) => {
      const plain = { world: null, outside: { resolver: null, mxPort: null }, retry: {} };
      expect(readArguments(command, {})).toMatchObject(plain);
      const given = ['--resolver', 'localhost:5353', '--mx-port', '10025', '--retry', '1s, 2m,1h', '--give-up', '5d'];
      expect(readArguments([...command, ...given], {})).toMatchObject({
        outside: { resolver: { address: '127.0.0.1', port: 5353 }, mxPort: 10_025 },
        retry: { after: [1, 120, 3600], giveUpAfter: 432_000 },
      });
      expect(readArguments([...command, '--resolver', '[::1]:53'], {})).toMatchObject({
        outside: { resolver: { address: '::1', port: 53 } },
      });
    },
  );

  test('help and version succeed', async () => {
    expect(await start('--help').exit).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/--submission-port .*--resolver .*--mx-port .*--retry .*--give-up /s) as string,
    });
    expect(await start('--version').exit).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string,
    });
    expect(await start('fly').exit).toMatchObject({ code: 2, stdout: '' });
  });
});
