/** Cuts what a POP3 client sends into commands: CRLF ends a line and nothing else does, however the octets arrive. */

const CRLF = Buffer.from('\r\n', 'latin1');

export type Framed = { readonly kind: 'line'; readonly line: Buffer } | { readonly kind: 'line-too-long' };

/** Keeps at most `limit` octets of an unfinished line; a longer one is dropped up to its CRLF and told about once. */
export class LineFramer {
  private readonly limit: number;
  private pending: Buffer = Buffer.alloc(0);
  private discarding = false;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** The lines that these octets complete, in order. */
  push(chunk: Buffer): Framed[] {
    const framed: Framed[] = [];
    let rest = this.pending.length > 0 ? Buffer.concat([this.pending, chunk]) : chunk;
    for (let at = rest.indexOf(CRLF); at >= 0; at = rest.indexOf(CRLF)) {
      const tooLong = this.discarding || at > this.limit;
      framed.push(tooLong ? { kind: 'line-too-long' } : { kind: 'line', line: rest.subarray(0, at) });
      this.discarding = false;
      rest = rest.subarray(at + CRLF.length);
    }
    if (rest.length > this.limit + 1) {
      this.discarding = true;
      // A CR at the very end may be the first half of the CRLF that ends it.
      rest = rest.at(-1) === CRLF[0] ? rest.subarray(-1) : rest.subarray(0, 0);
    }
    // A copy, so that a large chunk is not kept alive by its last few octets.
    this.pending = Buffer.from(rest);
    return framed;
  }
}

/** A command's verb in upper case, and what follows its space, as written. */
export function splitCommand(line: Buffer): { readonly verb: string; readonly argument: string } {
  // User names and passwords may be any UTF-8; everything else a client sends is ASCII.
  const text = line.toString('utf8');
  const space = text.indexOf(' ');
  if (space < 0) return { verb: text.toUpperCase(), argument: '' };
  return { verb: text.slice(0, space).toUpperCase(), argument: text.slice(space + 1) };
}
