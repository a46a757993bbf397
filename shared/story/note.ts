/** What is to be said under a letter about where it is and what has just become of it: a code and its data, without words. */

/** Where the letter lies once a server has stamped it. */
export type StampedPlace = 'queue' | 'mailbox';

export type LetterNote =
  | {
      readonly code:
        | 'nothing'
        | 'composed'
        | 'being-handed-over'
        | 'unacknowledged'
        | 'acknowledged'
        | 'no-answer-came'
        | 'line-broke'
        | 'not-sent'
        | 'recovered'
        | 'sent-on'
        | 'in-mailbox'
        | 'let-go'
        | 'copy-arrived'
        | 'report-written'
        | 'report-leaving'
        | 'dropped';
    }
  | { readonly code: 'stamped'; readonly times: number; readonly where: StampedPlace }
  /** A list or an alias has it go to others. */
  | { readonly code: 'sent-on-for'; readonly address: string }
  | { readonly code: 'copy-for'; readonly domain: string }
  /** `reply`: its first line, as long as a label is. `refused` is a 5yz, `not-now` a 4yz (RFC 5321 §4.2.1). */
  | { readonly code: 'refused' | 'not-now'; readonly reply: string }
  /** `status`: RFC 3463. */
  | { readonly code: 'waits' | 'undeliverable'; readonly status: string }
  /** Given up for `lost` of `count` recipients; `before` is what else there is to say. */
  | { readonly code: 'partly-lost'; readonly before: LetterNote; readonly lost: number; readonly count: number }
  /** From a compact file, which holds the words alone. */
  | { readonly code: 'told'; readonly words: string };

export const NO_NOTE: LetterNote = { code: 'nothing' };

/** The words of a note that came from a compact file; '' for every other. */
export const noteWords = (note: LetterNote): string => (note.code === 'told' ? note.words : '');

/** Said once, however often more of the recipients are given up. */
export const partlyLost = (note: LetterNote, lost: number, count: number): LetterNote => ({
  code: 'partly-lost',
  before: note.code === 'partly-lost' ? note.before : note,
  lost,
  count,
});
