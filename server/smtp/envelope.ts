/** What SMTP carries beside the letter, and how a server decides about it. */

/** Who gets a failure notice and who gets the letter (RFC 5321 §2.3.1). Addresses without angle brackets; '' is the null reverse-path `<>`. */
export interface Envelope {
  readonly reversePath: string;
  readonly recipients: readonly string[];
}

/** A refusal as it goes on the wire: reply code, enhanced status code (RFC 3463, same class as the code) and a sentence without either. */
interface Refusal {
  readonly ok: false;
  readonly code: number;
  readonly enhanced: string;
  readonly text: string;
}

export type Verdict = { readonly ok: true } | Refusal;
