/** Servers that nobody here wrote, started for a test on loopback: Debian’s Postfix as somebody’s exchanger, NSD and BIND as their DNS. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';

/** Debian has them where only root looks. */
const env = { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` };

export const lacks = (program: string): boolean => spawnSync(program, ['-h'], { env }).error !== undefined;
/** Postfix changes users, so that it needs root to start. */
export const lacksPostfix = (): boolean => process.getuid?.() !== 0 || lacks('postfix');

export interface RealServer {
  readonly port: number;
  stop(): Promise<void>;
}
export interface Postfix extends RealServer {
  /** The letters in the mailbox of one of its users, as it stored them. */
  letters(user: string): Promise<readonly string[]>;
}

/** A port that is free for TCP and for UDP. */
async function freePort(): Promise<number> {
  for (;;) {
    const tcp = createServer().listen(0, '127.0.0.1');
    await once(tcp, 'listening');
    const address = tcp.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const udp = createSocket('udp4');
    const free = await new Promise<boolean>(resolve => {
      udp.once('error', () => resolve(false));
      udp.bind(port, '127.0.0.1', () => resolve(true));
    });
    udp.close();
    tcp.close();
    await once(tcp, 'close');
    if (free) return port;
  }
}

/** Resolves when `holds`; asks anew every few milliseconds, for at most a minute. */
async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 60_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`${what} does not happen`);
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

const greets = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('data', () => {
      resolve(true);
      socket.end('QUIT\r\n');
    });
  });

function run(program: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(program, args, { env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
}

/**
 * Takes mail for `users` of `domain` into mailboxes, says 550 of everybody else there, and 450 of `later@`. `folder` is its
 * alone; it is world-readable, since Postfix works as several users.
 */
export async function startPostfix(
  folder: string,
  { host, domain, users }: { readonly host: string; readonly domain: string; readonly users: readonly string[] },
): Promise<Postfix> {
  const port = await freePort();
  const place = (name: string): string => join(folder, name);
  await mkdir(place('etc'), { recursive: true });
  for (const name of ['queue', 'data', 'mail']) await mkdir(place(name));
  await chmod(folder, 0o755);
  const postfix = { uid: Number(idOf('-u')), gid: Number(idOf('-g')) };
  run('chown', `${postfix.uid}:${postfix.gid}`, place('data'), place('mail'));
  await writeFile(
    join(place('etc'), 'main.cf'),
    [
      'compatibility_level = 3.6',
      `queue_directory = ${place('queue')}`,
      `data_directory = ${place('data')}`,
      `maillog_file = ${place('log')}`,
      `maillog_file_prefixes = ${folder}`,
      `myhostname = ${host}`,
      'mydestination =',
      'mynetworks =',
      'alias_maps =',
      'inet_interfaces = 127.0.0.1',
      'inet_protocols = ipv4',
      'smtpd_peername_lookup = no',
      'smtpd_recipient_restrictions = reject_unauth_destination,',
      `  check_recipient_access inline:{ { later@${domain} = 450 4.7.1 Come back later } }`,
      `virtual_mailbox_domains = ${domain}`,
      `virtual_mailbox_base = ${place('mail')}`,
      `virtual_mailbox_maps = inline:{ ${[...users, 'later'].map(user => `{ ${user}@${domain} = ${user}/ }`).join(' ')} }`,
      'virtual_minimum_uid = 1',
      `virtual_uid_maps = static:${postfix.uid}`,
      `virtual_gid_maps = static:${postfix.gid}`,
      '',
    ].join('\n'),
  );
  // Name, type, private, unprivileged, chroot, wake-up, most processes, command.
  await writeFile(
    join(place('etc'), 'master.cf'),
    [
      `127.0.0.1:${port} inet n - n - - smtpd`,
      'cleanup unix n - n - 0 cleanup',
      'qmgr unix n - n 300 1 qmgr',
      'rewrite unix - - n - - trivial-rewrite',
      ...['bounce', 'defer', 'trace'].map(name => `${name} unix - - n - 0 bounce`),
      'proxymap unix - - n - - proxymap',
      'anvil unix - - n - 1 anvil',
      'virtual unix - n n - - virtual',
      ...['error', 'retry'].map(name => `${name} unix - - n - - error`),
      'postlog unix-dgram n - n - 1 postlogd',
      '',
    ].join('\n'),
  );
  run('postfix', '-c', place('etc'), 'start');
  await until('the greeting of Postfix', () => greets(port));
  return {
    port,
    async letters(user) {
      const mailbox = join(place('mail'), user, 'new');
      const names = await readdir(mailbox).catch(() => []);
      return Promise.all(names.map(name => readFile(join(mailbox, name), 'latin1')));
    },
    stop: async () => run('postfix', '-c', place('etc'), 'stop'),
  };
}

function idOf(which: '-u' | '-g'): string {
  return spawnSync('id', [which, 'postfix'], { encoding: 'utf8' }).stdout.trim();
}

/** By zone name, what follows SOA and NS in its file. */
type Zones = Readonly<Record<string, readonly string[]>>;

async function writeZones(folder: string, zones: Zones): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [zone, records] of Object.entries(zones)) {
    const soa = `@ 60 IN SOA ns.${zone}. hostmaster.${zone}. 1 7200 900 1209600 60`;
    const own = [`@ 60 IN NS ns.${zone}.`, 'ns 60 IN A 127.0.0.1'];
    await writeFile(join(folder, `${zone}.zone`), [`$ORIGIN ${zone}.`, soa, ...own, ...records, ''].join('\n'));
  }
}

async function serving(child: ChildProcess, port: number, zone: string): Promise<RealServer> {
  const gone = once(child, 'exit');
  const resolver = new Resolver({ timeout: 500, tries: 1 });
  resolver.setServers([`127.0.0.1:${port}`]);
  await until(`an answer of ${child.spawnfile}`, () =>
    resolver.resolveSoa(zone).then(
      () => true,
      () => false,
    ),
  );
  return {
    port,
    async stop() {
      child.kill('SIGTERM');
      await gone;
    },
  };
}

export async function startNsd(folder: string, zones: Zones): Promise<RealServer> {
  const port = await freePort();
  await writeZones(folder, zones);
  const file = (name: string): string => `"${join(folder, name)}"`;
  await writeFile(
    join(folder, 'nsd.conf'),
    [
      'server:',
      `  ip-address: 127.0.0.1@${port}`,
      '  username: ""',
      '  chroot: ""',
      `  zonesdir: ${file('')}`,
      '  pidfile: ""',
      ...['xfrdfile', 'zonelistfile', 'logfile'].map(name => `  ${name}: ${file(name)}`),
      `  xfrdir: ${file('')}`,
      'remote-control:',
      '  control-enable: no',
      ...Object.keys(zones).flatMap(zone => ['zone:', `  name: ${zone}`, `  zonefile: ${zone}.zone`]),
      '',
    ].join('\n'),
  );
  const child = spawn('nsd', ['-d', '-c', join(folder, 'nsd.conf')], { env, stdio: 'ignore' });
  return serving(child, port, Object.keys(zones)[0] ?? '');
}

export async function startBind(folder: string, zones: Zones): Promise<RealServer> {
  const port = await freePort();
  await writeZones(folder, zones);
  await writeFile(
    join(folder, 'named.conf'),
    [
      'options {',
      `  directory "${folder}";`,
      `  listen-on port ${port} { 127.0.0.1; };`,
      '  listen-on-v6 { none; };',
      '  pid-file none;',
      '  session-keyfile none;',
      '  recursion no;',
      '  dnssec-validation no;',
      '};',
      'controls { };',
      ...Object.keys(zones).map(zone => `zone "${zone}" { type primary; file "${zone}.zone"; };`),
      '',
    ].join('\n'),
  );
  const child = spawn('named', ['-f', '-c', join(folder, 'named.conf')], { env, stdio: 'ignore' });
  return serving(child, port, Object.keys(zones)[0] ?? '');
}
