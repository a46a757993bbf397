/** Follows a passing conversation line by line, so that a fault can strike at the right octet; a letter's content is never taken for commands. */

import type { LineVerb } from '../../shared/faults/fields.ts';
import { Fifo } from '../../shared/fifo.ts';
import { DotBlock } from '../dot-block.ts';
import { Lines } from './cut.ts';

/** A piece of what one side sent. */
export interface Part {
  /**
   * `line`: a client's, `reply`: a server's first one. `content`: of a letter on its way to the server. `begun`: what cannot be
   * told before more of it comes; the next part of this side goes on with it. `rest`: everything else.
   */
  readonly kind: 'line' | 'reply' | 'content' | 'begun' | 'rest';
  readonly bytes: Buffer;
  /** What a line says, or a reply answers. */
  readonly verbs: readonly LineVerb[];
  /** Octets of the letter's content before `bytes`, dots stuffed. */
  readonly offset: number;
}

/** Both directions must be shown in the order in which they were sent. Keeps no octets; the parts of a chunk are all of it. */
export interface Follower {
  client(chunk: Buffer): readonly Part[];
  server(chunk: Buffer): readonly Part[];
}

/** For the protocol of this well-known port; null where nothing strikes at its lines. */
export function followerFor(port: number): Follower | null {
  if (port === 25 || port === 587) return new SmtpFollower();
  return port === 110 ? new Pop3Follower() : null;
}

const NONE: readonly LineVerb[] = [];
const SMTP = new Map<string, readonly LineVerb[]>([
  ['EHLO', ['EHLO']],
  ['HELO', ['EHLO']],
  ['AUTH', ['AUTH']],
  ['MAIL', ['MAIL']],
  ['RCPT', ['RCPT']],
  ['DATA', ['DATA']],
  ['QUIT', ['QUIT']],
]);
const POP3 = new Map<string, readonly LineVerb[]>([
  ['USER', ['USER']],
  ['PASS', ['PASS']],
  ['STAT', ['STAT']],
  ['UIDL', ['UIDL']],
  ['RETR', ['RETR']],
  ['DELE', ['DELE']],
  ['QUIT', ['QUIT']],
]);

/** A line that waits for its reply. */
interface Asked {
  readonly verb: string;
  readonly verbs: readonly LineVerb[];
  readonly alone: boolean;
}
const asked = (verb: string, verbs: readonly LineVerb[], alone = true): Asked => ({ verb, verbs, alone });
const greeting = (): Asked => asked('', ['GREETING']);
const unasked = asked('', NONE);

const part = (kind: Part['kind'], bytes: Buffer, verbs: readonly LineVerb[] = NONE, offset = 0): Part => ({
  kind,
  bytes,
  verbs,
  offset,
});

const words = (line: string): readonly string[] => line.trimStart().toUpperCase().split(/ +/);

class SmtpFollower implements Follower {
  private readonly commands = new Lines();
  private readonly replies = new Lines();
  private readonly expecting = new Fifo<Asked>(greeting());
  private answering: Asked | null = null;
  private block: DotBlock | null = null;
  /** Octets of a BDAT chunk that are still to come (RFC 3030 §2). */
  private chunk = 0;
  private chunked = false;
  private content = 0;
  /** Octets shown as `begun` that may yet be content. */
  private unsure = 0;
  /** Lines sent behind DATA before its reply: commands, or a letter whose client did not wait. */
  private early: Asked[] | null = null;
  private challenged = false;
  private opaque = false;

  client(chunk: Buffer): Part[] {
    if (this.opaque) return [part('rest', chunk)];
    const parts: Part[] = [];
    for (let at = 0; at < chunk.length; ) {
      if (this.block) {
        const { dot, end } = this.block.read(chunk, at);
        if (dot > at) {
          this.content += this.unsure;
          this.unsure = 0;
          parts.push(this.contentPart(chunk.subarray(at, dot)));
        }
        if (end < 0) {
          if (dot < chunk.length) parts.push(part('begun', chunk.subarray(dot)));
          this.unsure += chunk.length - dot;
          return parts;
        }
        parts.push(part('line', chunk.subarray(dot, end), ['END-OF-DATA']));
        this.endOfData();
        at = end;
      } else if (this.chunk > 0) {
        const octets = Math.min(this.chunk, chunk.length - at);
        parts.push(this.contentPart(chunk.subarray(at, at + octets)));
        this.chunk -= octets;
        at += octets;
      } else {
        const end = this.commands.end(chunk, at);
        const bytes = chunk.subarray(at, end < 0 ? chunk.length : end);
        parts.push(end < 0 ? part('begun', bytes) : this.command(bytes, this.commands.head));
        at += bytes.length;
      }
    }
    return parts;
  }

  server(chunk: Buffer): Part[] {
    if (this.opaque) return [part('rest', chunk)];
    const parts: Part[] = [];
    for (let at = 0; at < chunk.length; ) {
      const end = this.replies.end(chunk, at);
      const bytes = chunk.subarray(at, end < 0 ? chunk.length : end);
      parts.push(end < 0 ? part('begun', bytes) : this.reply(bytes, this.replies.head));
      at += bytes.length;
    }
    return parts;
  }

  private contentPart(bytes: Buffer): Part {
    const offset = this.content;
    this.content += bytes.length;
    return part('content', bytes, NONE, offset);
  }

  private endOfData(): void {
    this.block = null;
    this.unsure = 0;
    this.expecting.push(asked('.', ['END-OF-DATA']));
  }

  private command(bytes: Buffer, line: string): Part {
    if (this.challenged) {
      this.challenged = false;
      this.expecting.push(asked('AUTH', ['AUTH']));
      return part('rest', bytes);
    }
    const [verb = '', first = '', second = ''] = words(line);
    if (this.early) {
      this.early.push(asked(line === '.' ? '.' : verb, SMTP.get(verb) ?? NONE));
      return part('rest', bytes);
    }
    const verbs = verb === 'BDAT' ? this.beginChunk(first, second) : (SMTP.get(verb) ?? NONE);
    if (verb === 'MAIL') {
      this.content = 0;
      this.chunked = false;
    }
    if (verb === 'DATA') this.early = [];
    this.expecting.push(asked(verb, verbs));
    return part('line', bytes, verbs);
  }

  /** The first chunk is a letter's DATA, the last one its end. */
  private beginChunk(octets: string, last: string): readonly LineVerb[] {
    const begins = !this.chunked;
    const ends = last === 'LAST';
    this.chunk = Math.max(0, Number.parseInt(octets, 10) || 0);
    this.chunked = !ends;
    if (begins) this.content = 0;
    return [...(begins ? (['DATA'] as const) : []), ...(ends ? (['END-OF-DATA'] as const) : [])];
  }

  private reply(bytes: Buffer, line: string): Part {
    const begins = this.answering === null;
    const answering = this.answering ?? this.expecting.shift() ?? unasked;
    this.answering = line[3] === '-' ? answering : null;
    const code = line.slice(0, 3);
    const challenge = code === '334' && answering.verb === 'AUTH';
    if (this.answering === null) {
      if (challenge) this.challenged = true;
      if (code === '220' && answering.verb === 'STARTTLS') this.opaque = true;
      if (answering.verb === 'DATA') this.afterData(code === '354');
    }
    // What is said to AUTH is said at its end (RFC 4954 §4).
    return begins ? part('reply', bytes, challenge ? NONE : answering.verbs) : part('rest', bytes);
  }

  private afterData(taken: boolean): void {
    const early = this.early ?? [];
    this.early = null;
    const dot = early.findIndex(({ verb }) => verb === '.');
    if (taken && dot < 0) {
      this.content = 0;
      this.block = new DotBlock(!this.commands.reset());
      return;
    }
    if (taken) this.endOfData();
    for (const each of taken ? early.slice(dot + 1) : early) this.expecting.push(each);
  }
}

/** Verbs whose +OK is followed by more lines: some only without an argument (RFC 1939 §5, §7, RFC 2449 §5). */
const MULTI_LINE = new Set(['RETR', 'TOP', 'CAPA']);
const MULTI_LINE_ALONE = new Set(['LIST', 'UIDL']);

class Pop3Follower implements Follower {
  private readonly commands = new Lines();
  private readonly replies = new Lines();
  private readonly expecting = new Fifo<Asked>(greeting());
  private block: DotBlock | null = null;
  private challenged = false;

  client(chunk: Buffer): Part[] {
    const parts: Part[] = [];
    for (let at = 0; at < chunk.length; ) {
      const end = this.commands.end(chunk, at);
      const bytes = chunk.subarray(at, end < 0 ? chunk.length : end);
      parts.push(end < 0 ? part('begun', bytes) : this.command(bytes, this.commands.head));
      at += bytes.length;
    }
    return parts;
  }

  server(chunk: Buffer): Part[] {
    const parts: Part[] = [];
    for (let at = 0; at < chunk.length; ) {
      if (this.block) {
        const { end } = this.block.read(chunk, at);
        const bytes = chunk.subarray(at, end < 0 ? chunk.length : end);
        if (end >= 0) this.block = null;
        parts.push(part('rest', bytes));
        at += bytes.length;
        continue;
      }
      const end = this.replies.end(chunk, at);
      const bytes = chunk.subarray(at, end < 0 ? chunk.length : end);
      parts.push(end < 0 ? part('begun', bytes) : this.reply(bytes, this.replies.head));
      at += bytes.length;
    }
    return parts;
  }

  private command(bytes: Buffer, line: string): Part {
    if (this.challenged) {
      this.challenged = false;
      this.expecting.push(asked('AUTH', NONE));
      return part('rest', bytes);
    }
    const [verb = '', first = ''] = words(line);
    const verbs = POP3.get(verb) ?? NONE;
    this.expecting.push(asked(verb, verbs, first === ''));
    return part('line', bytes, verbs);
  }

  private reply(bytes: Buffer, line: string): Part {
    const { verb, verbs, alone } = this.expecting.shift() ?? unasked;
    if (/^\+( |$)/.test(line)) this.challenged = true;
    else if (line.startsWith('+OK') && (MULTI_LINE.has(verb) || (alone && MULTI_LINE_ALONE.has(verb)))) {
      this.block = new DotBlock();
    }
    return part('reply', bytes, verbs);
  }
}
