/** The tree of a letter's parts, with what each one weighs on the wire and what it weighs itself. */
import { type ReactNode, useMemo } from 'react';
import { type MimePart, mimeTree } from '../../../shared/decode/mime.ts';
import { visible } from '../../../shared/visible.ts';
import { bytesText } from '../../caption/measures.ts';

function weight(part: MimePart): string {
  const wire = part.range.to - part.range.from;
  if (part.parts.length > 0 || part.decoded === wire || part.decoded === 0) return bytesText(wire);
  const more = ((wire / part.decoded - 1) * 100).toFixed(1);
  return `${bytesText(wire)} on the wire for ${part.decoded.toLocaleString('en')} (${Number(more) < 0 ? '' : '+'}${more} %)`;
}

function Part({ part }: { readonly part: MimePart }): ReactNode {
  return (
    <li>
      <code>{part.type}</code>
      {part.name !== '' && ` “${visible(part.name)}”`}{' '}
      <small>
        {part.parameters.charset !== undefined && `${part.parameters.charset}, `}
        {part.parts.length === 0 && `${part.encoding}, `}
        {weight(part)}
      </small>
      {part.parts.length > 0 && (
        <ul>
          {part.parts.map(each => (
            <Part key={each.range.from} part={each} />
          ))}
        </ul>
      )}
    </li>
  );
}

/** Nothing for a letter of one part. */
export function MimeView({ raw }: { readonly raw: Uint8Array }): ReactNode {
  const tree = useMemo(() => mimeTree(raw), [raw]);
  if (tree.parts.length === 0) return null;
  return (
    <details className="mime">
      <summary>Its parts</summary>
      <ul>
        <Part part={tree} />
      </ul>
    </details>
  );
}
