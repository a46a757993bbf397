/** Everything that is known of a protocol, in one row each: its name, colour, ports and the form of its dialogue. Whoever needs one of these asks here. */

/** Who says something: the end that dialled, or the end that was dialled. */
type End = 'client' | 'server';

/** A letter, or another block of octets that are no commands. `dot`: up to a line with a lone dot; `count`: as many as the line says, with LAST at the last one (RFC 3030 §2). */
interface Content {
  readonly from: End;
  readonly framing: 'dot' | 'count';
  /** The reply, or first line of it, behind which the block begins; null where it follows the command at once. */
  readonly after: RegExp | null;
  /** False where the block is a listing and no letter. */
  readonly letter: boolean;
  /** Only where the verb came without an argument. */
  readonly bare?: true;
}

/** What has to be known of a verb in order to follow a dialogue. */
export interface Verb {
  /** Words of its line that may be read; what comes after them is secret. Absent: nothing is secret. */
  readonly secretAfter?: number;
  /** The server may answer with a challenge; the line that answers it is secret. */
  readonly exchange?: true;
  readonly content?: Content;
  /** The reply after which the connection is encrypted. */
  readonly opaque?: RegExp;
  /** The verb whose moment it shares: a fault at EHLO strikes at HELO too. */
  readonly like?: string;
}

/** How lines are exchanged: the client sends a command, the server replies. */
export interface Dialogue {
  /** Who speaks first. */
  readonly opens: End;
  readonly verbs: Readonly<Record<string, Verb>>;
  /** A line of a reply that is not its last; null where that depends on the verb (see `Content`). */
  readonly continues: RegExp | null;
  /** How a reply begins; a line that does not belongs to something else. */
  readonly status: RegExp;
  /** A reply that asks for the next line of AUTH, which is secret (RFC 4954 §4, RFC 5034 §4). */
  readonly challenge: RegExp;
}

interface ProtocolRow {
  /** As it stands in a tag, in a transcript and beside a lane. */
  readonly name: string;
  /** The protocol in whose lane of the timeline its beats are drawn; absent: it has one of its own. */
  readonly lane?: string;
  /** Where a fault can strike, in the order of a session: GREETING is the server's first reply, END-OF-DATA the end of the letter. */
  readonly moments: readonly string[];
}

/** RFC 5321 §4, RFC 4954 §4, RFC 3207 §4, RFC 3030 §2. */
const SMTP: Dialogue = {
  opens: 'server',
  verbs: {
    EHLO: {},
    HELO: { like: 'EHLO' },
    STARTTLS: { opaque: /^220/ },
    AUTH: { secretAfter: 1, exchange: true },
    MAIL: {},
    RCPT: {},
    DATA: { content: { from: 'client', framing: 'dot', after: /^354/, letter: true } },
    BDAT: { content: { from: 'client', framing: 'count', after: null, letter: true } },
    RSET: {},
    NOOP: {},
    VRFY: {},
    EXPN: {},
    HELP: {},
    QUIT: {},
  },
  continues: /^...-/,
  status: /^\d{3}/,
  challenge: /^334/,
};

const LISTING: Content = { from: 'server', framing: 'dot', after: /^\+OK/, letter: false };
const BARE_LISTING: Content = { from: 'server', framing: 'dot', after: /^\+OK/, letter: false, bare: true };
const POP3_LETTER: Content = { from: 'server', framing: 'dot', after: /^\+OK/, letter: true };

/** RFC 1939 §4–§7, RFC 2449 §5, RFC 5034 §4, RFC 2595 §4. */
const POP3: Dialogue = {
  opens: 'server',
  verbs: {
    CAPA: { content: LISTING },
    STLS: { opaque: /^\+OK/ },
    USER: {},
    PASS: { secretAfter: 0 },
    APOP: { secretAfter: 1 },
    AUTH: { secretAfter: 1, exchange: true, content: BARE_LISTING },
    STAT: {},
    LIST: { content: BARE_LISTING },
    UIDL: { content: BARE_LISTING },
    RETR: { content: POP3_LETTER },
    TOP: { content: POP3_LETTER },
    DELE: {},
    RSET: {},
    NOOP: {},
    QUIT: {},
  },
  continues: null,
  status: /^(?:\+OK|-ERR)/,
  challenge: /^\+( |$)/,
};

/**
 * Files of a told run count protocols, services, ports and moments by their place in these tables: what is added goes to the end.
 * `tls` and `store` are no mail protocols: what TLS or a disk does stands in their colour, on the lane of SMTP. The colours
 * themselves are in client/design/tokens.css under the same ids.
 */
export const PROTOCOLS = {
  smtp: {
    name: 'SMTP',
    moments: ['GREETING', 'EHLO', 'AUTH', 'MAIL', 'RCPT', 'DATA', 'END-OF-DATA', 'QUIT'],
  },
  dns: { name: 'DNS', moments: [] },
  pop3: {
    name: 'POP3',
    moments: ['GREETING', 'USER', 'PASS', 'STAT', 'UIDL', 'RETR', 'DELE', 'QUIT'],
  },
  tls: { name: 'TLS', lane: 'smtp', moments: [] },
  store: { name: 'on disk', lane: 'smtp', moments: [] },
} as const satisfies Readonly<Record<string, ProtocolRow>>;

export type Protocol = keyof typeof PROTOCOLS;
export type Moment = (typeof PROTOCOLS)[Protocol]['moments'][number];

/** Apart from the rest of its row, because a figure that only draws has no use for it. */
export const DIALOGUES = { smtp: SMTP, pop3: POP3 } as const satisfies Readonly<Partial<Record<Protocol, Dialogue>>>;

interface ServiceRow {
  readonly protocol: Protocol;
  /** What the port is called beside others: "submission 587". */
  readonly name: string;
  /** The well-known port, at which hosts of the world are dialled. */
  readonly port: number;
}

/** What a host can do for mail, by protocol and port. */
export const SERVICES = {
  submission: { protocol: 'smtp', name: 'submission', port: 587 },
  smtp: { protocol: 'smtp', name: 'SMTP', port: 25 },
  pop3: { protocol: 'pop3', name: 'POP3', port: 110 },
  dns: { protocol: 'dns', name: 'DNS', port: 53 },
} as const satisfies Readonly<Record<string, ServiceRow>>;

/** What a host does for mail. One host may do several things, as a small office server does. */
export type ServiceKind = keyof typeof SERVICES;

/** Where TLS begins before the first line (RFC 8314 §7.3). This and the next are apart from the rows because a figure that only draws has no use for them. */
export const TLS_PORTS: Readonly<Partial<Record<ServiceKind, number>>> = { submission: 465, pop3: 995 };

/** The loopback ports at which the world's own servers are published unless others are asked for. */
export const PUBLISHED_PORTS: Readonly<Record<ServiceKind, number>> = {
  submission: 2587,
  smtp: 2525,
  pop3: 2110,
  dns: 2053,
};

/** Those of lines, at which faults can strike. */
export const LINE_SERVICES = ['smtp', 'submission', 'pop3'] as const satisfies readonly ServiceKind[];
export type LinePort = (typeof SERVICES)[(typeof LINE_SERVICES)[number]]['port'];
export const LINE_PORTS: readonly LinePort[] = LINE_SERVICES.map(kind => SERVICES[kind].port);

/** The keys of a table in the order of its rows. */
function keysOf<Table extends object>(table: Table): readonly Extract<keyof Table, string>[] {
  const keys: Extract<keyof Table, string>[] = [];
  for (const key in table) keys.push(key);
  return keys;
}

export const PROTOCOL_IDS = keysOf(PROTOCOLS);
export const SERVICE_KINDS = keysOf(SERVICES);

/** A value for every service. */
export const eachService = <Value>(value: (kind: ServiceKind) => Value): Readonly<Record<ServiceKind, Value>> => ({
  submission: value('submission'),
  smtp: value('smtp'),
  pop3: value('pop3'),
  dns: value('dns'),
});

export function laneOf(protocol: Protocol): Protocol {
  const row = PROTOCOLS[protocol];
  return 'lane' in row ? row.lane : protocol;
}

/** All moments of all protocols; those that two have in common stand there twice. */
export const MOMENTS: readonly Moment[] = PROTOCOL_IDS.flatMap(id => PROTOCOLS[id].moments);

/** What is spoken at a port, with TLS around it or without; null at one that nobody here serves. */
export function protocolAt(port: number): Protocol | null {
  const kind = SERVICE_KINDS.find(each => SERVICES[each].port === port || TLS_PORTS[each] === port);
  return kind === undefined ? null : SERVICES[kind].protocol;
}

/** The moments of a conversation at this port. */
export const momentsAt = (port: LinePort): readonly Moment[] => PROTOCOLS[protocolAt(port) ?? 'smtp'].moments;

/** The dialogue that is held in the clear at a well-known port; null where no lines are exchanged or nobody knows. */
export function dialogueAt(port: number): Dialogue | null {
  const kind = SERVICE_KINDS.find(each => SERVICES[each].port === port);
  const dialogues: Readonly<Partial<Record<Protocol, Dialogue>>> = DIALOGUES;
  return kind === undefined ? null : (dialogues[SERVICES[kind].protocol] ?? null);
}
