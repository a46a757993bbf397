/** The very octets, eight a row: their place, their value, and what they are where they are text. */
import { type ReactNode, useState } from 'react';
import { readable } from '../../shared/bytes.ts';
import { visible } from '../../shared/visible.ts';
import { Scroller } from '../design/Scroller.tsx';

const ROW = 8;
const FIRST = 512;
const MOST = 64 * 1024;

const hex = (octet: number): string => octet.toString(16).padStart(2, '0');

const glyph = (octet: number): string => (octet >= 32 && octet < 127 ? String.fromCharCode(octet) : '·');

function rows(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += ROW) {
    const row = [...bytes.subarray(at, at + ROW)];
    const values = row
      .map(hex)
      .join(' ')
      .padEnd(ROW * 3 - 1);
    lines.push(`${at.toString(16).padStart(4, '0')}  ${values}  ${row.map(glyph).join('')}`);
  }
  return lines.join('\n');
}

/** As sent, with every CR and LF made visible where it stands. */
export function Octets({ bytes }: { readonly bytes: Uint8Array }): ReactNode {
  const pieces = readable(bytes).split(/(\r\n|\r|\n)/);
  return pieces.map((piece, index) => {
    const mark = { '\r\n': 'CR LF', '\r': 'CR', '\n': 'LF' }[piece];
    if (mark === undefined) return visible(piece);
    return (
      <span key={index}>
        <span className="line-end">{mark}</span>
        {piece === '\r' ? '' : '\n'}
      </span>
    );
  });
}

export function Bytes({ bytes }: { readonly bytes: Uint8Array }): ReactNode {
  const [all, setAll] = useState(false);
  const shown = bytes.subarray(0, all ? MOST : FIRST);
  return (
    <div className="bytes">
      <Scroller className="bytes-rows" label="Octets in hexadecimal and as text">
        {rows(shown)}
      </Scroller>
      {bytes.length > shown.length &&
        (all ? (
          <p>
            The first {MOST} of {bytes.length} octets.
          </p>
        ) : (
          <button type="button" className="link" onClick={() => setAll(true)}>
            Show all {bytes.length} octets
          </button>
        ))}
    </div>
  );
}
