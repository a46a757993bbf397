/** The parts of a MIME letter in another transfer encoding, and every other octet as it was (RFC 2045 §6, RFC 2046 §5.1). Pure. */
import { parameterised } from '../../../shared/decode/mime.ts';
import { crlfForm, hasBareLineEnd } from '../../base/crlf.ts';
import { hasEightBit } from './dot-stuffing.ts';
import { fieldValue, headerFields } from './header-fields.ts';

/** Content, and what its Content-Transfer-Encoding says, in lower case. */
interface Encoded {
  readonly encoding: string;
  readonly content: Buffer;
}

interface Recoding {
  /** What a part that has no parts becomes; null: it stays. */
  leaf(part: Encoded): Encoded | null;
  /** What one says whose parts have been recoded; the octets between its parts are never changed. */
  composite(part: Encoded): string;
}

const CR = 0x0d;
const LF = 0x0a;
/** What lies deeper counts as one part without parts: nothing of it is lost. */
const DEEPEST = 50;
/** A boundary has at most 70 octets, and the blanks after it are padding (RFC 2046 §5.1.1). */
const PADDING_BOUND = 200;
const FIELD = 'content-transfer-encoding';

/** Contents between boundaries as [from, to); the CRLF before a boundary belongs to the boundary. */
function between(body: Buffer, boundary: string): readonly { readonly from: number; readonly to: number }[] {
  const mark = Buffer.from(`--${boundary}`, 'latin1');
  const found: { from: number; to: number }[] = [];
  let open = -1;
  for (let at = body.indexOf(mark); at !== -1; at = body.indexOf(mark, at + 1)) {
    const after = at + mark.length;
    const rest = /^(--)?[ \t]*(?:\r\n|$)/.exec(body.toString('latin1', after, after + PADDING_BOUND));
    if (!rest || (at > 0 && (body[at - 2] !== CR || body[at - 1] !== LF))) continue;
    if (open !== -1) found.push({ from: open, to: Math.max(open, at - 2) });
    if (rest[1] !== undefined) return found;
    open = after + rest[0].length;
  }
  return open === -1 ? found : [...found, { from: open, to: body.length }];
}

function recoded(entity: Buffer, recoding: Recoding, depth = 0): Buffer {
  const fields = headerFields(entity);
  const end = fields.at(-1)?.to ?? 0;
  const from = entity[end] === CR && entity[end + 1] === LF ? end + 2 : end;
  const value = (name: string): string => {
    const field = fields.find(each => each.name === name);
    return field ? fieldValue(entity, field) : '';
  };
  const { first: type, parameters } = parameterised(value('content-type'));
  const { boundary = '' } = parameters;
  const before: Encoded = { encoding: value(FIELD).toLowerCase(), content: entity.subarray(from) };

  const composite = (parts: readonly { readonly from: number; readonly to: number }[]): Encoded => {
    const pieces: Buffer[] = [];
    let at = 0;
    for (const part of parts) {
      const inner = recoded(before.content.subarray(part.from, part.to), recoding, depth + 1);
      pieces.push(before.content.subarray(at, part.from), inner);
      at = part.to;
    }
    const content = Buffer.concat([...pieces, before.content.subarray(at)]);
    return { content, encoding: recoding.composite({ encoding: before.encoding, content }) };
  };
  const become = (): Encoded => {
    if (depth < DEEPEST && type.startsWith('multipart/') && boundary !== '')
      return composite(between(before.content, boundary));
    if (depth < DEEPEST && (type === 'message/rfc822' || type === 'message/global'))
      return composite([{ from: 0, to: before.content.length }]);
    return recoding.leaf(before) ?? before;
  };
  const after = become();
  if (after.encoding === before.encoding) {
    return after.content === before.content ? entity : Buffer.concat([entity.subarray(0, from), after.content]);
  }
  const told = Buffer.from(`Content-Transfer-Encoding: ${after.encoding}\r\n`);
  const field = fields.find(({ name }) => name === FIELD) ?? { from: end, to: end };
  // A field of MIME means nothing in a letter that does not say it is MIME (RFC 2045 §4).
  const version = depth > 0 || value('mime-version') !== '' ? '' : 'MIME-Version: 1.0\r\n';
  return Buffer.concat([
    entity.subarray(0, field.from),
    Buffer.from(version),
    told,
    entity.subarray(field.to, end),
    Buffer.from('\r\n'),
    after.content,
  ]);
}

/** RFC 2045 §6.8: lines of 76; the last has no CRLF here. */
const toBase64 = (content: Buffer): Buffer =>
  Buffer.from(content.toString('base64').replace(/.{76}(?!$)/g, '$&\r\n'), 'latin1');

const isPlain = (encoding: string): boolean => ['', '7bit', '8bit'].includes(encoding);
/** What no line can hold, whatever its header says (RFC 2045 §2.8). */
const isNoText = (content: Buffer): boolean => hasBareLineEnd(content) || content.includes(0);

/**
 * A letter of BODY=BINARYMIME in lines, for those who know nothing else: parts that are binary become base64 and hold the very octets they held (RFC
 * 3030 §3). A letter that was lines stays as it is.
 */
export const inLines = (message: Buffer): Buffer =>
  crlfForm(
    recoded(message, {
      leaf: ({ encoding, content }) =>
        encoding === 'binary' || (isPlain(encoding) && isNoText(content))
          ? { encoding: 'base64', content: toBase64(content) }
          : null,
      composite({ encoding, content }) {
        if (encoding !== 'binary') return encoding;
        return hasEightBit(content) ? '8bit' : '7bit';
      },
    }),
  );

/** The other way round: parts in base64 become binary, so that they cross as they are, one octet for each. */
export const inOctets = (message: Buffer): Buffer =>
  recoded(message, {
    leaf: ({ encoding, content }) =>
      encoding === 'base64' ? { encoding: 'binary', content: Buffer.from(content.toString('latin1'), 'base64') } : null,
    composite: () => 'binary',
  });
