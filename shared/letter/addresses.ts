/** Who is named in a header field, or in what a person pastes: parsed first and decoded then (RFC 5322 §3.4, RFC 2047 §6.1). */
import { type Address, addressParser } from 'postal-mime';
import { decodeWords } from '../decode/encoded-words.ts';

/** `name` is decoded, '' for none. `address` is an addr-spec with the quotes that it needs, or whatever stood in its place. */
export interface NamedMailbox {
  readonly name: string;
  readonly address: string;
}

/** A group has a name and members (RFC 5322 §3.4); a mailbox alone is one without a name. */
interface Listed {
  readonly group: string | null;
  readonly members: readonly NamedMailbox[];
}

/** Characters of a field that are looked at: as many as a server takes in a header. */
const LONGEST = 262_144;
/** Stand for a run of encoded-words while the list is parsed: of a plane that is nobody's (Unicode §23.5). */
const OPEN = '\u{f0000}';
const CLOSE = '\u{f0001}';
const RUN = /=\?[^?\s]+\?[bq]\?[^?]*\?=(?:\s+=\?[^?\s]+\?[bq]\?[^?]*\?=)*/gi;
const STAND_IN = new RegExp(`${OPEN}(\\d+)${CLOSE}`, 'gu');

const DOT_ATOM = /^[^\s"(),:;<>@[\\\]]+$/;

/** The parser takes the quotes off a local part that needs them (RFC 5322 §3.4.1). */
function withQuotes(address: string): string {
  const at = address.lastIndexOf('@');
  const localPart = address.slice(0, Math.max(0, at));
  if (at <= 0 || localPart.startsWith('"') || DOT_ATOM.test(localPart)) return address;
  return `"${localPart.replaceAll(/["\\]/g, '\\$&')}"${address.slice(at)}`;
}

/** Comments nest (RFC 5322 §3.2.2), which the parser does not know: the inner parentheses go, their words stay. */
function withFlatComments(value: string): string {
  let depth = 0;
  let quoted = false;
  return value.replace(/\\[\s\S]|["()]/g, sign => {
    if (sign === '"' && depth === 0) quoted = !quoted;
    if (quoted || sign.length > 1 || sign === '"') return sign;
    if (sign === '(') {
      depth += 1;
      return depth === 1 ? sign : '';
    }
    depth = Math.max(0, depth - 1);
    return depth === 0 ? sign : '';
  });
}

/** Everybody in a field, groups kept together. A quoted string or an encoded-word is a name, whatever it contains. */
function listed(value: string): readonly Listed[] {
  const runs: string[] = [];
  const plain = withFlatComments(value.slice(0, LONGEST)).replace(
    RUN,
    run => `${OPEN}${runs.push(decodeWords(run)) - 1}${CLOSE}`,
  );
  const decoded = (text: string): string =>
    text.replace(STAND_IN, (whole, nth: string) => runs[Number(nth)] ?? whole).trim();
  const mailbox = ({ name, address = '' }: Address): NamedMailbox => ({
    name: decoded(name),
    address: decoded(withQuotes(address)),
  });
  return addressParser(plain).map(each =>
    each.group === undefined
      ? { group: null, members: [mailbox(each)] }
      : { group: decoded(each.name), members: each.group.map(mailbox) },
  );
}

/** Everybody in a field, in its order; who is named in a group too. */
export const mailboxesIn = (value: string): readonly NamedMailbox[] =>
  listed(value)
    .flatMap(({ members }) => members)
    .filter(({ address }) => address !== '');

const SPECIALS = /[()<>[\]:;@\\,."]/;
const nameText = (name: string): string => (SPECIALS.test(name) ? `"${name.replaceAll(/["\\]/g, '\\$&')}"` : name);
const mailboxText = ({ name, address }: NamedMailbox): string =>
  name === '' ? address : address === '' ? name : `${nameText(name)} <${address}>`;

/** The field as its reader sees it: `"Builder, Bob" <bob@green.example>, Team: a@x.example;`. */
export const addressesText = (value: string): string =>
  listed(value)
    .map(({ group, members }) =>
      group === null ? members.map(mailboxText).join(', ') : `${group}: ${members.map(mailboxText).join(', ')};`,
    )
    .join(', ');

/** Only addresses and what parts them, as a list copied from a table; a field of one line has made spaces of its lines. */
const BARE = /^[^<>"()]*$/;

/**
 * What a person types or pastes into a To field: mailboxes with or without names, parted by comma, semicolon or line. What is no
 * address is given back as it stands, so that whoever checks it can name it.
 */
export function addressesTyped(text: string): readonly string[] {
  const words = text.split(/[\s,;]+/).filter(word => word !== '');
  if (BARE.test(text) && words.every(word => word.includes('@'))) return words;
  return listed(text.replaceAll(/[\r\n]+|>\s+(?=[^\s,;])/g, end => (end.startsWith('>') ? '>, ' : ', ')))
    .flatMap(({ group, members }) => (members.length > 0 || group === null ? members : [{ name: group, address: '' }]))
    .map(({ name, address }) => (address === '' ? name : address));
}
