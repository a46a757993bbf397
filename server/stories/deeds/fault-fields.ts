/** How the fields of a fault stand in a story file, and what is meant by the names in them. */
import type { FaultFields, FieldName } from '../../../shared/faults/fields.ts';
import { LINE_SERVICES, type LinePort, MOMENTS, momentsAt, SERVICES } from '../../../shared/protocols.ts';
import type { Host, World } from '../../../shared/world/world.ts';
import { addressCalled, domainCalled, hostNamed, isWrong, userNamed, type Wrong, wrong } from './cast.ts';
import { type Form, type Piece, plain, secondsIn } from './pieces.ts';

/** Fields of a fault as they have been read. */
export type Described = Readonly<Record<string, unknown>>;

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

const hostMeant = (world: World, word: string): string | Wrong => {
  const host = hostNamed(world, word);
  return isWrong(host) ? host : host.id;
};
const userMeant = (world: World, word: string): string | Wrong => {
  const user = userNamed(world, word);
  return isWrong(user) ? user : user.address;
};
function endsMeant(world: World, value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const ends = value.map(each => hostMeant(world, String(each)));
  return ends.find(isWrong) ?? ends;
}

/** `text` also where YAML would have a number. `span`: a time such as 5 minutes. `value`: as YAML has it. */
interface FieldForm {
  readonly written: 'text' | 'span' | 'value';
  /** What a name in it stands for; default: itself. */
  readonly meant?: (world: World, value: unknown) => unknown;
}

/** Only a text can name somebody. */
const named =
  (meant: (world: World, word: string) => string | Wrong) =>
  (world: World, value: unknown): unknown =>
    typeof value === 'string' ? meant(world, value) : value;

const FORMS: { readonly [Name in keyof FaultFields]: FieldForm } = {
  host: { written: 'text', meant: named(hostMeant) },
  at: { written: 'value', meant: lineMeant },
  between: { written: 'value', meant: endsMeant },
  name: { written: 'text', meant: named(domainCalled) },
  type: { written: 'text' },
  rcode: { written: 'text' },
  exchange: {
    written: 'text',
    meant: named((world, word) => {
      const host = hostMeant(world, word);
      return isWrong(host) ? domainCalled(world, word) : host;
    }),
  },
  sender: {
    written: 'text',
    meant: named((world, word) => (word.includes('@') ? addressCalled(world, word) : domainCalled(world, word))),
  },
  keyword: { written: 'text' },
  mailbox: { written: 'text', meant: named(userMeant) },
  user: { written: 'text', meant: named(userMeant) },
  text: { written: 'text' },
  code: { written: 'value' },
  octets: { written: 'value' },
  milliseconds: { written: 'value' },
  seconds: { written: 'span' },
  latency: { written: 'value' },
  bytesPerSecond: { written: 'value' },
};

const isField = (name: string): name is FieldName => Object.hasOwn(FORMS, name);

/** Names as they are meant in the world of that moment; the first that means nobody is wrong. */
export function withNamesMeant(world: World, described: Described): Described | Wrong {
  let found = described;
  for (const [name, value] of Object.entries(described)) {
    const form = isField(name) ? FORMS[name] : null;
    const meant = form?.meant === undefined ? value : form.meant(world, value);
    if (typeof meant === 'object' && meant !== null && isWrong(meant)) return meant;
    found = { ...found, [name]: meant };
  }
  return found;
}

/** The value of a field as a table of the story has it. */
export function fieldWritten(name: FieldName, form: Form, piece: Piece): unknown {
  switch (FORMS[name].written) {
    case 'text':
      return form.text(name);
    case 'span':
      return form.seconds(name);
    case 'value':
      return plain(piece);
  }
}

/** Fields that a sentence says as a time. */
export const isTime = (name: string): boolean => name === 'milliseconds' || name === 'seconds';

/** The value of a field as a sentence of the story has it: "5 minutes", "300 ms", "pipelining". */
export function fieldSaid(name: FieldName, word: string): string | number | Wrong {
  if (name === 'keyword') return word.toUpperCase();
  if (!isTime(name)) return word;
  const exact = /^(\d{1,6}) ?ms$/.exec(word.trim())?.[1];
  const seconds = exact === undefined ? secondsIn(word) : Number(exact) / 1000;
  if (seconds === null) return wrong(`“${word}” is no time such as 5 seconds.`);
  return name === 'milliseconds' ? seconds * 1000 : seconds;
}
