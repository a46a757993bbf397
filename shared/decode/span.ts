/** What the octets of a passing dialogue are: spans of a chunk, told apart by what the protocol means by them. */

/** What a reply answers: mostly a line of the client. */
export interface Command {
  /** In upper case, and no longer than a verb can be; '' for the greeting and for an empty line, '.' for the end of a letter. */
  readonly verb: string;
  /** Nothing stood behind the verb. */
  readonly bare: boolean;
  /** Of one that counts octets: the letter begins with them, the letter ends with them (RFC 3030 §2). */
  readonly begins: boolean;
  readonly ends: boolean;
}

const fixed = (verb: string): Command => ({ verb, bare: false, begins: false, ends: false });

/** What the first reply answers. */
export const GREETING: Command = fixed('');
/** The dot that ends a letter. */
export const END_OF_DATA: Command = fixed('.');
/** A line that is a dot, where no letter is known to be. */
export const LONE_DOT: Command = fixed('.');
/** What a reply answers that nobody asked for. */
export const UNASKED: Command = fixed('');
/** A line that answers a challenge. */
export const RESPONSE: Command = fixed('AUTH');

/** Octets of the chunk that was shown, `to` not included. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/** Of a client's line, with the CRLF that ends it. */
export interface LineSpan extends Range {
  readonly kind: 'verb' | 'argument' | 'secret';
  /** What the line says; null while that is not known. */
  readonly command: Command | null;
  /**
   * `response`: answers a challenge. `unasked`: behind AUTH, before anybody asked for it. `early`: behind DATA before its
   * reply, so that it may be of a letter. `command`: any other.
   */
  readonly role: 'command' | 'response' | 'unasked' | 'early';
  /** The first span of the line in which `command` is known. */
  readonly first: boolean;
  readonly ends: boolean;
}

/** Of a line of a reply, with its CRLF. */
export interface ReplySpan extends Range {
  readonly kind: 'reply';
  /** null while it is not known whether this is an answer or a challenge. */
  readonly answers: Command | null;
  readonly challenge: boolean;
  /** The first span of the reply in which `answers` is known. */
  readonly first: boolean;
  /** The line ends. */
  readonly ends: boolean;
  /** The reply ends with this line. */
  readonly last: boolean;
  /** What follows the reply from the same side. */
  readonly opens: 'letter' | 'listing' | null;
}

/** Of a letter, in the direction in which letters go, or of a listing. */
interface ContentSpan extends Range {
  readonly kind: 'content';
  /** Octets of it before this span, dots stuffed. */
  readonly offset: number;
  /** A chunk that was counted is complete; such a span may be empty. */
  readonly ends: boolean;
}

export type Span =
  | LineSpan
  | ReplySpan
  | ContentSpan
  /** The dot and CRLF that end content. */
  | (Range & { readonly kind: 'end' })
  /** Content or what ends it: the next span of the same side goes on with it and says which. */
  | (Range & { readonly kind: 'undecided' })
  /** Encrypted. */
  | (Range & { readonly kind: 'opaque' });
