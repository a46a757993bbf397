/** A delivery status notification read from its bytes: what became of whom, and what came back of the letter (RFC 3464). */
import { fieldOf, type Header, parseHeader } from './message.ts';
import { type MimePart, mimeTree } from './mime.ts';

export interface ReportedRecipient {
  /** Without its "rfc822;". */
  readonly recipient: string;
  /** "failed", "delayed", "delivered", "relayed", "expanded". */
  readonly action: string;
  /** "5.1.1" */
  readonly status: string;
  /** The reply that decided it, or ''. */
  readonly diagnostic: string;
  /** The server that said so, or ''. */
  readonly remote: string;
  /** Until when it is tried, or ''. */
  readonly retryUntil: string;
}

export interface DeliveryReport {
  /** The first part: words for a person, the entity [from, to) in the message; null where there are none. */
  readonly words: { readonly from: number; readonly to: number } | null;
  /** Who reports. */
  readonly reporter: string;
  readonly recipients: readonly ReportedRecipient[];
  /** The third part: the letter whole, its header, or nothing (RFC 3461 §4.3). */
  readonly returned: { readonly what: 'letter' | 'header'; readonly subject: string; readonly octets: number } | null;
}

/** RFC 3464 §2.1.2: "dns; mx.example", "rfc822;bob@x": the type says how to read it, and every one here is plain. */
const withoutType = (value: string): string => value.replace(/^[\w-]+\s*;\s*/, '');

/** Groups of fields with an empty line between them: first of the message, then of each recipient (RFC 3464 §2.1). */
function groupsOf(content: Uint8Array): readonly Header[] {
  const groups: Header[] = [];
  for (let at = 0; at < content.length; ) {
    const group = parseHeader(content.subarray(at));
    if (group.fields.length > 0) groups.push(group);
    if (group.body === 0) break;
    at += group.body;
  }
  return groups;
}

function recipientOf(group: Header): ReportedRecipient {
  const field = (name: string): string => fieldOf(group, name);
  return {
    recipient: withoutType(field('Final-Recipient') || field('Original-Recipient')),
    action: field('Action').trim().toLowerCase(),
    status: field('Status').trim(),
    diagnostic: withoutType(field('Diagnostic-Code')),
    remote: withoutType(field('Remote-MTA')),
    retryUntil: field('Will-Retry-Until'),
  };
}

/** Null for a letter that is no delivery status notification. */
export function readDsn(message: Uint8Array): DeliveryReport | null {
  const tree = mimeTree(message);
  if (tree.type !== 'multipart/report') return null;
  const content = (part: MimePart): Uint8Array => message.subarray(part.range.from, part.range.to);
  const status = tree.parts.find(({ type }) => /^message\/(global-)?delivery-status$/.test(type));
  if (status === undefined) return null;
  const [about, ...each] = groupsOf(content(status));
  const words = tree.parts.find(({ type }) => /^(?:text|multipart)\//.test(type) && type !== 'text/rfc822-headers');
  const back = tree.parts.find(({ type }) =>
    /^(message\/(rfc822|global)|(text\/rfc822|message\/global)-headers)$/.test(type),
  );
  return {
    words: words === undefined ? null : words.entity,
    reporter: about === undefined ? '' : withoutType(fieldOf(about, 'Reporting-MTA')),
    recipients: each.filter(group => fieldOf(group, 'Action') !== '').map(recipientOf),
    returned:
      back === undefined
        ? null
        : {
            what: back.type.endsWith('headers') ? 'header' : 'letter',
            subject: fieldOf(parseHeader(content(back)), 'Subject'),
            octets: content(back).length,
          },
  };
}
