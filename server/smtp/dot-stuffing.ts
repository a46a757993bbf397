/** A message as it goes on the wire (RFC 5321 §4.5.2): leading dots doubled, line ends CRLF, CRLF.CRLF at the end. Pure. */

const CR = 0x0d;
const LF = 0x0a;
const DOT = 0x2e;
const CRLF = Buffer.from('\r\n');
const ONE_DOT = Buffer.from('.');

/** The message with every line end a CRLF and one at the very end. A bare CR or LF is never passed on (RFC 5321 §2.3.8). */
export function withCrlf(message: Buffer): Buffer {
  const parts: Buffer[] = [];
  let from = 0;
  for (let at = 0; at < message.length; at += 1) {
    const octet = message[at];
    if (octet === CR && message[at + 1] === LF) at += 1;
    else if (octet === CR || octet === LF) {
      parts.push(message.subarray(from, at), CRLF);
      from = at + 1;
    }
  }
  const whole = parts.length === 0 ? message : Buffer.concat([...parts, message.subarray(from)]);
  const complete = whole.length === 0 || (whole.at(-1) === LF && whole.at(-2) === CR);
  return complete ? whole : Buffer.concat([whole, CRLF]);
}

/** What follows the 354: `message` must have CRLF line ends and end in one, as `withCrlf` gives it. */
export function stuffed(message: Buffer): Buffer {
  const parts: Buffer[] = [];
  let from = 0;
  if (message[0] === DOT) parts.push(ONE_DOT);
  for (let at = message.indexOf('\r\n.'); at !== -1; at = message.indexOf('\r\n.', at + 3)) {
    parts.push(message.subarray(from, at + 3), ONE_DOT);
    from = at + 3;
  }
  parts.push(message.subarray(from), Buffer.from('.\r\n'));
  return Buffer.concat(parts);
}

/** Whether it needs 8BITMIME (RFC 6152). A plain loop: the message may have ten million octets. */
export function hasEightBit(message: Buffer): boolean {
  for (const octet of message) if (octet > 0x7f) return true;
  return false;
}
