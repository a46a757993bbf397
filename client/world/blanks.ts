/** Sentences with blanks: the form in which a fault is offered. Pure. */
import type { FaultWhat } from '../../shared/world/fault.ts';

/** A blank of a sentence. `width` in characters. */
export interface Blank {
  readonly label: string;
  readonly value: string;
  readonly kind: 'number' | 'text' | 'choice';
  readonly choices?: readonly { readonly value: string; readonly label: string }[];
  readonly least?: number;
  readonly most?: number;
  readonly width?: number;
}

export type Filled = Readonly<Record<string, string>>;

export interface Offer {
  readonly id: string;
  /** "Its disk is full", or with blanks by name: "When asked {verb}, it answers {code} {text}". */
  readonly sentence: string;
  readonly blanks: Readonly<Record<string, Blank>>;
  /** Null where a blank is not filled in as it must be. */
  readonly make: (filled: Filled) => FaultWhat | null;
}

export const number = (label: string, value: number, least: number, most: number, width = 5): Blank => ({
  label,
  value: `${value}`,
  kind: 'number',
  least,
  most,
  width,
});
export const text = (label: string, value: string, width: number): Blank => ({ label, value, kind: 'text', width });
export const choice = (label: string, values: readonly string[], value = values[0] ?? ''): Blank => ({
  label,
  value,
  kind: 'choice',
  choices: values.map(each => ({ value: each, label: each })),
});

/** A blank's whole number within its bounds, or null. */
export function numberIn(blank: Blank, typed: string | undefined): number | null {
  const value = Number(typed);
  const fits = /^\d+$/.test(typed ?? '') && value >= (blank.least ?? 0) && value <= (blank.most ?? 0);
  return fits ? value : null;
}

export const MILLISECONDS = number('Milliseconds', 2000, 0, 600_000);
export const plain = (id: string, sentence: string, what: FaultWhat): Offer => ({
  id,
  sentence,
  blanks: {},
  make: () => what,
});
