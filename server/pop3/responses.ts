/** What a POP3 client hears: status lines and multi-line blocks, read from a socket in order and within bounds (RFC 1939 §3). */

import type { Socket } from 'node:net';
import { causeText } from '../../shared/explain/causes.ts';
import type { Cause } from '../../shared/trace/cause.ts';
import type { WorldClock } from '../base/clock.ts';

const DOT = 46;
const CRLF = Buffer.from('\r\n', 'latin1');
const LINE_DOT = Buffer.from('\r\n.', 'latin1');
const END = Buffer.from('\r\n.\r\n', 'latin1');
/** RFC 1939 §3 has 512 octets; a server that says more is not worth hearing out. */
const STATUS_LIMIT = 4096;
/** Octets of one message or listing. */
const BLOCK_LIMIT = 128 * 1024 * 1024;

/** The conversation cannot go on: `cause` says why. */
export class Pop3Failure extends Error {
  override readonly cause: Cause;
  constructor(cause: Cause) {
    super(causeText(cause));
    this.cause = cause;
    this.name = 'Pop3Failure';
  }
}

export interface Status {
  readonly ok: boolean;
  /** Without `+OK ` or `-ERR `, as latin1. */
  readonly text: string;
}

/** Takes the stuffing from lines that end in CRLF: one dot off every line that begins with one. */
export function unstuffed(lines: Buffer): Buffer {
  const parts: Buffer[] = [];
  let from = lines[0] === DOT ? 1 : 0;
  for (let at = lines.indexOf(LINE_DOT); at >= 0; at = lines.indexOf(LINE_DOT, at + 3)) {
    parts.push(lines.subarray(from, at + 2));
    from = at + 3;
  }
  return parts.length === 0 && from === 0 ? lines : Buffer.concat([...parts, lines.subarray(from)]);
}

/** Reads one server's side of a connection. Each call waits for what it asks for; all reject with Pop3Failure only. */
export class Responses {
  private readonly socket: Socket;
  private readonly clock: WorldClock;
  /** Milliseconds of silence after which the server is given up. */
  private readonly timeout: number;
  private readonly chunks: AsyncIterator<Buffer>;
  private pending: Buffer = Buffer.alloc(0);

  constructor(socket: Socket, clock: WorldClock, timeout: number) {
    this.socket = socket;
    this.clock = clock;
    this.timeout = timeout;
    this.chunks = socket.iterator({ destroyOnReturn: false });
  }

  /** The next status line (RFC 1939 §3). */
  async status(): Promise<Status> {
    let at = this.pending.indexOf(CRLF);
    while (at < 0) {
      if (this.pending.length > STATUS_LIMIT) throw new Pop3Failure({ code: 'pop3-endless-line' });
      this.pending = Buffer.concat([this.pending, await this.more()]);
      at = this.pending.indexOf(CRLF);
    }
    const line = this.pending.subarray(0, at).toString('latin1');
    this.pending = this.pending.subarray(at + CRLF.length);
    const [, sign, text = ''] = /^(\+OK|-ERR)(?: (.*))?$/i.exec(line) ?? [];
    if (sign === undefined) throw new Pop3Failure({ code: 'pop3-not-spoken' });
    return { ok: sign.toUpperCase() === '+OK', text };
  }

  /** The lines of a multi-line reply up to the lone dot, unstuffed: each ends in CRLF. Follows a status that was +OK. */
  async block(): Promise<Buffer> {
    // The CRLF of the status line serves as the first of the end mark, as in an empty block.
    const parts: Buffer[] = [CRLF];
    let size: number = CRLF.length;
    let window: Buffer = Buffer.concat([CRLF, this.pending]);
    let fresh = this.pending;
    for (;;) {
      const at = window.indexOf(END);
      if (at >= 0) {
        parts.push(fresh);
        const whole = Buffer.concat(parts);
        const end = size - (window.length - fresh.length) + at;
        this.pending = window.subarray(at + END.length);
        return unstuffed(whole.subarray(CRLF.length, end + CRLF.length));
      }
      parts.push(fresh);
      size += fresh.length;
      if (size > BLOCK_LIMIT) throw new Pop3Failure({ code: 'pop3-endless-message' });
      const tail = window.subarray(-(END.length - 1));
      fresh = await this.more();
      window = Buffer.concat([tail, fresh]);
    }
  }

  /** The lines of a listing as text. */
  async lines(): Promise<string[]> {
    const text = (await this.block()).toString('latin1');
    return text === '' ? [] : text.slice(0, -CRLF.length).split('\r\n');
  }

  /** Stops listening, so that the socket can be drained. */
  async end(): Promise<void> {
    await this.chunks.return?.();
  }

  private async more(): Promise<Buffer> {
    let next: IteratorResult<Buffer>;
    let timedOut = false;
    const calm = this.clock.after(this.timeout, 'a mail client waits for its POP3 server', () => {
      timedOut = true;
      this.socket.destroy(new Error('silence'));
    });
    try {
      next = await this.chunks.next();
    } catch {
      throw new Pop3Failure({ code: timedOut ? 'pop3-silent' : 'pop3-lost' });
    } finally {
      calm();
    }
    if (next.done) throw new Pop3Failure({ code: 'pop3-hung-up' });
    return next.value;
  }
}
