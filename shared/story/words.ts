/** Words as they are told, and where they are written: what scripts and stories have in common. */

export interface Reference {
  /** "RFC 5321 §5.1" */
  readonly label: string;
  readonly url: string;
}

/** Plain words, with **bold** between double asterisks for a term where it is first explained. No other markup. */
export type Words = string;

/** The words alone. */
export const plain = (words: Words): string => words.replaceAll('**', '');
