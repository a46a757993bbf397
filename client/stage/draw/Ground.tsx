/** What everything stands on: dotted paper, the territories, the internet between them, and the shared paints. */
import { memo } from 'react';
import { decoration } from '../hosts/pressed.ts';
import type { Layout } from '../plan/plan.ts';
import { signOf } from '../plan/signs.ts';

interface GroundProps {
  readonly layout: Layout;
  /** The clock of a jump, or a call that leads nowhere, stands where the words would. */
  readonly quiet: boolean;
}

export const Ground = memo(function Ground({ layout, quiet }: GroundProps) {
  const wide = layout.shape === 'wide';
  return (
    <g className="ground" {...decoration}>
      <defs>
        <pattern id="stage-dots" width="28" height="28" patternUnits="userSpaceOnUse">
          <circle className="ground-dot" cx="1.2" cy="1.2" r="1.2" />
        </pattern>
        <pattern id="stage-airmail" width="22" height="22" patternUnits="userSpaceOnUse" patternTransform="rotate(42)">
          <rect className="air-paper" width="22" height="22" />
          <rect className="air-red" width="6.4" height="22" />
          <rect className="air-blue" x="11" width="6.4" height="22" />
        </pattern>
        <pattern
          id="stage-airmail-report"
          width="22"
          height="22"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(-42)"
        >
          <rect className="air-paper" width="22" height="22" />
          <rect className="air-red" width="6.4" height="22" />
          <rect className="air-grey" x="11" width="6.4" height="22" />
        </pattern>
      </defs>
      {/* Wider than the drawing: where the page is wider than the stage the paper goes on. */}
      <rect x={-layout.w} y={-layout.h} width={layout.w * 3} height={layout.h * 3} fill="url(#stage-dots)" />
      {layout.territories.map(territory => {
        const { domain, tone, x, y, w, h } = territory;
        const sign = signOf(layout, territory);
        return (
          <g key={domain} className={`territory ${tone}`}>
            <rect x={x} y={y} width={w} height={h} rx={wide && territory.sign === undefined ? 26 : 18} />
            <text x={sign.x} y={sign.y} textAnchor={sign.anchor}>
              {domain}
            </text>
          </g>
        );
      })}
      {layout.internet === null || quiet ? null : (
        <text className="internet" x={layout.internet.x} y={layout.internet.y} textAnchor="middle">
          the internet
        </text>
      )}
    </g>
  );
});
