/** Reads one SMTP connection from its recorded octets: commands, replies and messages, in the order they crossed (RFC 5321). */

import { joined } from '../bytes.ts';
import { DIALOGUES } from '../protocols.ts';
import type { Side } from '../trace/event.ts';
import { assertNever } from '../world/world.ts';
import { type CommandUnit, commandUnit, type FragmentUnit, Gathering, lineText, unstuffed } from './framing.ts';
import { Passing } from './passing.ts';
import type { Command, LineSpan, ReplySpan, Span } from './span.ts';

export type SmtpUnit =
  | CommandUnit
  /** One step of an AUTH exchange that is not a command (RFC 4954 §4). */
  | { readonly kind: 'response'; readonly bytes: Uint8Array }
  /** `to` is the verb it answers: "" for the greeting, "." for the end of the message, be that a dot or the last BDAT. */
  | {
      readonly kind: 'reply';
      readonly code: number;
      readonly to: string;
      readonly lines: readonly string[];
      readonly bytes: Uint8Array;
    }
  /**
   * `bytes` as they crossed, dots stuffed, end marker included; `message` without. `omitted` octets were not recorded.
   * What came by BDAT is a message once the last chunk is complete, all chunks together (RFC 3030 §2).
   */
  | { readonly kind: 'message'; readonly bytes: Uint8Array; readonly message: Uint8Array; readonly omitted: number }
  | FragmentUnit;

/** A new transaction begins: chunks that came before will never be a message. */
const ABANDONS = /^(?:MAIL|RSET|EHLO|HELO)$/;

/** Holds what one connection has said so far. Pure: same octets in the same order, same units. */
export class SmtpConversation {
  private readonly passing = new Passing(DIALOGUES.smtp);
  private readonly line = new Gathering();
  private readonly replyLine = new Gathering();
  private replyLines: { readonly text: string; readonly bytes: Uint8Array }[] = [];
  /** What has come of a message, by dot or by chunks, and how much of it was not recorded. */
  private readonly content = new Gathering();
  private contentOmitted = 0;
  /** The chunk that is coming is the last one. */
  private lastChunk = false;

  push(side: Side, bytes: Uint8Array, omitted = 0): SmtpUnit[] {
    const units: SmtpUnit[] = [];
    for (const span of this.passing[side](bytes)) this.read(side, span, bytes.subarray(span.from, span.to), units);
    if (omitted === 0) return units;
    const skipped = this.passing.skip(side, omitted);
    this.contentOmitted += skipped.content;
    for (const span of skipped.spans) this.read(side, span, new Uint8Array(), units);
    return units;
  }

  /** What was left when the connection ended. */
  end(): SmtpUnit[] {
    const left = (from: Side, gathering: Gathering): SmtpUnit[] =>
      gathering.length > 0 ? [{ kind: 'fragment', from, bytes: gathering.take() }] : [];
    return [...left('client', this.content), ...left('client', this.line), ...left('server', this.replyLine)];
  }

  private read(side: Side, span: Span, bytes: Uint8Array, units: SmtpUnit[]): void {
    switch (span.kind) {
      case 'verb':
      case 'argument':
      case 'secret':
        this.line.add(bytes);
        if (span.ends && span.command !== null) this.readLine(span, span.command, units);
        else units.push(...this.line.takeFragments('client'));
        return;
      case 'reply':
        this.replyLine.add(bytes);
        if (span.ends) this.readReplyLine(span, units);
        else units.push(...this.replyLine.takeFragments('server'));
        return;
      case 'content':
        this.addContent(bytes);
        if (span.ends && this.lastChunk) this.readMessage(bytes => bytes, units);
        return;
      case 'undecided':
        this.addContent(bytes);
        return;
      case 'end':
        this.addContent(bytes);
        this.readMessage(unstuffed, units);
        return;
      case 'opaque':
        units.push({ kind: 'fragment', from: side, bytes });
        return;
      default:
        assertNever(span);
    }
  }

  /** A client that did not wait for the 354 has begun its message as a line. */
  private addContent(bytes: Uint8Array): void {
    if (this.line.length > 0) this.content.add(this.line.take());
    this.content.add(bytes);
  }

  private readMessage(plain: (bytes: Uint8Array) => Uint8Array, units: SmtpUnit[]): void {
    const bytes = this.content.take();
    units.push({ kind: 'message', bytes, message: plain(bytes), omitted: this.contentOmitted });
    this.contentOmitted = 0;
  }

  private readLine({ role }: LineSpan, command: Command, units: SmtpUnit[]): void {
    const bytes = this.line.take();
    if (role === 'response') {
      units.push({ kind: 'response', bytes });
      return;
    }
    if (ABANDONS.test(command.verb)) {
      if (this.content.length > 0) units.push({ kind: 'fragment', from: 'client', bytes: this.content.take() });
      this.contentOmitted = 0;
    }
    this.lastChunk = command.ends;
    units.push(commandUnit(bytes));
  }

  private readReplyLine({ last, answers }: ReplySpan, units: SmtpUnit[]): void {
    const bytes = this.replyLine.take();
    const text = lineText(bytes);
    this.replyLines.push({ text, bytes });
    if (!last) return;
    const lines = this.replyLines;
    this.replyLines = [];
    units.push({
      kind: 'reply',
      code: Number.parseInt(text.slice(0, 3), 10) || 0,
      to: answers?.ends === true ? '.' : (answers?.verb ?? ''),
      lines: lines.map(part => part.text),
      bytes: joined(lines.map(part => part.bytes)),
    });
  }
}

/** The address inside the first `<…>` of a MAIL or RCPT argument, '' for the null reverse-path; null where there is no path. */
export function pathIn(argument: string): string | null {
  // Anchored: where the first `<` leads nowhere, looking from every later one would take quadratic time.
  const match = /^[^<]*<((?:"(?:\\.|[^"\\])*"|[^>"])*)>/.exec(argument);
  if (!match) return null;
  const path = match[1] ?? '';
  // RFC 5321 Appendix C: of a source route only the last address counts.
  return path.startsWith('@') ? path.slice(path.indexOf(':') + 1) : path;
}
