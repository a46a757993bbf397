/** A message as it goes on the wire (RFC 5321 §4.5.2): leading dots doubled, CRLF.CRLF at the end. Pure. */

const DOT = 0x2e;
const ONE_DOT = Buffer.from('.');

/** What follows the 354: `message` must have CRLF line ends and end in one, as `crlfForm` gives it. */
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
