/** Reads a QR code of the kind that a link makes (ISO/IEC 18004: byte mode, level M, versions 3 to 6), undamaged: a second opinion on what was drawn. */

/** Data octets of each block at level M, by version (table 9). */
const BLOCKS: Readonly<Record<number, readonly number[]>> = {
  3: [44],
  4: [32, 32],
  5: [43, 43],
  6: [27, 27, 27, 27],
};

const MASKS: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_x, y) => y % 2 === 0,
  x => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(y / 2) + Math.floor(x / 3)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

/** `modules[y][x]`, true is dark, without the quiet zone. Throws where it is no such code. */
export function readQr(modules: readonly (readonly boolean[])[]): string {
  const size = modules.length;
  const version = (size - 17) / 4;
  const blocks = BLOCKS[version];
  if (blocks === undefined) throw new Error(`a code of ${size} modules is not read here`);
  const dark = (x: number, y: number): boolean => modules[y]?.[x] === true;

  // Format information, around the upper left finder; its first five bits, unmasked by 101010000010010, are level and mask.
  const format = [0, 1, 2, 3, 4].reduce((bits, x) => (bits << 1) | Number(dark(x, 8)), 0) ^ 0b10101;
  if (format >> 3 !== 0b00) throw new Error('its level is not M');
  const mask = MASKS[format & 0b111];
  if (mask === undefined) throw new Error('no such mask');

  const alignment = size - 7;
  const isFunction = (x: number, y: number): boolean =>
    (x < 9 && y < 9) ||
    (x >= size - 8 && y < 9) ||
    (x < 9 && y >= size - 8) ||
    x === 6 ||
    y === 6 ||
    (Math.abs(x - alignment) <= 2 && Math.abs(y - alignment) <= 2);

  // Two columns at a time from the right, up and down by turns; the column of the timing pattern is skipped.
  const bits: number[] = [];
  let up = true;
  for (let right = size - 1; right > 0; right -= 2) {
    if (right === 6) right -= 1;
    for (let step = 0; step < size; step += 1) {
      const y = up ? size - 1 - step : step;
      for (const x of [right, right - 1]) {
        if (!isFunction(x, y)) bits.push(Number(dark(x, y) !== mask(x, y)));
      }
    }
    up = !up;
  }
  const octet = (index: number): number =>
    bits.slice(index * 8, index * 8 + 8).reduce((value, bit) => (value << 1) | bit, 0);

  // The blocks are of one length here: their octets come by turns.
  const length = blocks[0] ?? 0;
  const data = blocks.flatMap((_, block) =>
    Array.from({ length }, (_octet, index) => octet(index * blocks.length + block)),
  );
  const half = (index: number): number => ((data[index >> 1] ?? 0) >> (index % 2 === 0 ? 4 : 0)) & 15;
  if (half(0) !== 0b0100) throw new Error('its mode is not octets');
  const count = (half(1) << 4) | half(2);
  const octets = Array.from({ length: count }, (_, index) => (half(3 + 2 * index) << 4) | half(4 + 2 * index));
  return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(octets));
}
