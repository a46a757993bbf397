/** What a person has written becomes a letter: an RFC 5322 message in 7-bit octets, every line ended by CRLF. */
import MailComposer from 'nodemailer/lib/mail-composer';
import { encodeWord } from 'nodemailer/lib/mime-funcs';
import { parseMailbox } from '../smtp/address.ts';

export interface Draft {
  readonly from: { readonly name?: string; readonly address: string };
  readonly to: readonly string[];
  /** In the envelope only: no header field names them (RFC 5322 §3.6.3). */
  readonly bcc?: readonly string[];
  readonly subject: string;
  readonly text: string;
  /** The Message-ID of the letter this one answers, with its angle brackets. */
  readonly inReplyTo?: string;
}

/** A draft with what its mail client adds. `messageId` has its angle brackets. */
export interface Composition extends Draft {
  readonly date: Date;
  readonly messageId: string;
}

export type DraftRead =
  | { readonly ok: true; readonly draft: Draft }
  /** `code` is stable, `message` a sentence for the person. */
  | { readonly ok: false; readonly code: DraftProblem; readonly message: string };

type DraftProblem =
  | 'bad-request'
  | 'bad-sender'
  | 'no-recipients'
  | 'too-many-recipients'
  | 'bad-recipient'
  | 'bad-subject'
  | 'subject-too-long'
  | 'bad-text'
  | 'text-too-long'
  | 'bad-reference';

/** RFC 5321 §4.5.3.1.8: no server has to take more in one transaction. */
const RECIPIENTS_LIMIT = 100;
const SUBJECT_LIMIT = 2000;
const TEXT_LIMIT = 16 * 1024 * 1024;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

const problem = (code: DraftProblem, message: string): DraftRead => ({ ok: false, code, message });
const shown = (value: string): string => (value.length > 80 ? `${value.slice(0, 79)}…` : value);
const isStrings = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every(item => typeof item === 'string');

/** Reads what the API was sent: `{from, to[], subject, text, bcc?[], inReplyTo?}`; other members are not looked at. */
export function parseDraft(input: unknown): DraftRead {
  if (typeof input !== 'object' || input === null) return problem('bad-request', 'A letter is a JSON object.');
  const { from, to, bcc, subject, text, inReplyTo }: Record<string, unknown> = { ...input };
  if (typeof from !== 'string') return problem('bad-sender', 'A letter needs a sender: "from" is an address.');
  const sender = parseMailbox(from);
  if (sender === null) return problem('bad-sender', `${shown(from)} is not an e-mail address.`);
  if (!isStrings(to) || (bcc !== undefined && !isStrings(bcc))) {
    return problem('bad-request', 'The recipients "to" and "bcc" are lists of addresses.');
  }
  const recipients = [...to, ...(bcc ?? [])];
  if (to.length === 0) return problem('no-recipients', 'A letter needs at least one recipient.');
  if (recipients.length > RECIPIENTS_LIMIT) {
    return problem('too-many-recipients', `A letter has at most ${RECIPIENTS_LIMIT} recipients.`);
  }
  const wrong = recipients.find(address => parseMailbox(address) === null);
  if (wrong !== undefined) return problem('bad-recipient', `${shown(wrong)} is not an e-mail address.`);
  if (typeof subject !== 'string') return problem('bad-subject', 'The subject is a text, which may be empty.');
  if (subject.length > SUBJECT_LIMIT) {
    return problem('subject-too-long', `The subject is too long: at most ${SUBJECT_LIMIT} characters.`);
  }
  if (CONTROL.test(subject)) return problem('bad-subject', 'A subject is one line without control characters.');
  if (typeof text !== 'string') return problem('bad-text', 'The text of the letter is missing; it may be empty.');
  if (Buffer.byteLength(text, 'utf8') > TEXT_LIMIT) {
    return problem('text-too-long', `The text is too long: at most ${TEXT_LIMIT / 1024 / 1024} MiB.`);
  }
  const draft: Draft = { from: { address: sender.address }, to, ...(bcc && { bcc }), subject, text };
  if (inReplyTo === undefined || inReplyTo === null) return { ok: true, draft };
  if (typeof inReplyTo !== 'string' || !/^<[\x21-\x3b=\x3f-\x7e]{1,900}>$/.test(inReplyTo)) {
    return problem(
      'bad-reference',
      'The letter that is answered is named by its Message-ID, such as <id@blue.example>.',
    );
  }
  return { ok: true, draft: { ...draft, inReplyTo } };
}

/** Who gets the letter: `to` and `bcc`, each address once. */
export const recipientsOf = (draft: Draft): readonly string[] => [
  ...new Set([...draft.to, ...(draft.bcc ?? [])].map(address => parseMailbox(address)?.address ?? address)),
];

/**
 * ASCII that cannot go into a header line as it is: a word too long to fold at its spaces (RFC 5322 §2.1.1), blanks that
 * folding could change, or something that a reader would take for an encoded word (RFC 2047 §6.2).
 */
const needsEncoding = (subject: string): boolean =>
  /^[ -~]+$/.test(subject) && (/[^ ]{60}/.test(subject) || /^ | $| {2}/.test(subject) || subject.includes('=?'));

/**
 * The message, CRLF only. The text is made of lines: its line ends become CRLF and the last line gets one, and after the
 * transfer encoding is undone it is that text, octet for octet.
 */
export async function composeMessage(draft: Composition): Promise<Buffer> {
  const lines = draft.text.replace(/\r\n|\r|\n/g, '\r\n');
  const text = lines === '' || lines.endsWith('\r\n') ? lines : `${lines}\r\n`;
  const subject = needsEncoding(draft.subject)
    ? { headers: { Subject: { prepared: true, foldLines: true, value: encodeWord(draft.subject, 'B', 52) } } }
    : { subject: draft.subject };
  const composer = new MailComposer({
    from: { name: draft.from.name ?? '', address: draft.from.address },
    to: draft.to.map(address => ({ name: '', address })),
    ...subject,
    ...(draft.inReplyTo !== undefined && { inReplyTo: draft.inReplyTo, references: draft.inReplyTo }),
    date: draft.date,
    messageId: draft.messageId,
    text,
    // Without it the header ends its lines with CRLF and the body with bare LF.
    newline: 'windows',
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return composer.compile().build();
}
