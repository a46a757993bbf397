import { LINE_SERVICES, type LinePort, MOMENTS, momentsAt, protocolAt, SERVICES } from '../../shared/protocols.ts';
import type { Fault, FaultKind } from '../../shared/world/fault.ts';
import type { Host, World } from '../../shared/world/world.ts';
import { addressCalled, domainCalled, hostNamed, isWrong, userNamed, type Wrong, wrong } from './cast.ts';
import { type Change, type Changed, running } from './change.ts';
import { type Complain, Form, type Piece, plain, secondsIn, type Table } from './pieces.ts';

/** What each kind needs, as in docs/api.md. */
const NEEDS: Readonly<Record<FaultKind, readonly string[]>> = {
  'host-off': ['host'],
  'host-silent': ['host'],
  'host-slow': ['host', 'milliseconds'],
  'disk-full': ['host'],
  greylist: ['host', 'seconds'],
  'refuses-sender': ['host', 'sender'],
  'lacks-extension': ['host', 'keyword'],
  'mailbox-full': ['mailbox'],
  'wrong-password': ['user'],
  answer: ['at', 'code', 'text'],
  delay: ['at', 'milliseconds'],
  drop: ['at'],
  reset: ['at'],
  cut: ['at', 'octets'],
  stall: ['at', 'octets'],
  'lose-reply': ['at'],
  'slow-cable': ['between', 'latency', 'bytesPerSecond'],
  'dns-answer': ['name', 'type', 'rcode'],
  'dns-silence': ['name', 'type'],
  'dns-truncate': ['name', 'type'],
  'dns-wrong-mx': ['name', 'exchange'],
  'dns-ttl': ['name', 'seconds'],
};
const isKind = (text: string): text is FaultKind => Object.hasOwn(NEEDS, text);

type Described = Readonly<Record<string, unknown>>;

/** Where the host is asked by this verb, as it serves; else where the verb is at home. */
function portMeant({ services }: Host, verb: string): LinePort {
  const known = LINE_SERVICES.filter(kind => momentsAt(SERVICES[kind].port).some(moment => moment === verb));
  return SERVICES[known.find(kind => services.includes(kind)) ?? 'pop3'].port;
}

/** "RCPT at mx1", "mx1 RCPT" or a table, as the line that is meant; the port is the one at which the host serves. */
function lineMeant(world: World, given: unknown): Described | Wrong {
  const words = typeof given === 'string' ? given.trim().split(/ +(?:at +)?/) : [];
  const isVerb = (word: string): boolean => MOMENTS.some(each => each === word);
  const verb = words.find(isVerb);
  const said = words.filter(word => !isVerb(word));
  const table: Described =
    typeof given === 'object' && given !== null ? { ...given } : { server: said.join(' '), verb };
  if (typeof table.server !== 'string' || typeof table.verb !== 'string')
    return wrong(
      `A line is named by host and verb: “RCPT at mx1”, or {server: mx1, port: ${SERVICES.smtp.port}, verb: RCPT}.`,
    );
  const server = hostNamed(world, table.server);
  if (isWrong(server)) return server;
  const caller = typeof table.client === 'string' ? hostNamed(world, table.client) : null;
  if (caller !== null && isWrong(caller)) return caller;
  const port = table.port ?? portMeant(server, table.verb);
  return { ...table, server: server.id, port, ...(caller !== null && { client: caller.id }) };
}

/** Names as they are meant. */
function meant(world: World, described: Described): Described | Wrong {
  let found = described;
  const put = (name: string, value: unknown): void => {
    found = { ...found, [name]: value };
  };
  for (const [name, value] of Object.entries(described)) {
    if (name === 'at') {
      const line = lineMeant(world, value);
      if (isWrong(line)) return line;
      put(name, line);
    }
    if (name === 'between' && Array.isArray(value)) {
      const ends = value.map(each => hostNamed(world, String(each)));
      const lost = ends.find(isWrong);
      if (lost !== undefined) return lost;
      put(
        name,
        ends.flatMap(end => (isWrong(end) ? [] : [end.id])),
      );
    }
    if (typeof value !== 'string') continue;
    if (name === 'host') {
      const host = hostNamed(world, value);
      if (isWrong(host)) return host;
      put(name, host.id);
    } else if (name === 'mailbox' || name === 'user') {
      const user = userNamed(world, value);
      if (isWrong(user)) return user;
      put(name, user.address);
    } else if (name === 'sender') {
      const sender = value.includes('@') ? addressCalled(world, value) : domainCalled(world, value);
      if (typeof sender !== 'string') return sender;
      put(name, sender);
    } else if (name === 'name') put(name, domainCalled(world, value));
    else if (name === 'exchange') {
      const host = hostNamed(world, value);
      put(name, isWrong(host) ? domainCalled(world, value) : host.id);
    }
  }
  return found;
}

/** What is usually said, where the story says nothing. */
function withWords(described: Described): Described {
  if (described.kind === 'slow-cable') return { latency: 0, bytesPerSecond: 0, ...described };
  if (described.kind !== 'answer') return described;
  const at: Described = typeof described.at === 'object' && described.at !== null ? { ...described.at } : {};
  if (typeof at.port === 'number' && protocolAt(at.port) === 'pop3')
    return { code: 500, text: 'Not now', ...described };
  const forNow = typeof described.code === 'number' && described.code < 500;
  return { text: forNow ? '4.3.0 Try again later' : '5.3.0 Not possible', ...described };
}

function withFault(world: World, described: Described, times: Fault['times']): Changed | Wrong {
  const taken = new Set(world.faults.map(({ id }) => id));
  const free = Array.from({ length: taken.size + 1 }, (_, nth) => `f${nth + 1}`).find(id => !taken.has(id));
  const named = meant(world, described);
  if (isWrong(named)) return named;
  const fault = { ...withWords(named), id: free, times };
  const next = running({ ...world, faults: [...world.faults, fault] }, (path, message) =>
    path === `faults.${world.faults.length}`
      ? `The fault is not right: ${message}`
      : `${path.replace(/^faults\.\d+\./, 'The fault’s ')} ${message}`,
  );
  if (isWrong(next)) return next;
  const last = next.faults.at(-1);
  return { world: next, edit: last === undefined ? { code: 'nothing' } : { code: 'fault-set', fault: last } };
}

const fault =
  (described: Described, times: Fault['times'] = 'always'): Change =>
  world =>
    withFault(world, described, times);

/** Clears the faults that `goes` picks; `none` is said where there is none. */
const cleared =
  (goes: (fault: Fault, world: World) => boolean, none: string | null): Change =>
  world => {
    const faults = world.faults.filter(each => !goes(each, world));
    if (faults.length === world.faults.length)
      return none === null ? { world, edit: { code: 'nothing' } } : wrong(none);
    const code = faults.length === 0 ? 'faults-cleared' : 'fault-cleared';
    return { world: { ...world, faults }, edit: { code } };
  };

const isAt =
  (word: string) =>
  (each: Fault, world: World): boolean => {
    const host = hostNamed(world, word);
    if (isWrong(host)) return false;
    return 'host' in each ? each.host === host.id : 'at' in each && each.at.server === host.id;
  };

const turnedOn =
  (word: string): Change =>
  (world, first) => {
    const host = hostNamed(world, word);
    if (isWrong(host)) return host;
    return cleared(each => each.kind === 'host-off' && isAt(word)(each, world), `${host.id} is on already.`)(
      world,
      first,
    );
  };

/** A fault that lasts, or is late by, so many seconds. */
function timed(span: string, what: (seconds: number) => Described): Change {
  const exact = /^(\d{1,6}) ?ms$/.exec(span.trim())?.[1];
  const seconds = exact === undefined ? secondsIn(span) : Number(exact) / 1000;
  return seconds === null ? () => wrong(`“${span}” is no time such as 5 seconds.`) : fault(what(seconds));
}

/** Sentences, each with what it means. */
export const FAULT_SENTENCES: readonly (readonly [pattern: RegExp, change: (...words: readonly string[]) => Change])[] =
  [
    [/^turn (\S+) off$/i, (host = '') => fault({ kind: 'host-off', host })],
    [/^turn (\S+) on$/i, (host = '') => turnedOn(host)],
    [/^make (\S+) silent$/i, (host = '') => fault({ kind: 'host-silent', host })],
    [
      /^make (\S+) slow by (.+)$/i,
      (host = '', span = '') => timed(span, seconds => ({ kind: 'host-slow', host, milliseconds: seconds * 1000 })),
    ],
    [
      /^make (\S+) greylist for (.+)$/i,
      (host = '', span = '') => timed(span, seconds => ({ kind: 'greylist', host, seconds })),
    ],
    [
      /^make (\S+) refuse mail from (\S+)$/i,
      (host = '', sender = '') => fault({ kind: 'refuses-sender', host, sender }),
    ],
    [
      /^make (\S+) lack (\S+)$/i,
      (host = '', keyword = '') => fault({ kind: 'lacks-extension', host, keyword: keyword.toUpperCase() }),
    ],
    [/^fill the disk of (\S+)$/i, (host = '') => fault({ kind: 'disk-full', host })],
    [/^fill the mailbox of (\S+)$/i, (mailbox = '') => fault({ kind: 'mailbox-full', mailbox })],
    [/^give (\S+) a wrong password$/i, (user = '') => fault({ kind: 'wrong-password', user })],
    [/^clear(?: all faults)?$/i, () => cleared(() => true, null)],
  ];

/** `fault: {kind: answer, at: RCPT at mx1, code: 451, times: next}`. Null where that cannot be read; then it has been said. */
export function readFault(table: Table, complain: Complain): Change | null {
  const kind = table.entries.find(({ key }) => key === 'kind')?.piece;
  if (kind?.is !== 'leaf' || !isKind(kind.text)) {
    const said = kind?.is === 'leaf' ? `There is no fault “${kind.text}”` : 'A fault has a kind';
    complain(kind?.line ?? table.line, `${said}; the kinds are ${Object.keys(NEEDS).join(', ')}.`);
    return null;
  }
  const form = new Form(table, `fault ${kind.text}`, ['kind', ...NEEDS[kind.text], 'times'], complain);
  const needed = NEEDS[kind.text].filter(name => !OPTIONAL.has(name) && !form.has(name));
  for (const name of needed) form.needed(name);
  const times = form.text('times') ?? 'always';
  if (times !== 'next' && times !== 'always') {
    complain(form.lineOf('times'), '“times” is next, for once, or always.');
    return null;
  }
  const described: Record<string, unknown> = { kind: kind.text };
  for (const name of NEEDS[kind.text]) {
    const piece = form.piece(name);
    if (piece === null) continue;
    if (name === 'seconds') described[name] = form.seconds(name);
    else described[name] = TEXTS.has(name) ? form.text(name) : plain(piece);
  }
  return needed.length > 0 ? null : fault(described, times);
}

/** What `withWords` knows. */
const OPTIONAL: ReadonlySet<string> = new Set(['code', 'text', 'latency', 'bytesPerSecond']);
const TEXTS: ReadonlySet<string> = new Set([
  'host',
  'mailbox',
  'user',
  'sender',
  'name',
  'exchange',
  'text',
  'keyword',
  'type',
  'rcode',
]);

/** `clear: dns-silence`, or `clear: mx1` for all faults of a host. */
export function readClear(piece: Piece, complain: Complain): Change | null {
  const word = piece.is === 'leaf' ? piece.text : '';
  if (isKind(word)) return cleared(({ kind }) => kind === word, `No fault “${word}” is in force.`);
  if (word === '') {
    complain(piece.line, '“clear” names a kind of fault, or a host.');
    return null;
  }
  return (world, first) => {
    const host = hostNamed(world, word);
    if (isWrong(host)) return wrong(`There is no fault and no host “${word}”.`);
    return cleared(isAt(word), `Nothing is wrong with ${host.id}.`)(world, first);
  };
}
