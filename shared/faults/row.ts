/**
 * The shape of what is known of a kind of fault. A family of kinds is one file with a table for each of these types, so that a
 * script loads only the tables that it needs: every picture the rows, stories the explanations, the page the offers, the server the deeds.
 */
import type { FaultFields, FieldName } from './fields.ts';
import type { Ground } from './ground.ts';

export interface FaultPlace {
  /** The hosts that the mark belongs to; empty where it belongs to a cable. */
  readonly hosts: readonly string[];
  /** Who calls, and who is called. */
  readonly cable: readonly [string, string] | null;
}

/** A span of so many milliseconds in a word or two. */
type Time = (milliseconds: number) => string;

interface Row<Field extends FieldName> {
  /** What the kind needs, in the order in which it is written. */
  readonly fields: readonly Field[];
  /** At most five words: "Off", "Answers 451". */
  readonly label: (fault: Pick<FaultFields, Field>, time: Time) => string;
  /** Where on the stage its mark belongs. */
  readonly place: (fault: Pick<FaultFields, Field>, ground: Ground) => FaultPlace;
}

export const row = <Field extends FieldName>(
  fields: readonly Field[],
  label: Row<Field>['label'],
  place: Row<Field>['place'],
): Row<Field> => ({ fields, label, place });

export const atHosts = (...hosts: readonly (string | undefined)[]): FaultPlace => ({
  hosts: hosts.flatMap(host => (host === undefined ? [] : [host])),
  cable: null,
});
export const atHost = ({ host }: { readonly host: string }): FaultPlace => atHosts(host);

export type Rows = Readonly<Record<string, { readonly fields: readonly FieldName[] }>>;

/** What goes wrong, as the rows say: a kind and its fields. */
export type What<Table extends Rows, Kind extends keyof Table = keyof Table> = {
  [K in Kind]: { readonly kind: K } & Readonly<Pick<FaultFields, Table[K]['fields'][number]>>;
}[Kind];

/** How a sentence names a host, and says how long something takes. */
export interface Speech {
  /** "the outgoing server" */
  readonly called: (host: string) => string;
  readonly time: Time;
  /** Of so many seconds: "one hour and 30 minutes". */
  readonly span: (seconds: number) => string;
}

/**
 * With what a strike is explained: `refusal`: the reply that says no. `end`: the end of the connection. `reply`: any reply.
 * `replies`: any reply, once a connection. `no-connection`: a call that nobody answers. `lookup`: what became of the question to DNS.
 */
export type Consequence = 'refusal' | 'end' | 'reply' | 'replies' | 'no-connection' | 'lookup';

export type Explanations<Table extends Rows> = {
  readonly [Kind in keyof Table]: {
    /** What goes wrong, as a sentence without its capital and its full stop. */
    readonly clause: (fault: What<Table, Kind>, speech: Speech) => string;
    /** The sentence for a fault that strikes once; default: the clause and "the next time". */
    readonly once?: (fault: What<Table, Kind>, speech: Speech) => string;
    readonly leadsTo: Consequence;
  };
};

/** How a story file writes it. Any kind can be written as `fault: { kind, … }`. */
export type Deeds<Table extends Rows> = {
  readonly [Kind in keyof Table]?: {
    /** "make {host} silent": a fault that is always in force, its fields in braces. */
    readonly sentence?: string;
    /** Fields that may be left out, and what they are then. `code`: as it was written. */
    readonly usual?: {
      readonly fields: readonly FieldName[];
      readonly of: (written: { readonly port: unknown; readonly code: unknown }) => Partial<FaultFields>;
    };
  };
};

/** What docs/api.md says beside a field of this kind, where that is not what it says of the field everywhere. */
export type Notes<Table extends Rows> = {
  readonly [Kind in keyof Table]?: Partial<Record<Table[Kind]['fields'][number], string>>;
};
