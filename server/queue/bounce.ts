/** Delivery status notifications: the letter that tells a sender what became of theirs (RFC 3464, RFC 6522). Pure: facts in, octets out. */
import { isCutMessageId } from '../../shared/trace/event.ts';
import type { HostId } from '../../shared/world/world.ts';
import { crlfForm } from '../base/crlf.ts';
import type { Envelope } from '../smtp/envelope.ts';
import { hasEightBit } from '../smtp/message/dot-stuffing.ts';
import { fieldValue, headerFields } from '../smtp/message/header-fields.ts';
import { inLines } from '../smtp/message/recode.ts';
import { dateTime, messageIdOf } from '../smtp/message/trace-fields.ts';
import { type Reply, replyText } from '../smtp/reply.ts';

/** A longer letter comes back whole only where that was asked for. Octets. */
const RETURNED_UNASKED = 65_536;

/** RFC 3464 §2.3.3. */
export type ReportAction = 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded';

/** What became of one recipient. */
export interface RecipientReport {
  readonly recipient: string;
  readonly action: ReportAction;
  /** RFC 3463: "5.1.1". */
  readonly status: string;
  /** A sentence without a full stop, for a person. */
  readonly reason: string;
  /** The host that was tried, null where there was none; it answered where `reply` is one. */
  readonly exchange: string | null;
  readonly reply: Reply | null;
  /** When that was, in milliseconds since 1970. */
  readonly at: number;
}

export interface ReportFacts {
  /** Who reports. */
  readonly host: HostId;
  /** Whose MAILER-DAEMON writes. */
  readonly domain: string;
  /** The report's own queue id. */
  readonly id: string;
  readonly date: Date;
  readonly letter: {
    /** Its reverse-path is not null: it is whom the report is for. */
    readonly envelope: Envelope;
    readonly message: Buffer;
    readonly arrivedAt: Date;
  };
  /** At least one, all with the same action. */
  readonly recipients: readonly RecipientReport[];
  /** Until when a delayed letter is tried. */
  readonly retryUntil?: Date;
}

/** Whether the sender wants to be told this of this recipient (RFC 3461 §4.1); without a wish, of failures and delays. */
export function wants({ reversePath, dsn }: Envelope, recipient: string, action: ReportAction): boolean {
  if (reversePath === '') return false;
  const notify = dsn?.[recipient]?.notify;
  if (action === 'failed') return notify?.includes('FAILURE') ?? true;
  if (action === 'delayed') return notify?.includes('DELAY') ?? true;
  return notify?.includes('SUCCESS') ?? false;
}

/** The envelope a report travels in: nobody is told what becomes of it (RFC 5321 §4.5.5, RFC 3464 §2). */
export const reportEnvelope = (envelope: Envelope): Envelope => ({
  reversePath: '',
  recipients: [envelope.reversePath],
  dsn: { [envelope.reversePath]: { notify: ['NEVER'] } },
  ...(isInternational(envelope) ? { smtpUtf8: true } : {}),
});

const isInternational = ({ smtpUtf8, reversePath, recipients }: Envelope): boolean =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant
  smtpUtf8 === true || /[^\x00-\x7f]/.test([reversePath, ...recipients].join(''));

const SUBJECT: Readonly<Record<ReportAction, string>> = {
  failed: 'Undelivered',
  delayed: 'Delayed',
  delivered: 'Delivered',
  relayed: 'Relayed',
  expanded: 'Forwarded',
};
const SAYING: Readonly<Record<ReportAction, readonly [before: string, after: string]>> = {
  failed: ['could not be delivered to', 'It is not tried again. Whoever else it was meant for is not concerned.'],
  delayed: ['could not be delivered yet to', 'It is tried again by itself. There is nothing you need to do.'],
  delivered: ['was put into the mailbox of', 'Whether it has been read nobody knows.'],
  relayed: [
    'was handed on, to a server that does not report back, for',
    'You may hear no more of it, also where it arrives.',
  ],
  expanded: ['was passed on to everybody who stands behind', 'You will not hear what becomes of each of their copies.'],
};

/** xtext, the form in which ESMTP parameters carry any octet (RFC 3461 §4). */
const fromXtext = (text: string): string =>
  text.replace(/(?:\+[0-9A-F]{2})+/g, octets => Buffer.from(octets.replaceAll('+', ''), 'hex').toString('utf8'));

/** Broken at blanks into lines of about 76; what has no blank is broken where RFC 5322 §2.1.1 has its limit. */
function lines(text: string): string[] {
  const broken: string[] = [];
  let line = '';
  for (const word of text
    .trimEnd()
    .split(' ')
    .flatMap(each => each.match(/.{1,900}/gsu) ?? [''])) {
    if (line !== '' && line.length + word.length >= 76) {
      broken.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...broken, line];
}

/** The whole message, in CRLF form, with all its header fields. Its Message-ID is made of `id`, `date` and `host`. */
export function composeReport(facts: ReportFacts): Buffer {
  const { host, id, date, letter, recipients } = facts;
  const { envelope, arrivedAt } = letter;
  const action = recipients[0]?.action ?? 'failed';
  // A report is lines, also about a letter that is none.
  const original = envelope.body === 'BINARYMIME' ? inLines(letter.message) : crlfForm(letter.message);
  const international = isInternational(envelope);
  // What others said must neither end a line nor need more than ASCII where that was not agreed on.
  const clean = (text: string): string =>
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    text.replace(international ? /[\x00-\x1f\x7f-\x9f]/g : /[^ -~]/g, '?');
  const field = (name: string, value: string): string => lines(clean(`${name}: ${value}`)).join('\r\n ');
  const addressType = (address: string): string => (/^[ -~]*$/.test(address) ? 'rfc822' : 'utf-8');

  const fields = headerFields(original);
  const header = original.subarray(0, fields.at(-1)?.to ?? 0);
  // RFC 3461 §4.3: RET is about failures; nobody needs back what has arrived.
  const wholeByWish = envelope.ret === undefined ? original.length <= RETURNED_UNASKED : envelope.ret === 'FULL';
  const whole = action === 'failed' && wholeByWish;
  const returned = whole ? original : header;

  const subjectField = fields.find(({ name }) => name === 'subject');
  const subject = Buffer.from(subjectField ? fieldValue(original, subjectField) : '', 'latin1').toString('utf8');
  const messageId = messageIdOf(original);
  const [before, after] = SAYING[action];
  const words = [
    `This is the mail server ${host}.`,
    '',
    ...lines(`Your letter of ${dateTime(arrivedAt)} ${before}:`),
    '',
    ...recipients.flatMap(({ recipient, status, reason }) => [
      recipient,
      ...lines(`${reason} (${status}).`).map(line => `    ${line}`),
      '',
    ]),
    ...lines(facts.retryUntil ? `${after} It is given up on ${dateTime(facts.retryUntil)}.` : after),
    ...lines(
      `What follows is the same for mail programs, then ${whole ? 'your letter' : 'the header of your letter'}.`,
    ),
  ];

  const groups = [
    [
      field('Reporting-MTA', `dns; ${host}`),
      ...(envelope.envid === undefined ? [] : [field('Original-Envelope-Id', fromXtext(envelope.envid))]),
      field('Arrival-Date', dateTime(arrivedAt)),
    ],
    ...recipients.map(each => {
      const orcpt = fromXtext(envelope.dsn?.[each.recipient]?.orcpt ?? '').replace(/;\s*/, '; ');
      const diagnosis = each.reply ? `smtp; ${replyText(each.reply)}` : `X-mailscope; ${each.reason}`;
      return [
        ...(orcpt === '' ? [] : [field('Original-Recipient', orcpt)]),
        field('Final-Recipient', `${addressType(each.recipient)}; ${each.recipient}`),
        field('Action', each.action),
        field('Status', each.status),
        ...(each.exchange !== null && each.reply ? [field('Remote-MTA', `dns; ${each.exchange}`)] : []),
        field('Diagnostic-Code', diagnosis),
        field('Last-Attempt-Date', dateTime(new Date(each.at))),
        ...(facts.retryUntil ? [field('Will-Retry-Until', dateTime(facts.retryUntil))] : []),
      ];
    }),
  ];

  let boundary = `report-${id}`;
  while (original.includes(`--${boundary}`)) boundary += '=';
  const part = (type: string, content: Buffer): Buffer =>
    Buffer.concat([
      Buffer.from(
        `--${boundary}\r\nContent-Type: ${type}\r\n` +
          `Content-Transfer-Encoding: ${hasEightBit(content) ? '8bit' : '7bit'}\r\n\r\n`,
      ),
      content,
      Buffer.from('\r\n'),
    ]);
  const text = (paragraphs: readonly string[]): Buffer =>
    Buffer.from(paragraphs.map(line => `${line}\r\n`).join(''), 'utf8');

  const top = [
    field('Date', dateTime(date)),
    field('From', `Mail delivery <MAILER-DAEMON@${facts.domain}>`),
    field('To', envelope.reversePath),
    field('Subject', subject === '' ? SUBJECT[action] : `${SUBJECT[action]}: ${subject.slice(0, 500)}`),
    field('Message-ID', `<${id}.${date.getTime()}@${host}>`),
    ...(messageId === '' || isCutMessageId(messageId)
      ? []
      : [field('In-Reply-To', messageId), field('References', messageId)]),
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    `Content-Transfer-Encoding: ${international || hasEightBit(returned) ? '8bit' : '7bit'}`,
    `Content-Type: multipart/report; report-type=delivery-status;\r\n boundary="${boundary}"`,
    '',
  ];
  const charset = international ? 'utf-8' : 'us-ascii';
  const wholeType = international ? 'message/global' : 'message/rfc822';
  const headerType = international ? 'message/global-headers' : 'text/rfc822-headers';
  return Buffer.concat([
    text(top),
    part(`text/plain; charset=${charset}`, text(words.map(clean))),
    part(
      international ? 'message/global-delivery-status' : 'message/delivery-status',
      text(groups.flatMap((group, nth) => (nth === 0 ? group : ['', ...group]))),
    ),
    part(whole ? wholeType : headerType, returned),
    Buffer.from(`--${boundary}--\r\n`),
  ]);
}
