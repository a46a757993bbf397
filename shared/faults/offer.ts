/** How the page offers a fault: a sentence with blanks. */
import type { LineAt, LineVerb } from './fields.ts';
import type { Ground, GroundHost } from './ground.ts';
import type { Rows, What } from './row.ts';

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

/** What stands in the blanks, by their names. */
type Filled = Readonly<Record<string, string>>;

export interface Offer<Result> {
  readonly id: string;
  /** "Its disk is full", or with blanks by name: "When asked {verb}, it answers {code} {text}". */
  readonly sentence: string;
  readonly blanks: Readonly<Record<string, Blank>>;
  /** Null where a blank is not filled in as it must be. */
  readonly make: (filled: Filled) => Result | null;
}

/** The host that is explained. */
interface HostSpot {
  readonly host: GroundHost;
  readonly ground: Ground;
}

/** A line that is to come. `client`: only calls by this host are struck. `verb`: the one that is meant, where one is. */
export interface LineSpot {
  readonly server: string;
  readonly port: LineAt['port'];
  readonly client?: string;
  readonly verb?: LineVerb;
}

/** Where it is offered: at every server, at those that take mail, that hold mailboxes, that answer DNS; at a mail client; at every host; at a line. */
export type Offered<Result> =
  | {
      readonly where: 'server' | 'mail-server' | 'mailbox' | 'dns' | 'client' | 'cable';
      readonly offers: (spot: HostSpot) => readonly Offer<Result>[];
    }
  | { readonly where: 'line'; readonly offers: (spot: LineSpot) => readonly Offer<Result>[] };

export type Offers<Table extends Rows> = {
  readonly [Kind in keyof Table]: Offered<What<Table, Kind>>;
};

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

/** The one of `values` that was chosen, or null. */
export const chosenOf = <T extends string>(values: readonly T[], typed: string | undefined): T | null =>
  values.find(each => each === typed) ?? null;

/** A sentence without blanks. */
export const plain = <Result>(id: string, sentence: string, what: Result): Offer<Result> => ({
  id,
  sentence,
  blanks: {},
  make: () => what,
});
