/** What a letter says: its text, its HTML and what is attached, in whatever charset and encoding it came (RFC 2045 to 2049, RFC 3676). */
import PostalMime from 'postal-mime';
import { fromLatin1, joined, toUtf8 } from '../bytes.ts';
import { type DeliveryReport, readDsn } from '../decode/dsn.ts';
import { isKnownCharset, withoutC1 } from '../decode/encoded-words.ts';
import { parseHeader } from '../decode/message.ts';
import { type MimePart, mimeTree } from '../decode/mime.ts';
import { toBase64 } from '../trace/base64.ts';
import { unflowed } from './flowed.ts';

interface AttachedPart {
  /** '' where it has none. */
  readonly name: string;
  readonly type: string;
  /** Without its angle brackets, '' for none (RFC 2392). */
  readonly contentId: string;
  readonly content: Uint8Array;
}

export interface LetterContent {
  readonly text: string | null;
  readonly html: string | null;
  readonly attachments: readonly AttachedPart[];
  /** Charsets of its text that nobody here knows: it is read as windows-1252. */
  readonly unknownCharsets: readonly string[];
  /** A delivery status notification, and its words for a person. */
  readonly report: { readonly facts: DeliveryReport; readonly words: string } | null;
}

const leavesOf = (part: MimePart): readonly MimePart[] =>
  part.parts.length === 0 ? [part] : part.parts.flatMap(leavesOf);

const isFlowed = ({ type, parameters }: MimePart): boolean =>
  type === 'text/plain' && parameters.format?.toLowerCase() === 'flowed';

const CRLF = fromLatin1('\r\n');
/** The fields of an entity but for some, as they stand. */
function fieldsBut(entity: Uint8Array, unwanted: RegExp): readonly Uint8Array[] {
  return parseHeader(entity)
    .fields.filter(({ name }) => !unwanted.test(name))
    .map(({ range }) => entity.subarray(range.from, range.to));
}
const NONE = /^$/;
const FORM = /^content-(?:type|transfer-encoding)$/i;

/** The entity with a header that everybody reads alike: its fields, the empty line, its body. */
function withPlainHeader(entity: Uint8Array): Uint8Array {
  const { body } = parseHeader(entity);
  return joined([...fieldsBut(entity, NONE), CRLF, entity.subarray(body)]);
}

/** A part that flows, as one that does not. */
async function rewrapped(entity: Uint8Array, { parameters, encoding }: MimePart): Promise<Uint8Array> {
  const charset = parameters.charset ?? 'us-ascii';
  const plain = `Content-Type: text/plain; charset="${charset.replaceAll(/["\\\r\n]/g, '')}"\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`;
  const { text = '' } = await PostalMime.parse(
    joined([toUtf8(plain), entity.subarray(parseHeader(entity).body)]).slice(),
  );
  const delSp = parameters.delsp?.toLowerCase() === 'yes';
  const base64 = toBase64(toUtf8(withoutC1(unflowed(text, delSp), charset)));
  return joined([
    ...fieldsBut(entity, FORM),
    toUtf8('Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n'),
    toUtf8(base64.replace(/.{76}/g, '$&\r\n')),
  ]);
}

/** The letter as the library is to read it: its header ends where ours does, and nothing flows any more. */
async function prepared(message: Uint8Array, tree: MimePart): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let from = 0;
  for (const leaf of leavesOf(tree).filter(isFlowed)) {
    pieces.push(message.subarray(from, leaf.entity.from));
    pieces.push(await rewrapped(message.subarray(leaf.entity.from, leaf.entity.to), leaf));
    from = leaf.entity.to;
  }
  pieces.push(message.subarray(from));
  return withPlainHeader(joined(pieces));
}

const withoutBrackets = (contentId: string): string => contentId.trim().replace(/^<(.*)>$/s, '$1');

/** What one entity says, whatever it is nested in. Rejects where the library gives up: too deep, or too long a header. */
async function entityContent(
  message: Uint8Array,
): Promise<Omit<LetterContent, 'report'> & { readonly tree: MimePart }> {
  const tree = mimeTree(message);
  const email = await PostalMime.parse((await prepared(message, tree)).slice());
  const charsets = leavesOf(tree).flatMap(({ type, parameters: { charset } }) =>
    type.startsWith('text/') && charset !== undefined ? [charset] : [],
  );
  const readText = (text: string | undefined): string | null =>
    text === undefined ? null : charsets.reduce(withoutC1, text);
  return {
    tree,
    text: readText(email.text),
    html: readText(email.html),
    attachments: email.attachments.map(({ filename, mimeType, contentId, content }) => ({
      // Nobody means a control character in a name.
      name: withoutC1(filename ?? '', 'windows-1252'),
      type: mimeType,
      contentId: withoutBrackets(contentId ?? ''),
      content: typeof content === 'string' ? toUtf8(content) : new Uint8Array(content),
    })),
    unknownCharsets: [...new Set(charsets.filter(charset => !isKnownCharset(charset)))],
  };
}

/** Reads a letter as a mail program does. Rejects where its parts nest too deep to be read. */
export async function readLetter(message: Uint8Array): Promise<LetterContent> {
  const { tree: _tree, ...content } = await entityContent(message);
  const facts = readDsn(message);
  if (facts === null) return { ...content, report: null };
  const words = facts.words === null ? null : await entityContent(message.subarray(facts.words.from, facts.words.to));
  return { ...content, report: { facts, words: (words?.text ?? '').replaceAll('\r\n', '\n').trim() } };
}
