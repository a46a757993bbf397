/** The CRLF form of a message: what a relay hands on, and what POP3 counts and sends, whatever line ends it came with. */

const CR = 13;
const LF = 10;

/** How many CR and LF stand alone, counted no further than `most`. One plain loop: its time is the same whatever the octets are. */
function bareLineEnds(message: Buffer, most = Number.POSITIVE_INFINITY): number {
  let bare = 0;
  for (let at = 0; at < message.length; at++) {
    const octet = message[at] ?? 0;
    if (octet > CR) continue;
    if ((octet === LF && message[at - 1] !== CR) || (octet === CR && message[at + 1] !== LF)) bare++;
    if (bare === most) break;
  }
  return bare;
}

/** Every line end that is not CRLF yet, and the one that is missing at the end, takes this many octets more. */
function shortfall(message: Buffer): number {
  const missing = bareLineEnds(message);
  const last = message.at(-1);
  return last === undefined || last === LF || last === CR ? missing : missing + 2;
}

/** Whether a CR or an LF stands alone, which no line may have (RFC 5321 §2.3.8). */
export const hasBareLineEnd = (message: Buffer): boolean => bareLineEnds(message, 1) > 0;

/** Octets of the message in its CRLF form, before dot-stuffing (RFC 1939 §11). */
export const crlfSize = (message: Buffer): number => message.length + shortfall(message);

/**
 * The message with every bare CR and bare LF turned into CRLF, and with a CRLF at its end (RFC 1939 §3; RFC 5321 §2.3.8 lets no bare one pass). The same Buffer where
 * nothing had to change; an empty message stays empty.
 */
export function crlfForm(message: Buffer): Buffer {
  const missing = shortfall(message);
  if (missing === 0) return message;
  const form = Buffer.allocUnsafe(message.length + missing);
  let to = 0;
  for (let at = 0; at < message.length; at++) {
    const octet = message[at];
    if (octet === LF && message[at - 1] !== CR) form[to++] = CR;
    form[to++] = octet ?? 0;
    if (octet === CR && message[at + 1] !== LF) form[to++] = LF;
  }
  if (to < form.length) form.write('\r\n', to, 'latin1');
  return form;
}
