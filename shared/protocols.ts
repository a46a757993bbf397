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
  /** Also goes by this name where faults are concerned: HELO is EHLO. */
  readonly like?: string;
}

/** A protocol of lines: the client sends a command, the server replies. */
export interface Dialogue {
  readonly verbs: Readonly<Record<string, Verb>>;
  /** In the order of a session: where a fault can strike. GREETING is the server's first reply, END-OF-DATA the end of the letter. */
  readonly moments: readonly string[];
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
  /** The lane of the timeline, by the id of the protocol whose name it bears. */
  readonly lane: string;
  /** Who speaks first; null where nothing crosses a wire. */
  readonly opens: End | null;
  readonly dialogue: Dialogue | null;
}

const letter = (from: End, framing: 'dot' | 'count', after: RegExp | null): Content => ({
  from,
  framing,
  after,
  letter: true,
});
const listing = (bare?: true): Content => ({
  from: 'server',
  framing: 'dot',
  after: /^\+OK/,
  letter: false,
  ...(bare && { bare }),
});

/** RFC 5321 §4, RFC 4954 §4, RFC 3207 §4, RFC 3030 §2. */
const SMTP = {
  verbs: {
    EHLO: {},
    HELO: { like: 'EHLO' },
    STARTTLS: { opaque: /^220/ },
    AUTH: { secretAfter: 1, exchange: true },
    MAIL: {},
    RCPT: {},
    DATA: { content: letter('client', 'dot', /^354/) },
    BDAT: { content: letter('client', 'count', null) },
    RSET: {},
    NOOP: {},
    VRFY: {},
    EXPN: {},
    HELP: {},
    QUIT: {},
  },
  moments: ['GREETING', 'EHLO', 'AUTH', 'MAIL', 'RCPT', 'DATA', 'END-OF-DATA', 'QUIT'],
  continues: /^...-/,
  status: /^\d{3}/,
  challenge: /^334/,
} as const satisfies Dialogue;

/** RFC 1939 §4–§7, RFC 2449 §5, RFC 5034 §4, RFC 2595 §4. */
const POP3 = {
  verbs: {
    CAPA: { content: listing() },
    STLS: { opaque: /^\+OK/ },
    USER: {},
    PASS: { secretAfter: 0 },
    APOP: { secretAfter: 1 },
    AUTH: { secretAfter: 1, exchange: true, content: listing(true) },
    STAT: {},
    LIST: { content: listing(true) },
    UIDL: { content: listing(true) },
    RETR: { content: letter('server', 'dot', /^\+OK/) },
    TOP: { content: letter('server', 'dot', /^\+OK/) },
    DELE: {},
    RSET: {},
    NOOP: {},
    QUIT: {},
  },
  moments: ['GREETING', 'USER', 'PASS', 'STAT', 'UIDL', 'RETR', 'DELE', 'QUIT'],
  continues: null,
  status: /^(?:\+OK|-ERR)/,
  challenge: /^\+( |$)/,
} as const satisfies Dialogue;

/**
 * Files of a told run count protocols and services by their place in these tables: what is added goes to the end.
 * `tls` and `store` are no mail protocols: what TLS or a disk does stands in their colour, on the lane of SMTP.
 */
export const PROTOCOLS = {
  smtp: { name: 'SMTP', lane: 'smtp', opens: 'server', dialogue: SMTP },
  dns: { name: 'DNS', lane: 'dns', opens: 'client', dialogue: null },
  pop3: { name: 'POP3', lane: 'pop3', opens: 'server', dialogue: POP3 },
  tls: { name: 'TLS', lane: 'smtp', opens: 'client', dialogue: null },
  store: { name: 'on disk', lane: 'smtp', opens: null, dialogue: null },
} as const satisfies Readonly<Record<string, ProtocolRow>>;

export type Protocol = keyof typeof PROTOCOLS;

interface ServiceRow {
  readonly protocol: Protocol;
  /** The well-known port, at which hosts of the world are dialled. */
  readonly port: number;
  /** Where TLS begins before the first line (RFC 8314 §7.3); null where there is no such port. */
  readonly tlsPort: number | null;
  /** The loopback port at which the world's own is published unless another is asked for. */
  readonly published: number;
}

/** What a host can do for mail, by protocol and port. */
export const SERVICES = {
  submission: { protocol: 'smtp', port: 587, tlsPort: 465, published: 2587 },
  smtp: { protocol: 'smtp', port: 25, tlsPort: null, published: 2525 },
  pop3: { protocol: 'pop3', port: 110, tlsPort: 995, published: 2110 },
  dns: { protocol: 'dns', port: 53, tlsPort: null, published: 2053 },
} as const satisfies Readonly<Record<string, ServiceRow>>;

/** What a host does for mail. One host may do several things, as a small office server does. */
export type ServiceKind = keyof typeof SERVICES;

/** The keys of a table in the order of its rows. */
function keysOf<Table extends object>(table: Table): readonly Extract<keyof Table, string>[] {
  const keys: Extract<keyof Table, string>[] = [];
  for (const key in table) keys.push(key);
  return keys;
}

export const PROTOCOL_IDS = keysOf(PROTOCOLS);
export const SERVICE_KINDS = keysOf(SERVICES);

/** What is spoken at a port, with TLS around it or without; null at one that nobody here serves. */
export function protocolAt(port: number): Protocol | null {
  return Object.values(SERVICES).find(row => row.port === port || row.tlsPort === port)?.protocol ?? null;
}

/** The dialogue that is held at a well-known port; null where no lines are exchanged or nobody knows. */
export function dialogueAt(port: number): Dialogue | null {
  const service = Object.values(SERVICES).find(each => each.port === port);
  return service === undefined ? null : PROTOCOLS[service.protocol].dialogue;
}
