/** A message as it goes on the wire (RFC 5321 §4.5.2): leading dots doubled, CRLF.CRLF at the end. Pure. */
import { isAscii } from 'node:buffer';

const CR = 0x0d;
const LF = 0x0a;
const DOT = 0x2e;
const END = Buffer.from('.\r\n', 'latin1');
const LINE_DOT = Buffer.from('\r\n.', 'latin1');

/** A dot is doubled where a line begins with it. */
const beginsLine = (message: Buffer, at: number): boolean =>
  at === 0 || (at > 1 && message[at - 1] === LF && message[at - 2] === CR);

/** What follows the 354: `message` must have CRLF line ends and end in one, as `crlfForm` gives it. Nothing but the copy is made, however many dots there are. */
export function stuffed(message: Buffer): Buffer {
  let at = message[0] === DOT ? 0 : message.indexOf(LINE_DOT) + 2;
  if (at === 1) return Buffer.concat([message, END]);
  let dots = 0;
  for (let next = at; next < message.length; next++) if (message[next] === DOT && beginsLine(message, next)) dots++;
  const wire = Buffer.allocUnsafe(message.length + dots + END.length);
  message.copy(wire, 0, 0, at);
  let to = at;
  for (; at < message.length; at++) {
    const octet = message[at] ?? 0;
    if (octet === DOT && beginsLine(message, at)) wire[to++] = DOT;
    wire[to++] = octet;
  }
  END.copy(wire, to);
  return wire;
}

/** Whether it needs 8BITMIME (RFC 6152). */
export const hasEightBit = (message: Buffer): boolean => !isAscii(message);
