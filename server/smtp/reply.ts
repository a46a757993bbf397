/** Replies of a server (RFC 5321 §4.2): written by ours, read from others' without trusting them. Pure. */
import type { Cause } from '../../shared/trace/cause.ts';

/** `lines` are the texts after "250-" or "250 ", enhanced status code included; there is at least one. */
export interface Reply {
  readonly code: number;
  readonly lines: readonly string[];
}

/** A reply of one line. `enhanced` is null where RFC 2034 §3 wants none: greeting, HELO, EHLO and 3yz. */
export const reply = (code: number, enhanced: string | null, text: string): Reply => ({
  code,
  lines: [enhanced === null ? text : `${enhanced} ${text}`],
});

/** RFC 5321 §4.5.3.1.5: 512 octets a line, code and CRLF included. */
const REPLY_LINE = 512;

/** As much of the line as fits; a character is cut off whole. */
function fitting(line: string): string {
  let cut = line.slice(0, REPLY_LINE - 2);
  while (Buffer.byteLength(cut) > REPLY_LINE - 2) cut = [...cut].slice(0, -1).join('');
  return cut;
}

/** A reply in UTF-8, every line with its code and CRLF; a line that would be too long is cut. */
export const formatReply = ({ code, lines }: Reply): string =>
  lines
    .map((line, index) => fitting(`${code}${index < lines.length - 1 ? '-' : ' '}${line.replaceAll(/[\r\n]+/g, ' ')}`))
    .map(line => `${line}\r\n`)
    .join('');

/** The enhanced status code the reply begins with, where its class is the reply's own (RFC 2034 §4), else null. */
export function enhancedStatus({ code, lines }: Reply): string | null {
  const found = /^([245]\.\d{1,3}\.\d{1,3})(?: |$)/.exec(lines[0] ?? '')?.[1];
  return found?.startsWith(String(Math.floor(code / 100))) ? found : null;
}

/** As a person reads it in a sentence: "550 5.1.1 No such user". */
export const replyText = ({ code, lines }: Reply): string => `${code} ${lines.join(' ')}`.trim();

export type ReplyRead =
  | { readonly kind: 'reply'; readonly reply: Reply }
  | { readonly kind: 'malformed'; readonly cause: Cause };

/** Octets of one line a client puts up with; the RFC's 512, but generous servers exist. */
const LINE_BOUND = 4096;
const LINES_BOUND = 128;

export interface ReplyReader {
  /** Takes octets as they come, cut anywhere, and gives what they complete. After `malformed` nothing more is read. */
  push(chunk: Buffer): readonly ReplyRead[];
}

/** Reads replies from a stream: lines end in CRLF only, all lines of a reply have one code, everything is bounded. */
export function createReplyReader(): ReplyReader {
  let held: Buffer = Buffer.alloc(0);
  let code = 0;
  let lines: string[] = [];
  let broken = false;

  const readLine = (line: string): ReplyRead | null => {
    const parts = /^([2-5]\d\d)(?:([ -])(.*))?$/s.exec(line);
    if (!parts) return { kind: 'malformed', cause: { code: 'no-reply-line', line: line.slice(0, 80) } };
    const number = Number(parts[1]);
    if (lines.length > 0 && number !== code) {
      return { kind: 'malformed', cause: { code: 'two-reply-codes', first: code, second: number } };
    }
    code = number;
    lines.push(parts[3] ?? '');
    if (parts[2] === '-') {
      return lines.length < LINES_BOUND
        ? null
        : { kind: 'malformed', cause: { code: 'endless-reply', lines: LINES_BOUND } };
    }
    const complete: Reply = { code, lines };
    lines = [];
    return { kind: 'reply', reply: complete };
  };

  return {
    push(chunk) {
      const read: ReplyRead[] = [];
      if (broken) return read;
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      for (let end = held.indexOf('\r\n'); end !== -1; end = held.indexOf('\r\n')) {
        const result = readLine(held.toString('utf8', 0, end));
        held = held.subarray(end + 2);
        if (result) read.push(result);
        if (result?.kind === 'malformed') {
          broken = true;
          return read;
        }
      }
      if (held.length > LINE_BOUND) {
        broken = true;
        read.push({ kind: 'malformed', cause: { code: 'endless-reply-line', octets: LINE_BOUND } });
      }
      return read;
    },
  };
}
