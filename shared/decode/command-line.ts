/** Reads a client's line octet by octet, and says which octets are its verb, its argument and a secret; keeps a few words of it. */
import type { Dialogue, Verb } from '../protocols.ts';
import { type DotMatch, dotMatch, endsWithLf, LINE_START } from './dot-block.ts';

const CR = 13;
const LF = 10;
const BLANK = 0x20;
/** Longer words are no verb and no mechanism; only so much of them is kept. */
const WORD = 24;
/** Octets to come and whether they are the last, as BDAT says it (RFC 3030 §2). */
const COUNT = /^ *(\d{1,15})(?: +(LAST))? *$/;

/** A line's end belongs to whatever stands before it. */
export interface Piece {
  readonly kind: 'verb' | 'argument' | 'secret';
  readonly from: number;
  readonly to: number;
}

/**
 * `first`: before the first word. `verb`: the same behind a bare LF, which ends no line (RFC 5321 §2.3.8), yet what follows
 * it may be meant as one. `words`: between the verb and the secret.
 */
type Phase = 'first' | 'verb' | 'blank' | 'plain' | 'words' | 'count' | 'secret';

export class CommandLine {
  private readonly verbs: ReadonlyMap<string, Verb>;
  private phase: Phase = 'first';
  private kind: Piece['kind'] = 'verb';
  private word = '';
  private wordsLeft = 0;
  private afterCr = false;
  /** The last word that stood where a verb may stand. */
  private lastVerb = '';
  /** The first word in upper case; null until it is whole. */
  verb: string | null = null;
  /** Nothing stands behind the verb. */
  bare = true;
  /** The word before the secret, in upper case. */
  mechanism = '';
  /** A secret stands in the line. */
  withSecret = false;
  /** Something of the line has come. */
  begun = false;
  /** How the line would end if it were a letter's. */
  match: DotMatch = LINE_START;

  constructor(verbs: ReadonlyMap<string, Verb>) {
    this.verbs = verbs;
  }

  /** A new line; `secret`: as a whole. */
  begin(secret: boolean): void {
    this.phase = secret ? 'secret' : 'first';
    this.kind = secret ? 'secret' : 'verb';
    this.word = '';
    this.afterCr = false;
    this.lastVerb = '';
    this.verb = null;
    this.bare = true;
    this.mechanism = '';
    this.withSecret = false;
    this.begun = true;
    this.match = LINE_START;
  }

  /** The server may ask for more secrets. */
  get exchange(): boolean {
    return this.verbs.get(this.lastVerb)?.exchange === true;
  }

  /** What the verb counts; null where it counts nothing. */
  get count(): { readonly octets: number; readonly last: boolean } | null {
    const found = this.phase === 'count' ? COUNT.exec(this.word) : null;
    return found && { octets: Number(found[1]), last: found[2] !== undefined };
  }

  /** What the line says is known only at its end. */
  get counts(): boolean {
    return this.phase === 'count';
  }

  /** It is a dot and nothing else; to be asked at its end. */
  get isDot(): boolean {
    return endsWithLf(this.match);
  }

  /** Reads on at `at`, up to the CRLF. `end` is where the line ends, -1 while it does not. */
  read(bytes: Uint8Array, at: number): { readonly pieces: readonly Piece[]; readonly end: number } {
    const pieces: Piece[] = [];
    let from = at;
    for (let next = at; next < bytes.length; next++) {
      if (this.phase === 'plain') next = this.skipPlain(bytes, next);
      if (next === bytes.length) break;
      const octet = bytes[next] ?? 0;
      if (octet === LF && this.afterCr) {
        this.begun = false;
        pieces.push({ kind: this.kind, from, to: next + 1 });
        return { pieces, end: next + 1 };
      }
      this.afterCr = octet === CR;
      this.match = dotMatch(this.match, octet);
      const { kind } = this;
      this.readOctet(octet);
      if (this.kind === kind) continue;
      if (next > from) pieces.push({ kind, from, to: next });
      from = next;
    }
    if (from < bytes.length) pieces.push({ kind: this.kind, from, to: bytes.length });
    return { pieces, end: -1 };
  }

  /** Where the next LF is, at the earliest at `at`: nothing else matters in plain text. */
  private skipPlain(bytes: Uint8Array, at: number): number {
    const lf = bytes.indexOf(LF, at);
    const next = lf < 0 ? bytes.length : lf;
    if (next > at) {
      this.afterCr = bytes[next - 1] === CR;
      this.match = dotMatch(0, bytes[next - 1]);
    }
    return next;
  }

  private readOctet(octet: number): void {
    if (octet > BLANK && this.verb !== null) this.bare = false;
    switch (this.phase) {
      case 'secret':
        this.readSecret(octet);
        return;
      case 'count':
        this.readCount(octet);
        return;
      case 'blank':
      case 'plain':
        if (octet === LF) this.phase = 'verb';
        else if (octet > BLANK) this.phase = 'plain';
        return;
      case 'first':
      case 'verb':
      case 'words':
        if (octet <= BLANK) this.endWord(octet);
        else this.addToWord(octet);
    }
  }

  private addToWord(octet: number): void {
    if (this.word.length < WORD) this.word += String.fromCharCode(octet).toUpperCase();
  }

  private readSecret(octet: number): void {
    if (octet !== CR && octet !== LF) {
      this.kind = 'secret';
      this.withSecret = true;
    }
    // It may turn out to be a command that nobody waited with.
    if (this.verb !== null) return;
    if (octet > BLANK) this.addToWord(octet);
    else if (this.word !== '') this.verb = this.word;
  }

  private readCount(octet: number): void {
    if (octet === CR) return;
    this.word += String.fromCharCode(octet).toUpperCase();
    // A line that is longer than this, or has a bare LF in it, counts nothing.
    if (octet !== LF && this.word.length <= WORD) return;
    this.word = '';
    this.phase = octet === LF ? 'verb' : 'plain';
  }

  private endWord(octet: number): void {
    if (this.word === '') return;
    if (this.phase === 'words') {
      this.wordsLeft -= 1;
      this.mechanism = this.word;
      this.word = '';
      if (this.wordsLeft === 0) this.phase = 'secret';
      return;
    }
    const row = this.verbs.get(this.word);
    const isFirst = this.phase === 'first';
    if (isFirst) {
      this.verb = this.word;
      this.kind = 'argument';
    }
    this.lastVerb = this.word;
    this.word = '';
    if (isFirst && row?.content?.framing === 'count' && octet === BLANK) this.phase = 'count';
    else if (row?.secretAfter === undefined) this.phase = octet === LF ? 'verb' : 'blank';
    else {
      this.wordsLeft = row.secretAfter;
      this.phase = row.secretAfter === 0 ? 'secret' : 'words';
    }
  }
}

/** The verbs of a dialogue, by name. */
export const verbsOf = ({ verbs }: Dialogue): ReadonlyMap<string, Verb> => new Map(Object.entries(verbs));
