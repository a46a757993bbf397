/** What a caller from outside is to say, read from what the API was sent: every mistake has a stable code and a sentence. Pure. */
import type { ErrorCode } from '../../shared/api/errors.ts';
import type { StrangerCall } from '../../shared/api/letters.ts';
import { SERVICES } from '../../shared/protocols.ts';

/** Said as they stand here, right or wrong. None but `data` holds CR, LF or NUL. */
export type StrangerWords = Omit<StrangerCall, 'server' | 'port'>;

export type CallRead =
  | { readonly ok: true; readonly call: StrangerCall }
  /** `code` is stable, `message` a sentence for the person. */
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string };

/** Longer than any address or name may be, so that a server can be shown one that is too long. */
const WORD_LIMIT = 1000;
/** More than a server has to take in one transaction (RFC 5321 §4.5.3.1.8), for the same reason. */
const RECIPIENTS_LIMIT = 200;
const DATA_LIMIT = 16 * 1024 * 1024;

const problem = (code: ErrorCode, message: string): CallRead => ({ ok: false, code, message });
/** One line, which stays the only one. */
const isWord = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= WORD_LIMIT && !/[\r\n\0]/.test(value);

const { smtp, submission } = SERVICES;

/** Reads `{server, port?, helo?, mailFrom, rcptTo[], data?, login?: {user, password}, raw?}`; other members are not looked at. */
export function parseStrangerCall(input: unknown): CallRead {
  if (typeof input !== 'object' || input === null) return problem('bad-request', 'A call is a JSON object.');
  const fields: Record<string, unknown> = { ...input };
  const { server, mailFrom, rcptTo } = fields;
  // What may be left out may be null as well.
  const given = (name: string): unknown => fields[name] ?? undefined;
  const [port = smtp.port, helo, data, login, raw = false] = ['port', 'helo', 'data', 'login', 'raw'].map(given);
  if (!isWord(server) || server === '')
    return problem('bad-server', 'A call needs a server: "server" is a host’s name.');
  if (port !== smtp.port && port !== submission.port)
    return problem('bad-port', `A stranger calls port ${smtp.port}, or ${submission.port}.`);
  const line = `one line of at most ${WORD_LIMIT} characters`;
  if (helo !== undefined && (!isWord(helo) || helo === '')) {
    return problem('bad-helo', `What the stranger calls himself, "helo", is ${line}.`);
  }
  if (!isWord(mailFrom)) return problem('bad-sender', `The sender "mailFrom" is ${line}; it may be empty.`);
  if (!Array.isArray(rcptTo)) return problem('bad-request', 'The recipients "rcptTo" are a list of addresses.');
  if (rcptTo.length === 0) return problem('no-recipients', 'A call needs at least one recipient.');
  if (rcptTo.length > RECIPIENTS_LIMIT) {
    return problem('too-many-recipients', `A call has at most ${RECIPIENTS_LIMIT} recipients.`);
  }
  const recipients = rcptTo.filter(isWord);
  if (recipients.length < rcptTo.length) return problem('bad-recipient', `Each recipient is ${line}.`);
  if (data !== undefined && typeof data !== 'string') return problem('bad-data', 'The message "data" is a text.');
  if (data !== undefined && Buffer.byteLength(data, 'utf8') > DATA_LIMIT) {
    return problem('data-too-long', `The message is too long: at most ${DATA_LIMIT / 1024 / 1024} MiB.`);
  }
  if (typeof raw !== 'boolean') return problem('bad-data', 'Whether the message goes raw is true or false.');
  const words = {
    mailFrom,
    rcptTo: recipients,
    ...(helo !== undefined && { helo }),
    ...(data !== undefined && { data }),
  };
  const call: StrangerCall = { server: server.toLowerCase(), port, ...words, ...(raw && { raw }) };
  if (login === undefined) return { ok: true, call };
  const { user, password }: Record<string, unknown> = typeof login === 'object' && login !== null ? { ...login } : {};
  return isWord(user) && isWord(password)
    ? { ok: true, call: { ...call, login: { user, password } } }
    : problem('bad-login', `A login is a user and a password, each ${line}.`);
}
