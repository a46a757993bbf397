/** The pictures on the cards, drawn around (0, 0) in lines of the text's colour. Decoration: the card's label says it all. */
import { assertNever } from '../../../shared/world/world.ts';
import type { Icon } from '../plan/roles.ts';

export function Glyph({ icon }: { readonly icon: Icon }) {
  switch (icon) {
    case 'laptop':
      return (
        <g className="glyph">
          <rect x="-19" y="-15" width="38" height="25" rx="3.5" />
          <path d="M-27 14.5h54" strokeWidth="2.6" />
          <path className="glyph-faint" d="m-8 -5.5 8 5.5 8 -5.5M-8 -5.5h16v10.5h-16z" />
        </g>
      );
    case 'server':
      return (
        <g className="glyph">
          <rect x="-20" y="-15" width="40" height="13.5" rx="3" />
          <rect x="-20" y="2" width="40" height="13.5" rx="3" />
          <circle className="glyph-lamp" cx="-12.5" cy="-8.2" r="1.9" />
          <circle className="glyph-lamp" cx="-12.5" cy="8.8" r="1.9" />
          <path className="glyph-faint" d="M4 -8.2h10M4 8.8h10" />
        </g>
      );
    case 'dns':
      return (
        <g className="glyph">
          <rect x="-18.5" y="-14" width="37" height="28" rx="3.5" />
          <path d="M-11.5 -6h23M-11.5 0.2h23M-11.5 6.4h14" strokeWidth="1.8" />
        </g>
      );
    case 'mailbox':
      return (
        <g className="glyph">
          <path d="M-21 13v-16a11 11 0 0 1 11-11h20a11 11 0 0 1 11 11v16z" />
          <path d="M-10 -14a11 11 0 0 1 11 11v16" />
          <path className="glyph-faint" d="M-15.5 -1h7.5" />
          <path className="glyph-flag" d="M11 -3v-10h7.5v4.6h-7.5" />
        </g>
      );
    default:
      return assertNever(icon);
  }
}

/** Tick, cross or clock beside a verdict, 12 units square around (0, 0): a verdict is never told by colour alone. */
export function VerdictMark({ verdict }: { readonly verdict: 'ok' | 'no' | 'wait' }) {
  switch (verdict) {
    case 'ok':
      return <path className="mark" d="m-4.6 0.4 3.2 3.2 6-6.8" />;
    case 'no':
      return <path className="mark" d="m-4 -4 8 8M4 -4l-8 8" />;
    case 'wait':
      return <path className="mark" d="M0 -5.2a5.2 5.2 0 1 0 0.01 0zM0 -2.6V0.2l2 1.3" />;
    default:
      return assertNever(verdict);
  }
}
