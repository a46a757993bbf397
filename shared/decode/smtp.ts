/** Reads one SMTP connection from its recorded octets: commands, replies and messages, in the order they crossed (RFC 5321). */

import { joined, latin1, readable } from '../bytes.ts';
import { Fifo } from '../fifo.ts';
import type { Side } from '../trace/event.ts';
import { DotBlock, Inflow, unstuffed } from './framing.ts';

export type SmtpUnit =
  /** `argument` is what follows the verb and one space, as sent. */
  | { readonly kind: 'command'; readonly verb: string; readonly argument: string; readonly bytes: Uint8Array }
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
  /** Octets that are no line of the protocol: cut short, or encrypted. */
  | { readonly kind: 'fragment'; readonly from: Side; readonly bytes: Uint8Array };

const withoutCrlf = (line: Uint8Array): Uint8Array =>
  line.at(-2) === 13 && line.at(-1) === 10 ? line.subarray(0, -2) : line;

const LAST_CHUNK = /^\d+ +LAST\s*$/i;

/** The text of a line as a person reads it. */
export const lineText = (line: Uint8Array): string => readable(withoutCrlf(line));

/** Holds what one connection has said so far. Pure: same octets in the same order, same units. */
export class SmtpConversation {
  private readonly client = new Inflow();
  private readonly server = new Inflow();
  private readonly expecting = new Fifo('');
  private block: DotBlock | null = null;
  /** The BDAT that is being read. */
  private chunk: { missing: number; readonly last: boolean } | null = null;
  /** What the chunks of this message have brought so far. */
  private chunks: Uint8Array[] = [];
  private chunksOmitted = 0;
  private replyLines: { readonly text: string; readonly bytes: Uint8Array }[] = [];
  private challenged = false;
  private opaque = false;

  push(side: Side, bytes: Uint8Array, omitted = 0): SmtpUnit[] {
    if (this.opaque) return [{ kind: 'fragment', from: side, bytes }];
    if (side === 'server') {
      this.server.push(bytes);
      return this.readReplies();
    }
    const units = this.readClient(bytes);
    if (omitted === 0) return units;
    this.block?.skip(omitted);
    if (this.chunk === null) return units;
    const missed = Math.min(omitted, this.chunk.missing);
    this.chunk.missing -= missed;
    this.chunksOmitted += missed;
    return [...units, ...this.readClient(new Uint8Array())];
  }

  /** What was left when the connection ended. */
  end(): SmtpUnit[] {
    const units: SmtpUnit[] = [];
    if (this.block) units.push({ kind: 'fragment', from: 'client', bytes: this.block.wire() });
    units.push(...this.unfinished());
    if (this.client.length > 0) units.push({ kind: 'fragment', from: 'client', bytes: this.client.takeAll() });
    if (this.server.length > 0) units.push({ kind: 'fragment', from: 'server', bytes: this.server.takeAll() });
    this.block = null;
    this.chunk = null;
    return units;
  }

  /** Chunks that will never be a message. */
  private unfinished(): SmtpUnit[] {
    const bytes = joined(this.chunks);
    this.chunks = [];
    this.chunksOmitted = 0;
    return bytes.length > 0 ? [{ kind: 'fragment', from: 'client', bytes }] : [];
  }

  /** True while octets of a chunk are missing. */
  private readChunk(chunk: { missing: number; readonly last: boolean }, units: SmtpUnit[]): boolean {
    const taken = this.client.take(Math.min(this.client.length, chunk.missing));
    if (taken.length > 0) this.chunks.push(taken);
    chunk.missing -= taken.length;
    if (chunk.missing > 0) return true;
    this.chunk = null;
    if (chunk.last) {
      const message = joined(this.chunks);
      units.push({ kind: 'message', bytes: message, message, omitted: this.chunksOmitted });
      this.chunks = [];
      this.chunksOmitted = 0;
    }
    return false;
  }

  private readClient(bytes: Uint8Array): SmtpUnit[] {
    const units: SmtpUnit[] = [];
    let rest: Uint8Array = bytes;
    while (this.block) {
      const { rest: after } = this.block.push(rest);
      if (after === null) return units;
      const wire = this.block.wire();
      units.push({ kind: 'message', bytes: wire, message: unstuffed(wire), omitted: this.block.omitted });
      this.expecting.push('.');
      this.block = null;
      rest = after;
    }
    this.client.push(rest);
    for (;;) {
      if (this.chunk && this.readChunk(this.chunk, units)) return units;
      const line = this.client.takeLine();
      if (line === null) return units;
      if (this.challenged) {
        this.challenged = false;
        this.expecting.push('AUTH');
        units.push({ kind: 'response', bytes: line });
        continue;
      }
      const text = lineText(line);
      const [, verb = '', argument = ''] = /^(\S*)\s?(.*)$/s.exec(text) ?? [];
      const upper = verb.toUpperCase();
      const last = upper === 'BDAT' && LAST_CHUNK.test(argument);
      this.expecting.push(last ? '.' : upper);
      if (/^(?:MAIL|RSET|EHLO|HELO)$/.test(upper)) units.push(...this.unfinished());
      // Exactly that many octets follow, and they are not lines (RFC 3030 §2).
      if (upper === 'BDAT') this.chunk = { missing: Math.max(0, Number.parseInt(argument, 10) || 0), last };
      units.push({ kind: 'command', verb: upper, argument, bytes: line });
    }
  }

  private readReplies(): SmtpUnit[] {
    const units: SmtpUnit[] = [];
    for (let line = this.server.takeLine(); line !== null; line = this.server.takeLine()) {
      const text = lineText(line);
      this.replyLines.push({ text, bytes: line });
      if (/^\d{3}-/.test(latin1(line.subarray(0, 4)))) continue;
      const code = Number.parseInt(text.slice(0, 3), 10) || 0;
      const to = this.expecting.shift() ?? '';
      const lines = this.replyLines;
      this.replyLines = [];
      const whole = new Uint8Array(lines.reduce((sum, part) => sum + part.bytes.length, 0));
      let at = 0;
      for (const part of lines) {
        whole.set(part.bytes, at);
        at += part.bytes.length;
      }
      units.push({ kind: 'reply', code, to, lines: lines.map(part => part.text), bytes: whole });
      if (code === 354 && to === 'DATA') this.block = new DotBlock();
      if (code === 334 && to === 'AUTH') this.challenged = true;
      if (code === 220 && to === 'STARTTLS') this.opaque = true;
    }
    // A client that did not wait for the 354 has its message in the line buffer already.
    if (this.block && this.client.length > 0) units.push(...this.readClient(this.client.takeAll()));
    return units;
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
