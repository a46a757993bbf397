/** What SMTP carries beside the letter, and how a server decides about it. */

/** Who gets a failure notice and who gets the letter (RFC 5321 §2.3.1). Addresses without angle brackets; '' is the null reverse-path `<>`. */
export interface Envelope {
  readonly reversePath: string;
  readonly recipients: readonly string[];
  /** MAIL said SMTPUTF8 (RFC 6531): the next hop must be told so too. */
  readonly smtpUtf8?: boolean;
  /** MAIL said that the letter is octets and not lines (RFC 3030 §3): only BDAT carries it. */
  readonly body?: 'BINARYMIME';
  /** How much of the letter a notification brings back (RFC 3461 §4.3). */
  readonly ret?: 'FULL' | 'HDRS';
  /** The sender's own name for this sending, as xtext, as it was given (RFC 3461 §4.4). */
  readonly envid?: string;
  /** What was asked for single recipients, by address as in `recipients`. */
  readonly dsn?: Readonly<Record<string, RecipientDsn>>;
}

export type Notify = 'NEVER' | 'SUCCESS' | 'FAILURE' | 'DELAY';

/** RFC 3461 §4.1 and §4.2; `orcpt` as given: "rfc822;bob@green.example" in xtext. */
export interface RecipientDsn {
  readonly notify?: readonly Notify[];
  readonly orcpt?: string;
}

/** A refusal as it goes on the wire: reply code, enhanced status code (RFC 3463, same class as the code) and a sentence without either. */
interface Refusal {
  readonly ok: false;
  readonly code: number;
  readonly enhanced: string;
  readonly text: string;
}

export type Verdict = { readonly ok: true } | Refusal;
