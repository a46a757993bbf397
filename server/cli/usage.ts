/** What a person can type: options read and checked. */
import { isIP } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { eachService, PUBLISHED_PORTS, type ServiceKind } from '../../shared/protocols.ts';
import type { RetryPolicy } from '../../shared/world/world.ts';
import type { Address } from '../network/contract.ts';
import { isLoopback } from '../network/port-error.ts';
import { type ExportArguments, exportArguments } from './export-usage.ts';
import { ASKING, CliError, flag, octets, parse, text, withWords } from './parse.ts';

export { CliError };

/** What `serve` and `send` have in common. */
interface WorldArguments {
  readonly world: string | null;
  /** Real servers on this machine; null: none. */
  readonly outside: { readonly resolver: Address | null; readonly mxPort: number | null };
  /** Instead of what the world says. */
  readonly retry: Partial<RetryPolicy>;
}

/** `port` 0 is any free one. */
interface Listening {
  readonly host: string;
  readonly port: number;
}

export interface ServeArguments extends WorldArguments, Readonly<Record<ServiceKind, number>> {
  readonly command: 'serve';
  readonly port: number;
  readonly host: string;
  /** Where the audience of a show comes in from other machines; null: nowhere. */
  readonly audience: Listening | null;
  /** Null keeps nothing. */
  readonly data: string | null;
  /** Octets of letters and requests that may be under way at once. */
  readonly inFlight: number;
  /** Octets that finished traces may take together. */
  readonly archives: number;
  readonly open: boolean;
  readonly json: boolean;
  readonly verbose: boolean;
}

export interface SendArguments extends WorldArguments {
  readonly command: 'send';
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  /** "-" is standard input. */
  readonly body: string;
  readonly output: string | null;
}

/** A story by name or file. */
export interface RunStoryArguments {
  readonly command: 'tell';
  readonly story: string;
  readonly output: string | null;
}

export type StoryArguments =
  | { readonly command: 'story'; readonly what: 'check'; readonly stories: readonly string[] }
  | { readonly command: 'story'; readonly what: 'new'; readonly name: string }
  | { readonly command: 'story'; readonly what: 'list' };

export type Arguments =
  | ServeArguments
  | SendArguments
  | RunStoryArguments
  | StoryArguments
  | ExportArguments
  | { readonly command: 'help' | 'version' };

const published = (kind: ServiceKind) => ({ ...text, default: `${PUBLISHED_PORTS[kind]}` });

const BOTH = {
  world: text,
  resolver: text,
  'mx-port': text,
  retry: text,
  'give-up': text,
  ...ASKING,
} as const;
const SERVE = {
  ...BOTH,
  port: { ...text, default: '4025' },
  'submission-port': published('submission'),
  'smtp-port': published('smtp'),
  'pop3-port': published('pop3'),
  'dns-port': published('dns'),
  host: { ...text, default: '127.0.0.1' },
  audience: text,
  data: text,
  archives: { ...text, default: '200M' },
  'in-flight': { ...text, default: '256M' },
  open: flag,
  json: flag,
  verbose: flag,
} as const;
const SEND = {
  ...BOTH,
  from: text,
  to: { ...text, multiple: true },
  subject: text,
  body: text,
  story: text,
  output: { ...text, short: 'o' },
} as const;

function port(option: string, value: string): number {
  if (/^\d{1,5}$/.test(value) && Number(value) <= 65_535) return Number(value);
  throw new CliError(2, `--${option} needs a number from 0 to 65535, not “${value}”.`);
}

function loopback(host: string): string {
  if (!isLoopback(host))
    throw new CliError(2, `--host ${host} is not a loopback address; mailscope only listens on this machine itself.`);
  return host.toLowerCase() === 'localhost' ? '127.0.0.1' : host;
}

function dataFolder(given: string | undefined, env: NodeJS.ProcessEnv): string | null {
  if (given === 'none') return null;
  if (given === '') throw new CliError(2, '--data needs a folder, or "none".');
  return given ?? join(env.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'mailscope');
}

/** Less would not let the largest letter of an ordinary world through. */
const LEAST_IN_FLIGHT = 16 * 2 ** 20;

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
const LONGEST = 365 * 86_400;

/** "90s", "5m", "1h" or "5d" in seconds; null where it is none of those, nothing at all, or more than a year. */
function seconds(span: string): number | null {
  const [, count = '', unit = ''] = /^(\d{1,8})([smhd])$/.exec(span) ?? [];
  const value = Number(count) * (UNITS[unit] ?? 0);
  return value >= 1 && value <= LONGEST ? value : null;
}

function patience(waits: string | undefined, giveUp: string | undefined): Partial<RetryPolicy> {
  const after = waits?.split(',').map(wait => seconds(wait.trim()));
  const [first, ...rest] = after?.filter(wait => wait !== null) ?? [];
  if (after && (first === undefined || after.includes(null)))
    throw new CliError(2, `--retry needs waits such as 1s,5m,1h, not “${waits}”.`);
  const giveUpAfter = giveUp === undefined ? undefined : seconds(giveUp);
  if (giveUpAfter === null) throw new CliError(2, `--give-up needs a span such as 10s, 4h or 5d, not “${giveUp}”.`);
  return {
    ...(first === undefined ? {} : { after: [first, ...rest] }),
    ...(giveUpAfter === undefined ? {} : { giveUpAfter }),
  };
}

/** "192.0.2.7:4026" or "[2001:db8::7]:4026"; null where it is no host with a port. */
function hostAndPort(given: string): Listening | null {
  const [, six, name, digits = ''] = /^(?:\[(.+)\]|([^:]+)):(\d{1,5})$/.exec(given) ?? [];
  const host = six ?? name;
  const port = Number(digits);
  if (host === undefined || port > 65_535) return null;
  return { host: host.toLowerCase() === 'localhost' ? '127.0.0.1' : host, port };
}

function resolver(given: string): Address {
  const asked = hostAndPort(given);
  if (asked === null || asked.port === 0)
    throw new CliError(2, `--resolver needs HOST:PORT, such as 127.0.0.1:5353, not “${given}”.`);
  if (!isLoopback(asked.host))
    throw new CliError(
      2,
      `--resolver ${given} is not on this machine; mailscope asks nobody else, and no mail leaves it.`,
    );
  return { address: asked.host, port: asked.port };
}

function audience(given: string): Listening {
  const door = hostAndPort(given);
  if (door === null || isIP(door.host) === 0)
    throw new CliError(
      2,
      `--audience needs an address of this machine and a port, such as 0.0.0.0:4026, not “${given}”.`,
    );
  return door;
}

interface WorldOptions {
  readonly world?: string | undefined;
  readonly resolver?: string | undefined;
  readonly 'mx-port'?: string | undefined;
  readonly retry?: string | undefined;
  readonly 'give-up'?: string | undefined;
}
function worldArguments(values: WorldOptions): WorldArguments {
  const given = values['mx-port'];
  const mxPort = given === undefined ? null : port('mx-port', given);
  if (mxPort === 0) throw new CliError(2, '--mx-port needs the port at which somebody listens, not 0.');
  return {
    world: values.world ?? null,
    outside: { resolver: values.resolver === undefined ? null : resolver(values.resolver), mxPort },
    retry: patience(values.retry, values['give-up']),
  };
}

/** Throws CliError with exit 2. `env` only says where the user's state folder is. */
export function readArguments(argv: readonly string[], env: NodeJS.ProcessEnv): Arguments {
  const [first] = argv;
  const named = first !== undefined && !first.startsWith('-');
  const command = named ? first : 'serve';
  const rest = named ? argv.slice(1) : argv;
  if (command === 'help') return { command: 'help' };
  if (command === 'export') {
    const read = exportArguments(rest);
    return typeof read === 'string' ? { command: read } : read;
  }
  if (command === 'serve') {
    const values = parse(rest, SERVE);
    if (values.help || values.version) return { command: values.help ? 'help' : 'version' };
    return {
      command,
      port: port('port', values.port),
      ...eachService(kind => port(`${kind}-port`, values[`${kind}-port`])),
      host: loopback(values.host),
      audience: values.audience === undefined ? null : audience(values.audience),
      data: dataFolder(values.data, env),
      archives: octets('archives', values.archives, 0),
      inFlight: octets('in-flight', values['in-flight'], LEAST_IN_FLIGHT),
      ...worldArguments(values),
      open: values.open,
      json: values.json,
      verbose: values.verbose,
    };
  }
  if (command === 'story') return storyArguments(rest);
  if (command !== 'send') throw new CliError(2, `There is no command “${command}”; see mailscope --help.`);
  const values = parse(rest, SEND);
  if (values.help || values.version) return { command: values.help ? 'help' : 'version' };
  if (values.story !== undefined) return tellArguments(values, values.story);
  if (values.from === undefined) throw new CliError(2, 'mailscope send needs --from, the address of a user.');
  if (values.to === undefined) throw new CliError(2, 'mailscope send needs --to, the address of a recipient.');
  return {
    command,
    from: values.from,
    to: values.to,
    subject: values.subject ?? '',
    body: values.body ?? '',
    output: values.output ?? null,
    ...worldArguments(values),
  };
}

/** A story brings its own letters and its own world. */
function tellArguments(values: Readonly<Record<string, unknown>>, story: string): RunStoryArguments {
  const other = Object.keys(values).find(
    name => !['story', 'output', 'help', 'version'].includes(name) && values[name] !== undefined,
  );
  if (other !== undefined)
    throw new CliError(2, `--story brings its own letters and its own world: leave out --${other}.`);
  if (story === '') throw new CliError(2, '--story needs the name of a story, or its file.');
  return { command: 'tell', story, output: typeof values.output === 'string' ? values.output : null };
}

function storyArguments(args: readonly string[]): Arguments {
  const { values, positionals } = withWords(args, ASKING, true);
  if (values.help || values.version) return { command: values.help ? 'help' : 'version' };
  const [what, ...words] = positionals;
  const [word, another] = words;
  switch (what) {
    case 'check':
      if (word === undefined) throw new CliError(2, 'mailscope story check needs the name of a story, or its file.');
      return { command: 'story', what, stories: words };
    case 'new':
      if (word !== undefined && another === undefined) return { command: 'story', what, name: word };
      throw new CliError(2, 'mailscope story new needs one name, such as my-letter.');
    case 'list':
      if (word === undefined) return { command: 'story', what };
      throw new CliError(2, `mailscope story list needs no “${word}”.`);
    default:
      throw new CliError(
        2,
        `mailscope story is followed by check, new or list${what === undefined ? '' : `, not “${what}”`}; see mailscope --help.`,
      );
  }
}
