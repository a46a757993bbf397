/** What everything stands on: dotted paper, the territories, the internet between them, and the shared paints. */
import { memo } from 'react';
import { type Box, overlap } from './geometry.ts';
import type { Layout, Territory } from './plan.ts';
import { decoration } from './pressed.ts';

/** A territory's name stands at its left, but: on a phone the journey's cable runs there, on a low stage a badge may. */
function corner({ shape, stations }: Layout, { x, y, w }: Box): NonNullable<Territory['sign']> {
  if (shape === 'narrow') return { x: x + w - 14, y: y + 22, anchor: 'end' };
  const name = { x: x + 22, y: y + 16, w: 110, h: 16 };
  const taken = stations.some(card => overlap({ x: card.x, y: card.y - 14, w: 124, h: 24 }, name));
  return taken ? { x: x + w - 22, y: y + 30, anchor: 'end' } : { x: x + 22, y: y + 30, anchor: 'start' };
}

export const Ground = memo(function Ground({ layout }: { readonly layout: Layout }) {
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
      </defs>
      {/* Wider than the drawing: where the page is wider than the stage the paper goes on. */}
      <rect x={-layout.w} y={-layout.h} width={layout.w * 3} height={layout.h * 3} fill="url(#stage-dots)" />
      {layout.territories.map(territory => {
        const { domain, tone, x, y, w, h } = territory;
        const sign = territory.sign ?? corner(layout, territory);
        return (
          <g key={domain} className={`territory ${tone}`}>
            <rect x={x} y={y} width={w} height={h} rx={wide && territory.sign === undefined ? 26 : 18} />
            <text x={sign.x} y={sign.y} textAnchor={sign.anchor}>
              {domain}
            </text>
          </g>
        );
      })}
      {layout.internet === null ? null : (
        <text className="internet" x={layout.internet.x} y={layout.internet.y} textAnchor="middle">
          the internet
        </text>
      )}
    </g>
  );
});
