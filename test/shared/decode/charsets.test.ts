/** Octets in any charset are read as the library reads them that reads whole letters. */
import { decodeWords } from 'postal-mime';
import { expect, test } from 'vitest';
import { ENCODING_LABELS } from '../../../node_modules/postal-mime/dist/esm/decode-strings.js';
import { decodeOctets, withoutC1 } from '../../../shared/decode/encoded-words.ts';

const PREFIXES = ['', 'x-', 'cs', 'x-ms-', 'cp', 'windows-', 'ms', 'ibm', 'X-CP'];
const NAMES = [
  ...ENCODING_LABELS,
  ...['874', '932', '936', '949', '950', '437', '50220', '50221', '50222', '51932', '1252', '00', 'constructor'],
  ...[
    'iso-8859-8-e',
    'shift.jis',
    'windows-31j',
    'ms_kanji',
    'euc_jp',
    'iso_2022_jp_1',
    'iso-2022-jp-2',
    'junet',
    'uhc',
  ],
  ...['tis.620', 'utf-8*en', 'utf-7', 'nothing', '*en', '=', 'toString'],
];

test.each([
  ['single octets', Uint8Array.from({ length: 256 }, (_, octet) => octet)],
  ['pairs', Uint8Array.from({ length: 1024 }, (_, at) => (at % 2 === 0 ? 0x81 + (at % 0x7d) : 0x40 + (at % 0xbf)))],
  ['what a mark of its order opens', Uint8Array.from([0xef, 0xbb, 0xbf, 0x41, 0xc3, 0xa4])],
  ['escapes', Uint8Array.from([0x1b, 0x24, 0x42, 0x24, 0x22, 0x1b, 0x28, 0x42, 0x41])],
])('%s', (_, octets) => {
  const written = Array.from(octets, octet => `=${octet.toString(16).padStart(2, '0')}`).join('');
  const labels = NAMES.flatMap(name => PREFIXES.flatMap(prefix => [prefix + name, (prefix + name).toUpperCase()]));
  const differing = labels.filter(
    label => decodeOctets(octets, label) !== withoutC1(decodeWords(`=?${label}?Q?${written}?=`), label),
  );
  expect(differing).toEqual([]);
});
