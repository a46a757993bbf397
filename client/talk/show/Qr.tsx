/** A link as a QR code: dark on white in every theme, with the quiet margin that readers need (ISO/IEC 18004: four modules). */
import { type ReactNode, useMemo } from 'react';
import { encode } from 'uqr';

const QUIET = 4;

/** The dark modules as one path: a row's runs, each a rectangle of height 1. */
function pathOf(rows: readonly (readonly boolean[])[]): string {
  return rows
    .flatMap((row, y) =>
      row.flatMap((dark, x) => {
        if (!dark || row[x - 1] === true) return [];
        const end = row.indexOf(false, x);
        const run = (end === -1 ? row.length : end) - x;
        return [`M${x + QUIET} ${y + QUIET}h${run}v1h-${run}z`];
      }),
    )
    .join('');
}

export function Qr({ text, label }: { readonly text: string; readonly label: string }): ReactNode {
  const { size, path } = useMemo(() => {
    const { data } = encode(text, { ecc: 'M', border: 0 });
    return { size: data.length + 2 * QUIET, path: pathOf(data) };
  }, [text]);
  return (
    <svg className="qr" role="img" aria-label={label} viewBox={`0 0 ${size} ${size}`} shapeRendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
