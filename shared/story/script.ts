/** What a script is: the words an author wrote for what is going to happen, each part anchored to a moment and none to a time. */
import type { Reference, Words } from './words.ts';

/**
 * A moment of what happens, as an author names it: `*at the MX answer*`, `*at the second 451 from mx1*`, `*at “STARTTLS”*`.
 * Each part looks for its moment after the moment of the part before it; `nth` counts from there, 1 is the next one.
 */
export interface Anchor {
  readonly what: /** The story is about to begin, or is over. */
    | { readonly kind: 'beginning' | 'end' }
    /** A beat of this name opens: "mx-answer", "hand-over.refused". */
    | { readonly kind: 'beat'; readonly name: string }
    /** A reply with this code, or "+OK" and "-ERR", crosses. */
    | { readonly kind: 'reply'; readonly code: string }
    /** A command with this verb crosses: "RCPT". */
    | { readonly kind: 'command'; readonly verb: string }
    /** A line of the conversation contains this text. */
    | { readonly kind: 'text'; readonly text: string };
  readonly nth: number;
  /** Said or sent by this host, or to it: the first label of its name ("mx1") or all of it. */
  readonly from: string | null;
  readonly to: string | null;
}

export interface Choice {
  readonly words: Words;
  readonly right: boolean;
}

/** Asked before the part begins: what will happen? Two to four choices, one of them right. */
export interface Question {
  readonly words: Words;
  readonly choices: readonly Choice[];
}

/** What is told from one moment on. */
export interface Part {
  readonly title: Words;
  readonly anchor: Anchor;
  /** The anchor as the author wrote it: "at the MX answer". */
  readonly at: string;
  /** '' leaves the product's own words for that moment. May hold {placeholders}, filled in when it is told. */
  readonly body: Words;
  readonly references: readonly Reference[];
  /** For whoever tells it aloud; paragraphs are parted by an empty line, '' where there are none. */
  readonly notes: Words;
  readonly question: Question | null;
  /** Its heading's line in the file, from 1. */
  readonly line: number;
}

/** A thing the reader can answer afterwards. */
export interface Known {
  readonly question: Words;
  readonly answer: Words;
}

export interface Script {
  readonly title: Words;
  /** The paragraphs between title and first part, parted by an empty line. */
  readonly intro: Words;
  readonly parts: readonly Part[];
  readonly known: readonly Known[];
  /** One thing to try afterwards; '' where there is none. */
  readonly tryThis: Words;
  /** True where only the parts are beats, and whatever else happens belongs to the part before it. */
  readonly onlyParts: boolean;
}

/** Something wrong with a script's file. `line` from 1. */
export interface Problem {
  readonly line: number;
  readonly message: string;
}

/** A script with its name and its Markdown, as a trace holds it. */
export interface ToldScript {
  readonly name: string;
  readonly source: string;
  readonly script: Script;
  /** Index in `Story.runs`, or the one that its first beat will open. */
  readonly run: number;
  readonly ended: boolean;
  /** How many of its parts have been met; the next one waited for is `parts[met]`. */
  readonly met: number;
}
