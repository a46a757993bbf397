/** What a person has written, read from what the API was sent: every mistake has a stable code and a sentence. */
import type { ErrorCode } from '../../shared/api/errors.ts';
import type { Envelope, Notify, RecipientDsn } from '../smtp/envelope.ts';
import type { AttachmentWanted } from './attachment.ts';
import { ATTACHMENT_LIMIT } from './attachment.ts';
import { isAscii, readMailbox } from './mailbox-name.ts';

export interface Draft {
  readonly from: { readonly name?: string; readonly address: string };
  readonly to: readonly string[];
  /** Named in the mail client's own message only: its submission server takes the field out (RFC 5322 §3.6.3). */
  readonly bcc?: readonly string[];
  readonly subject: string;
  readonly text: string;
  /** The Message-ID of the letter this one answers, with its angle brackets. */
  readonly inReplyTo?: string;
  /** Who is told of a failure, where that is not the author: the envelope's sender, '' for nobody (RFC 5321 §4.5.5). */
  readonly envelopeFrom?: string;
  /** When the sender wants to be told, for every recipient (RFC 3461 §4.1). */
  readonly notify?: readonly Notify[];
  /** How much of the letter a notification brings back (RFC 3461 §4.3). */
  readonly ret?: 'FULL' | 'HDRS';
  /** The sender's own name for this sending, as written (RFC 3461 §4.4). */
  readonly envid?: string;
  readonly attachment?: AttachmentWanted;
  /**
   * `8bit` sends text beyond ASCII as it is, which takes servers with 8BITMIME (RFC 6152); `binary` all parts, which takes
   * servers with BINARYMIME (RFC 3030); default `7bit-safe`.
   */
  readonly encoding?: '7bit-safe' | '8bit' | 'binary';
}

interface Problem {
  readonly ok: false;
  /** Stable. */
  readonly code: ErrorCode;
  /** A sentence for the person. */
  readonly message: string;
}
export type DraftRead = { readonly ok: true; readonly draft: Draft } | Problem;

/** RFC 5321 §4.5.3.1.8: no server has to take more in one transaction. */
const RECIPIENTS_LIMIT = 100;
const SUBJECT_LIMIT = 2000;
const TEXT_LIMIT = 16 * 1024 * 1024;
const MEBIBYTE = 1024 * 1024;
/** RFC 3461 §4.4, as xtext. */
const ENVID_LIMIT = 100;
const FILE_NAME_LIMIT = 100;
const NOTIFY = ['NEVER', 'SUCCESS', 'FAILURE', 'DELAY'] as const;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

const problem = (code: ErrorCode, message: string): Problem => ({ ok: false, code, message });
const shown = (value: string): string => (value.length > 80 ? `${value.slice(0, 79)}…` : value);
const isStrings = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every(item => typeof item === 'string');

/** RFC 3461 §4: printable ASCII but `+` and `=` stands for itself, every other octet is `+` and two digits. */
const xtext = (text: string): string =>
  Array.from(Buffer.from(text, 'utf8'), octet => {
    const plain = octet > 0x20 && octet < 0x7f && octet !== 0x2b && octet !== 0x3d;
    return plain ? String.fromCharCode(octet) : `+${octet.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');

/** What may be left out, or be null: each reads its member of what was sent. */
const OPTIONAL: Readonly<Record<string, (value: unknown) => Partial<Draft> | Problem>> = {
  inReplyTo: value =>
    typeof value === 'string' && /^<[\x21-\x3b=\x3f-\x7e]{1,900}>$/.test(value)
      ? { inReplyTo: value }
      : problem('bad-reference', 'The letter that is answered is named by its Message-ID, such as <id@blue.example>.'),
  envelopeFrom(value) {
    if (value === '') return { envelopeFrom: '' };
    const mailbox = typeof value === 'string' ? readMailbox(value) : null;
    return mailbox === null
      ? problem('bad-envelope-sender', 'The envelope’s sender is an e-mail address, or empty for nobody.')
      : { envelopeFrom: mailbox };
  },
  notify(value) {
    const wanted = NOTIFY.filter(each => Array.isArray(value) && value.includes(each));
    const sound = Array.isArray(value) && wanted.length === value.length && wanted.length > 0;
    return sound && (wanted.length === 1 || !wanted.includes('NEVER'))
      ? { notify: wanted }
      : problem('bad-notify', 'When to be told is a list of SUCCESS, FAILURE and DELAY, each once, or of NEVER alone.');
  },
  ret: value =>
    value === 'FULL' || value === 'HDRS'
      ? { ret: value }
      : problem('bad-ret', 'What a notification brings back is FULL, the whole letter, or HDRS, its header.'),
  envid: value =>
    typeof value === 'string' && /^[ -~]+$/.test(value) && xtext(value).length <= ENVID_LIMIT
      ? { envid: value }
      : problem('bad-envid', `The name of a sending is one line of ASCII, at most ${ENVID_LIMIT} characters as xtext.`),
  attachment: readAttachment,
  encoding: value =>
    value === '7bit-safe' || value === '8bit' || value === 'binary'
      ? { encoding: value }
      : problem('bad-encoding', 'The letter is sent as "7bit-safe", as "8bit" or as "binary".'),
};

function readAttachment(value: unknown): Partial<Draft> | Problem {
  const { name, octets }: Record<string, unknown> = typeof value === 'object' && value !== null ? { ...value } : {};
  if (typeof name !== 'string' || name.trim() === '' || name.length > FILE_NAME_LIMIT || CONTROL.test(name)) {
    return problem('bad-attachment', `An attachment has a name of at most ${FILE_NAME_LIMIT} characters, in one line.`);
  }
  if (/[/\\]|\p{Cs}/u.test(name)) {
    return problem('bad-attachment', 'The name of an attachment has no slashes: it is a file, not a path.');
  }
  if (typeof octets !== 'number' || !Number.isInteger(octets) || octets < 0) {
    return problem('bad-attachment', 'The size of an attachment is a number of octets.');
  }
  return octets > ATTACHMENT_LIMIT
    ? problem('attachment-too-large', `An attachment has at most ${ATTACHMENT_LIMIT / MEBIBYTE} MiB.`)
    : { attachment: { name, octets } };
}

/**
 * Reads what the API was sent: `{from, to[], subject, text}` and, where they are there, `bcc[], inReplyTo, envelopeFrom, notify[],
 * ret, envid, attachment: {name, octets}, encoding`; other members are not looked at.
 */
export function parseDraft(input: unknown): DraftRead {
  if (typeof input !== 'object' || input === null) return problem('bad-request', 'A letter is a JSON object.');
  const fields: Record<string, unknown> = { ...input };
  const { from, to, subject, text } = fields;
  const bcc = fields.bcc ?? undefined;
  if (typeof from !== 'string') return problem('bad-sender', 'A letter needs a sender: "from" is an address.');
  const sender = readMailbox(from);
  if (sender === null) return problem('bad-sender', `${shown(from)} is not an e-mail address.`);
  if (!isStrings(to) || (bcc !== undefined && !isStrings(bcc))) {
    return problem('bad-request', 'The recipients "to" and "bcc" are lists of addresses.');
  }
  const recipients = [...to, ...(bcc ?? [])];
  if (to.length === 0) return problem('no-recipients', 'A letter needs at least one recipient.');
  if (recipients.length > RECIPIENTS_LIMIT) {
    return problem('too-many-recipients', `A letter has at most ${RECIPIENTS_LIMIT} recipients.`);
  }
  const wrong = recipients.find(address => readMailbox(address) === null);
  if (wrong !== undefined) return problem('bad-recipient', `${shown(wrong)} is not an e-mail address.`);
  if (typeof subject !== 'string') return problem('bad-subject', 'The subject is a text, which may be empty.');
  if (subject.length > SUBJECT_LIMIT) {
    return problem('subject-too-long', `The subject is too long: at most ${SUBJECT_LIMIT} characters.`);
  }
  if (CONTROL.test(subject)) return problem('bad-subject', 'A subject is one line without control characters.');
  if (typeof text !== 'string') return problem('bad-text', 'The text of the letter is missing; it may be empty.');
  if (Buffer.byteLength(text, 'utf8') > TEXT_LIMIT) {
    return problem('text-too-long', `The text is too long: at most ${TEXT_LIMIT / MEBIBYTE} MiB.`);
  }
  let draft: Draft = { from: { address: sender }, to, ...(bcc && { bcc }), subject, text };
  for (const [name, read] of Object.entries(OPTIONAL)) {
    const value = fields[name];
    if (value === undefined || value === null) continue;
    const found = read(value);
    if ('code' in found) return found;
    draft = { ...draft, ...found };
  }
  return { ok: true, draft };
}

/** Who gets the letter: `to` and `bcc`, each address once. */
export const recipientsOf = (draft: Draft): readonly string[] => [
  ...new Set([...draft.to, ...(draft.bcc ?? [])].map(address => readMailbox(address) ?? address)),
];

/** What goes beside the letter: SMTPUTF8 where an address has more than ASCII, and what the sender wants to be told. */
export function envelopeOf(draft: Draft): Envelope {
  const reversePath = draft.envelopeFrom ?? draft.from.address;
  const recipients = recipientsOf(draft);
  const { notify, ret, envid } = draft;
  const smtpUtf8 = ![draft.from.address, reversePath, ...recipients].every(isAscii);
  const dsnOf = (recipient: string): RecipientDsn => ({
    ...(notify && { notify }),
    // RFC 3461 §4.2: the address as its sender wrote it, whoever it is forwarded to.
    ...(isAscii(recipient) && { orcpt: `rfc822;${xtext(recipient)}` }),
  });
  return {
    reversePath,
    recipients,
    ...(smtpUtf8 && { smtpUtf8 }),
    ...(draft.encoding === 'binary' && { body: 'BINARYMIME' }),
    ...(ret !== undefined && { ret }),
    ...(envid !== undefined && { envid: xtext(envid) }),
    ...(notify && { dsn: Object.fromEntries(recipients.map(recipient => [recipient, dsnOf(recipient)])) }),
  };
}
