/** The lines and blocks of a dialogue as whole octets, put together from the spans that follow each other. */
import { joined, readable } from '../bytes.ts';
import type { Side } from '../trace/event.ts';

const CR = 13;
const LF = 10;
const DOT = 46;
/** A line longer than this is shown in pieces: what is recorded may be hostile. */
const LONGEST_LINE = 64 * 1024;

/** `argument` is what follows the verb and one space, as sent. */
export interface CommandUnit {
  readonly kind: 'command';
  readonly verb: string;
  readonly argument: string;
  readonly bytes: Uint8Array;
}

/** Octets that are no line of the protocol: cut short, or encrypted. */
export interface FragmentUnit {
  readonly kind: 'fragment';
  readonly from: Side;
  readonly bytes: Uint8Array;
}

/** Octets that belong together, as they come. */
export class Gathering {
  private parts: Uint8Array[] = [];
  length = 0;

  add(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.parts.push(bytes);
    this.length += bytes.length;
  }

  /** All of it; it begins anew. */
  take(): Uint8Array {
    const whole = joined(this.parts);
    this.parts = [];
    this.length = 0;
    return whole;
  }

  /** What is too long for one line, a line's worth at a time; the rest stays. */
  takeFragments(from: Side): readonly FragmentUnit[] {
    const fragments: FragmentUnit[] = [];
    while (this.length > LONGEST_LINE) {
      const whole = this.take();
      this.add(whole.subarray(LONGEST_LINE));
      fragments.push({ kind: 'fragment', from, bytes: whole.subarray(0, LONGEST_LINE) });
    }
    return fragments;
  }
}

const withoutCrlf = (line: Uint8Array): Uint8Array =>
  line.at(-2) === CR && line.at(-1) === LF ? line.subarray(0, -2) : line;

/** The text of a line as a person reads it. */
export const lineText = (line: Uint8Array): string => readable(withoutCrlf(line));

/** A client's line, as the command that it is. */
export function commandUnit(bytes: Uint8Array): CommandUnit {
  const [, verb = '', argument = ''] = /^(\S*)\s?(.*)$/s.exec(lineText(bytes)) ?? [];
  return { kind: 'command', verb: verb.toUpperCase(), argument, bytes };
}

/** Undoes the transparency of a block: the end marker goes, and one leading dot of each line (RFC 5321 §4.5.2). */
export function unstuffed(wire: Uint8Array): Uint8Array {
  const end = wire.length >= 3 && wire[wire.length - 3] === DOT ? wire.length - 3 : wire.length;
  const plain = new Uint8Array(end);
  let length = 0;
  let lineStart = true;
  for (let at = 0; at < end; at++) {
    const octet = wire[at] ?? 0;
    const stuffed = lineStart && octet === DOT;
    lineStart = octet === LF && wire[at - 1] === CR;
    if (!stuffed) plain[length++] = octet;
  }
  return plain.subarray(0, length);
}
