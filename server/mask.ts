/** Keeps secrets out of the record: overwrites what authenticates in a client's octets, wherever the segments happen to be cut. */

import { DotBlock } from './dot-block.ts';

/** One connection's masker. Octets of both directions must be shown to it in the order in which they crossed. */
export interface Masker {
  /** What may be recorded of these octets of the client: a copy of the same length, secrets as '*'. */
  client(bytes: Uint8Array): Uint8Array;
  /** The server's octets hold no secrets; they tell which of the client's lines do. */
  server(bytes: Uint8Array): void;
}

type Answer = 'continue' | 'start-data' | 'final' | 'partial';

/** What differs between the protocols: which verb is followed by what, and what a line of the server means. */
interface Dialect {
  /** Words before the secret: `AUTH mechanism secret` has one, `PASS secret` none. */
  readonly wordsBeforeSecret: ReadonlyMap<string, number>;
  readonly answer: (line: string) => Answer;
  /** The verb that counts the octets which follow its line and are no lines (RFC 3030 §2). */
  readonly counts: string | null;
}

const SMTP: Dialect = {
  wordsBeforeSecret: new Map([['AUTH', 1]]),
  counts: 'BDAT',
  answer: line => {
    if (line[3] === '-') return 'partial';
    if (line.startsWith('334')) return 'continue';
    return line.startsWith('354') ? 'start-data' : 'final';
  },
};

const POP3: Dialect = {
  wordsBeforeSecret: new Map([
    ['AUTH', 1],
    ['APOP', 1],
    ['PASS', 0],
  ]),
  counts: null,
  answer: line => {
    if (line.startsWith('+OK') || line.startsWith('-ERR')) return 'final';
    return line.startsWith('+ ') || line.startsWith('+\r') ? 'continue' : 'partial';
  },
};

const CR = 13;
const LF = 10;
const BLANK = 0x20;
const STAR = 0x2a;
/** Longer words are no verb and no mechanism; only so much of them is kept. */
const WORD = 24;

/** How many lines follow a mechanism's AUTH even if nobody asked yet, as of a client that does not wait (RFC 4616, LOGIN). */
function linesAfter(mechanism: string, initial: boolean): number {
  if (mechanism === '') return 0;
  if (mechanism === 'PLAIN') return initial ? 0 : 1;
  if (mechanism === 'LOGIN') return initial ? 1 : 2;
  return Number.POSITIVE_INFINITY;
}

/** The masker for a connection to this well-known port, or null where nothing secret crosses. */
export function maskerFor(port: number): Masker | null {
  if (port === 25 || port === 587) return createMasker(SMTP);
  return port === 110 ? createMasker(POP3) : null;
}

function createMasker(dialect: Dialect): Masker {
  /** Replies still to come; the greeting is the first. */
  let outstanding = 1;
  /** AUTH waits for its reply, which is the `index`-th to come; `remaining` lines are secret, `taken` were, `asked` for. */
  let auth: { index: number; remaining: number; taken: number; asked: number } | null = null;
  /** DATA waits for its reply; `lines` came meanwhile, `ended` if the final dot was among them. */
  let data: { index: number; lines: number; ended: boolean } | null = null;
  /** A letter's content crosses. */
  let content: DotBlock | null = null;
  /** Octets of a chunk that are still to come. */
  let chunk = 0;

  let lineStart = true;
  let afterCr = false;
  let phase: 'verb' | 'words' | 'count' | 'secret' | 'plain' = 'verb';
  let verb = '';
  let word = '';
  let wordsLeft = 0;
  let secretLength = 0;
  let continuation = false;

  function beginLine(): void {
    lineStart = true;
    afterCr = false;
    phase = 'verb';
    verb = '';
    word = '';
    secretLength = 0;
    continuation = false;
  }

  function endLine(): void {
    if (!continuation) {
      outstanding += 1;
      if (verb === 'AUTH')
        auth = { index: outstanding, remaining: linesAfter(word, secretLength > 0), taken: 0, asked: 0 };
      else if (verb === dialect.counts) chunk = Number(/^ *(\d{1,15})(?: +LAST)? *$/.exec(word)?.[1] ?? 0);
      else if (verb === 'DATA') data = { index: outstanding, lines: 0, ended: false };
      else if (data !== null && !data.ended) {
        if (verb === '.') data.ended = true;
        else data.lines += 1;
      }
    }
    beginLine();
  }

  function endWord(octet: number): void {
    if (phase === 'verb') {
      if (word === '') return;
      verb = word;
      if (verb === dialect.counts && octet === BLANK) {
        phase = 'count';
        word = '';
        return;
      }
      const words = dialect.wordsBeforeSecret.get(verb);
      // A bare LF ends no command (RFC 5321 §2.3.8), yet what follows it may be meant as one.
      if (words === undefined) {
        phase = octet === LF ? 'verb' : 'plain';
        if (octet === LF) word = '';
      } else {
        phase = words === 0 ? 'secret' : 'words';
        wordsLeft = words;
        word = '';
      }
    } else if (phase === 'words' && word !== '') {
      wordsLeft -= 1;
      if (wordsLeft === 0) phase = 'secret';
    } else if (phase === 'plain' && octet === LF) {
      phase = 'verb';
      word = '';
    }
  }

  /** One octet of a command line; returns what may be recorded of it. */
  function command(octet: number): number {
    if (lineStart) {
      lineStart = false;
      if (auth !== null && auth.remaining > 0) {
        auth.remaining -= 1;
        auth.taken += 1;
        continuation = true;
        phase = 'secret';
      }
    }
    if (octet === LF && afterCr) {
      endLine();
      return octet;
    }
    afterCr = octet === CR;
    if (phase === 'secret') {
      if (octet === CR || octet === LF) return octet;
      secretLength += 1;
      return STAR;
    }
    if (phase === 'count') {
      // A line that is longer than this, or has a bare LF in it, counts nothing.
      if (octet !== CR) word += String.fromCharCode(octet).toUpperCase();
      if (octet === LF || word.length > WORD) {
        phase = octet === LF ? 'verb' : 'plain';
        word = '';
      }
    } else if (octet <= BLANK) endWord(octet);
    else if (phase !== 'plain' && word.length < WORD) word += String.fromCharCode(octet).toUpperCase();
    return octet;
  }

  /** Where the octets of a letter that begin at `at` end in this chunk. */
  function contentEnd(block: DotBlock, bytes: Buffer, at: number): number {
    const { end } = block.read(bytes, at);
    if (end < 0) return bytes.length;
    content = null;
    outstanding += 1;
    beginLine();
    return end;
  }

  let reply = '';
  function answered(line: string): void {
    const answer = dialect.answer(line);
    if (answer === 'partial') return;
    if (answer === 'continue' && auth !== null) {
      auth.asked += 1;
      auth.remaining = Math.max(auth.remaining, auth.asked - auth.taken);
      return;
    }
    outstanding = Math.max(0, outstanding - 1);
    if (auth !== null) {
      auth.index -= 1;
      if (auth.index <= 0) {
        // Lines taken for secrets that nobody asked for were commands, and each gets a reply.
        outstanding += Math.max(0, auth.taken - auth.asked);
        auth = null;
      }
    }
    if (data === null) return;
    data.index -= 1;
    if (data.index > 0) return;
    if (answer === 'start-data') {
      outstanding = Math.max(0, outstanding - data.lines);
      content = data.ended ? null : new DotBlock(lineStart);
    }
    data = null;
  }

  return {
    client(bytes) {
      const copy = new Uint8Array(bytes);
      const view = Buffer.from(copy.buffer);
      for (let at = 0; at < copy.length; ) {
        if (chunk > 0) {
          const octets = Math.min(chunk, copy.length - at);
          chunk -= octets;
          at += octets;
        } else if (content !== null) at = contentEnd(content, view, at);
        else {
          copy[at] = command(copy[at] ?? 0);
          at += 1;
        }
      }
      return copy;
    },
    server(bytes) {
      for (const octet of bytes) {
        if (octet === LF) {
          answered(reply);
          reply = '';
        } else if (reply.length < 5) reply += String.fromCharCode(octet);
      }
    },
  };
}
