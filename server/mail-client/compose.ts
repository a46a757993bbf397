/** A draft becomes a letter: an RFC 5322 message in 7-bit octets unless it is meant otherwise, every line ended by CRLF. */
import MailComposer from 'nodemailer/lib/mail-composer';
import { encodeWord } from 'nodemailer/lib/mime-funcs';
import { inOctets } from '../smtp/message/recode.ts';
import { attachedOctets } from './attachment.ts';
import type { Draft } from './draft.ts';
import { isAscii } from './mailbox-name.ts';

/** A draft with what its mail client adds. `messageId` has its angle brackets. */
export interface Composition extends Draft {
  readonly date: Date;
  readonly messageId: string;
}

/** RFC 5322 §2.1.1, without the CRLF. */
const LINE_LIMIT = 998;

/**
 * ASCII that cannot go into a header line as it is: a word too long to fold at its spaces (RFC 5322 §2.1.1), blanks that
 * folding could change, or something that a reader would take for an encoded word (RFC 2047 §6.2).
 */
const needsEncoding = (subject: string): boolean =>
  /^[ -~]+$/.test(subject) && (/[^ ]{60}/.test(subject) || /^ | $| {2}/.test(subject) || subject.includes('=?'));

/** What may be called 8bit: lines that are not too long, and no NUL (RFC 2045 §2.8). */
const fitsEightBit = (text: string): boolean =>
  !text.includes('\0') && text.split('\r\n').every(line => Buffer.byteLength(line, 'utf8') <= LINE_LIMIT);

const TEXT = 'Content-Type: text/plain; charset=utf-8\r\n';
const encodingField = (encoding: string): string => `Content-Transfer-Encoding: ${encoding}\r\n`;

const addresses = (list: readonly string[]) => list.map(address => ({ name: '', address }));

/**
 * The message, CRLF only. The text is made of lines: its line ends become CRLF and the last line gets one, and after the
 * transfer encoding is undone it is that text, octet for octet. Addresses beyond ASCII stand in the header as they are (RFC 6532
 * §3.2); everything else there is ASCII.
 */
export async function composeMessage(draft: Composition): Promise<Buffer> {
  const lines = draft.text.replace(/\r\n|\r|\n/g, '\r\n');
  const text = lines === '' || lines.endsWith('\r\n') ? lines : `${lines}\r\n`;
  const eightBit = draft.encoding === '8bit' && !isAscii(text) && fitsEightBit(text);
  const raw = draft.encoding === 'binary' ? 'binary' : eightBit ? '8bit' : null;
  const subject = needsEncoding(draft.subject)
    ? { headers: { Subject: { prepared: true, foldLines: true, value: encodeWord(draft.subject, 'B', 52) } } }
    : { subject: draft.subject };
  const { attachment } = draft;
  const whole = raw !== null || text === '';
  const composer = new MailComposer({
    from: { name: draft.from.name ?? '', address: draft.from.address },
    to: addresses(draft.to),
    ...(draft.bcc !== undefined && { bcc: addresses(draft.bcc) }),
    ...subject,
    ...(draft.inReplyTo !== undefined && { inReplyTo: draft.inReplyTo, references: draft.inReplyTo }),
    date: draft.date,
    messageId: draft.messageId,
    // The library has neither 8bit nor binary, and no empty part: beside an attachment such a text is handed over whole, alone it is put below the header.
    ...(whole &&
      attachment && { alternatives: [{ raw: `${TEXT}${raw === null ? '' : encodingField(raw)}\r\n${text}` }] }),
    ...(!whole && { text }),
    ...(attachment && {
      attachments: [
        { filename: attachment.name, content: attachedOctets(attachment), contentType: 'application/octet-stream' },
      ],
    }),
    // As unlikely to stand in a part as the Message-ID itself, and the same for the same letter.
    baseBoundary: draft.messageId.replace(/[^0-9A-Za-z]+/g, '-'),
    // Without it the header ends its lines with CRLF and the body with bare LF.
    newline: 'windows',
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const message = composer.compile();
  // The submission server takes it out (RFC 6409 §8.7 leaves that to it, RFC 5322 §3.6.3).
  message.keepBcc = true;
  if (raw === null) return message.build();
  message.setHeader('Content-Transfer-Encoding', raw);
  if (attachment) {
    const built = await message.build();
    return raw === 'binary' ? inOctets(built) : built;
  }
  message.setHeader('Content-Type', 'text/plain; charset=utf-8');
  return Buffer.concat([await message.build(), Buffer.from(text, 'utf8')]);
}
