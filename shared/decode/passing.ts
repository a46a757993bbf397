/** Follows a passing dialogue of lines (SMTP, POP3) and says what each of its octets is, however they are cut; keeps none of them. */
import { Fifo } from '../fifo.ts';
import type { Dialogue, Verb } from '../protocols.ts';
import type { Side } from '../trace/event.ts';
import { CommandLine, verbsOf } from './command-line.ts';
import { ContentBlock } from './content-block.ts';
import { DotBlock, LINE_START, type SearchMarker } from './dot-block.ts';
import { type Exchange, exchangeOf } from './exchange.ts';
import { type Command, END_OF_DATA, GREETING, type LineSpan, LONE_DOT, RESPONSE, type Span, UNASKED } from './span.ts';

const CR = 13;
const LF = 10;
/** So many characters of a reply's line say what it is. */
const STATUS = 5;
/** So many say whether it is a challenge. */
const CHALLENGE = 3;
/** Lines without a reply; of more, only the octets are known. */
const MOST_UNANSWERED = 500_000;

/**
 * Both directions must be shown in the order in which they crossed. The spans of a chunk are all of it, in order; what they
 * say does not depend on where the chunks were cut. Any octets will do. Memory is bounded, whatever comes.
 */
export class Passing {
  private readonly dialogue: Dialogue;
  private readonly verbs: ReadonlyMap<string, Verb>;
  private readonly search: SearchMarker | undefined;
  private opaque = false;

  private readonly line: CommandLine;
  /** The last of each known verb: most lines say the same. */
  private readonly commands = new Map<string, Command>();
  private role: LineSpan['role'] = 'command';
  private firstShown = false;
  /** Lines that wait for a reply: how many there were, how many got one, and those that wait. */
  private sent = 1;
  private answered = 0;
  private readonly expecting = new Fifo<Command>(GREETING);
  /** Waits before all of them. */
  private endOfEarly: Command | null = null;
  /** Of those that wait, the ones that a letter may follow. */
  private dataPending = 0;
  private exchange: Exchange | null = null;
  /** The next line answers a challenge; or, where it has been sent already, the next that gets a reply does. */
  private challenged = false;
  private responseSent = false;

  private letter: ContentBlock | null = null;
  /** Octets of a chunk that are still to come (RFC 3030 §2), those before, and whether more chunks follow. */
  private chunk = 0;
  private chunkOffset = 0;
  private chunked = false;

  private answers: Command | null = null;
  private answersNth = 0;
  private replyShown = false;
  private status = '';
  private replyCr = false;
  private listing: ContentBlock | null = null;

  /** `search`: as `DotBlock` has it. */
  constructor(dialogue: Dialogue, search?: SearchMarker) {
    this.dialogue = dialogue;
    this.search = search;
    this.verbs = verbsOf(dialogue);
    this.line = new CommandLine(this.verbs);
  }

  /** What the client's octets are. */
  client(bytes: Uint8Array): readonly Span[] {
    const spans: Span[] = [];
    for (let at = 0; at < bytes.length; ) {
      if (this.opaque) {
        spans.push({ kind: 'opaque', from: at, to: bytes.length });
        break;
      }
      if (this.letter !== null) {
        const read = this.letter.read(bytes, at, spans);
        at = read.at;
        if (!read.over) break;
        this.letter = null;
        this.expect(END_OF_DATA);
      } else if (this.chunk > 0) at = this.readChunk(at, Math.min(bytes.length, at + this.chunk), spans);
      else at = this.readLine(bytes, at, spans);
    }
    return spans;
  }

  /** What the server's octets are. */
  server(bytes: Uint8Array): readonly Span[] {
    const spans: Span[] = [];
    for (let at = 0; at < bytes.length; ) {
      if (this.opaque) {
        spans.push({ kind: 'opaque', from: at, to: bytes.length });
        break;
      }
      if (this.listing === null) at = this.readReply(bytes, at, spans);
      else {
        const read = this.listing.read(bytes, at, spans);
        at = read.at;
        if (read.over) this.listing = null;
      }
    }
    return spans;
  }

  /** So many octets crossed that nobody saw. `content`: how many of them content needed. */
  skip(side: Side, octets: number): { readonly content: number; readonly spans: readonly Span[] } {
    const block = side === 'client' ? this.letter : this.listing;
    block?.skip(octets);
    if (block !== null || side === 'server' || this.chunk === 0)
      return { content: block === null ? 0 : octets, spans: [] };
    const spans: Span[] = [];
    const content = Math.min(octets, this.chunk);
    this.chunk -= content;
    this.chunkOffset += content;
    if (this.chunk === 0) this.readChunk(0, 0, spans);
    return { content, spans };
  }

  private readChunk(from: number, to: number, spans: Span[]): number {
    this.chunk -= to - from;
    spans.push({ kind: 'content', from, to, offset: this.chunkOffset, ends: this.chunk === 0 });
    this.chunkOffset += to - from;
    return to;
  }

  private readLine(bytes: Uint8Array, at: number, spans: Span[]): number {
    const { line } = this;
    if (!line.begun) this.beginLine();
    const { pieces, end } = line.read(bytes, at);
    for (const { kind, from, to } of pieces) {
      const ends = to === end;
      const known = ends || (kind !== 'verb' && !line.counts && line.verb !== null);
      const command = this.role === 'response' ? RESPONSE : known ? this.command() : null;
      const first = command !== null && !this.firstShown;
      this.firstShown ||= first;
      spans.push({ kind, from, to, command, role: this.role, first, ends });
      if (ends) this.endLine(command ?? UNASKED, to, spans);
    }
    return end < 0 ? bytes.length : end;
  }

  private beginLine(): void {
    const { exchange } = this;
    const unasked = exchange !== null && exchange.remaining > 0;
    if (unasked) {
      exchange.remaining -= 1;
      exchange.taken += 1;
    }
    this.line.begin(unasked || this.challenged);
    this.firstShown = false;
    this.role = this.challenged ? 'response' : this.dataPending > 0 ? 'early' : unasked ? 'unasked' : 'command';
  }

  private command(): Command {
    const { line } = this;
    if (line.isDot) return LONE_DOT;
    const count = this.role === 'command' ? line.count : null;
    const verb = line.verb ?? '';
    const known = count === null ? this.commands.get(verb) : undefined;
    if (known?.bare === line.bare) return known;
    const command: Command = {
      verb,
      bare: line.bare,
      begins: count !== null && !this.chunked,
      ends: count?.last === true,
    };
    if (count === null && this.verbs.has(verb)) this.commands.set(verb, command);
    return command;
  }

  private endLine(command: Command, at: number, spans: Span[]): void {
    const { line, role } = this;
    this.expect(command);
    if (role === 'response') this.challenged = false;
    if (line.exchange) {
      this.exchange = exchangeOf(this.sent, line.mechanism, line.withSecret);
    }
    const count = role === 'command' ? line.count : null;
    if (role === 'command' && command.verb === 'MAIL') this.chunked = false;
    if (count === null) return;
    if (command.begins) this.chunkOffset = 0;
    this.chunked = !command.ends;
    this.chunk = count.octets;
    if (this.chunk === 0) this.readChunk(at, at, spans);
  }

  private expect(command: Command): void {
    if (this.sent - this.answered >= MOST_UNANSWERED) return;
    this.sent += 1;
    this.expecting.push(command);
    if (this.awaitsLetter(command)) this.dataPending += 1;
  }

  private awaitsLetter({ verb }: Command): boolean {
    const content = this.verbs.get(verb)?.content;
    return content?.from === 'client' && content.framing === 'dot';
  }

  /** What a reply that begins now answers. */
  private nextAnswered(): Command {
    const next = this.endOfEarly ?? this.expecting.shift();
    this.endOfEarly = null;
    this.answersNth = next === undefined ? 0 : ++this.answered;
    if (next === undefined) return UNASKED;
    if (!this.responseSent) return next;
    this.responseSent = false;
    return RESPONSE;
  }

  private readReply(bytes: Uint8Array, at: number, spans: Span[]): number {
    if (this.answers === null) {
      this.answers = this.nextAnswered();
      this.replyShown = false;
    }
    let end = -1;
    for (let lf = bytes.indexOf(LF, at); lf >= 0 && end < 0; lf = bytes.indexOf(LF, lf + 1))
      if (lf > at ? bytes[lf - 1] === CR : this.replyCr) end = lf + 1;
    const to = end < 0 ? bytes.length : end;
    for (let next = at; next < to && this.status.length < STATUS; next++) {
      const octet = bytes[next] ?? 0;
      if (octet !== CR && octet !== LF) this.status += String.fromCharCode(octet);
    }
    this.replyCr = end < 0 && bytes[to - 1] === CR;
    const { status } = this;
    const ends = end >= 0;
    const last = ends && this.dialogue.continues?.test(status) !== true;
    if (last && this.answers === UNASKED) this.answers = this.nextAnswered();
    const { answers } = this;
    const known = ends || status.length >= CHALLENGE || this.verbs.get(answers.verb)?.exchange !== true;
    const challenge = known && this.exchange !== null && this.dialogue.challenge.test(status);
    const first = known && !this.replyShown;
    this.replyShown ||= known;
    const opens = last && !challenge ? this.opens(answers, status) : null;
    const fromServer = opens?.from === 'server' ? (opens.letter ? 'letter' : 'listing') : null;
    spans.push({
      kind: 'reply',
      from: at,
      to,
      answers: known ? answers : null,
      challenge,
      first,
      ends,
      last,
      opens: fromServer,
    });
    if (ends) this.status = '';
    if (last) {
      this.answers = null;
      this.endReply(answers, status, challenge);
      if (opens?.from === 'server') this.listing = new ContentBlock(new DotBlock(LINE_START, this.search));
      if (opens?.from === 'client') this.beginLetter();
    }
    return to;
  }

  /** The content that this reply to `answers` is followed by. */
  private opens({ verb, bare }: Command, status: string): Verb['content'] | null {
    const content = this.verbs.get(verb)?.content;
    if (content === undefined || content.after?.test(status) !== true || (content.bare && !bare)) return null;
    return content;
  }

  private endReply(answers: Command, status: string, challenge: boolean): void {
    const { exchange, answersNth } = this;
    if (this.awaitsLetter(answers)) this.dataPending -= 1;
    if (exchange !== null && challenge) {
      exchange.asked += 1;
      exchange.remaining = Math.max(exchange.remaining, exchange.asked - exchange.taken);
      if (answersNth !== exchange.nth) return;
      // Its answer is the next line; from a client that did not wait it has come already.
      this.responseSent = this.answered < this.sent;
      this.challenged = !this.responseSent;
      exchange.nth += 1;
    } else if (exchange !== null && answersNth >= exchange.nth && this.dialogue.status.test(status))
      this.exchange = null;
    if (this.verbs.get(answers.verb)?.opaque?.test(status) === true) this.opaque = true;
  }

  /** What was sent behind DATA was a letter: up to its dot, where that has come, or else all of it. */
  private beginLetter(): void {
    this.challenged = false;
    this.responseSent = false;
    for (let early = this.expecting.shift(); early !== undefined; early = this.expecting.shift()) {
      if (early === LONE_DOT) {
        this.endOfEarly = END_OF_DATA;
        if (this.exchange !== null && this.exchange.nth <= this.answered) this.exchange = null;
        return;
      }
      this.answered += 1;
      if (this.awaitsLetter(early)) this.dataPending -= 1;
    }
    this.exchange = null;
    this.letter = new ContentBlock(new DotBlock(this.line.begun ? this.line.match : LINE_START, this.search));
    this.line.begun = false;
  }
}
