/** Draws what lies about: small piles of letters that wait elsewhere, and what resolvers remember. */
import { memo, useMemo } from 'react';
import type { Letter, Scene } from '../../../shared/story/story.ts';
import { Hit } from '../hosts/Hit.tsx';
import { decoration } from '../hosts/pressed.ts';
import { memoriesIn, pilesIn } from '../moment/asides.ts';
import type { Inspect } from '../plan/inspect.ts';
import { type Layout, stationOf } from '../plan/plan.ts';

interface AsidesProps {
  readonly layout: Layout;
  readonly scene: Scene;
  readonly onInspect: (target: Inspect) => void;
}

export const Asides = memo(function Asides({ layout, scene, onInspect }: AsidesProps) {
  const { state, motion, wireAt } = scene;
  const piles = useMemo(() => pilesIn(layout, { state, motion }), [layout, state, motion]);
  const memories = useMemo(
    () => memoriesIn(layout, { state, motion, wireAt }, piles),
    [layout, state, motion, wireAt, piles],
  );
  const named = (host: string): string => stationOf(layout, host)?.name ?? host;
  return (
    <g className="asides">
      {memories.map(({ host, lines, box: { x, y, w, h } }) => (
        <g {...decoration} key={host} className="memory" transform={`translate(${x} ${y})`}>
          <rect width={w} height={h} rx="8" />
          {lines.map((line, index) => (
            <text key={line} x={w / 2} y={16 + index * 16} textAnchor="middle">
              {line}
            </text>
          ))}
        </g>
      ))}
      {piles.map(({ host, top, count, words, box: { x, y, w, h } }) => (
        <g key={host} className="pile" transform={`translate(${x} ${y})`}>
          <g {...decoration}>
            <g transform={`translate(${w / 2 - 23} 4)`}>
              <SmallLetter letter={top} many={count > 1} />
              {count > 1 ? <Times count={count} x={44} y={2} /> : null}
            </g>
            <text className="pile-words" x={w / 2} y={h - 3} textAnchor="middle">
              {words}
            </text>
          </g>
          <Hit
            box={{ x: 0, y: 0, w, h }}
            label={`${count === 1 ? 'A letter' : `${count} letters, the last`} ${words}, at ${named(host)}`}
            onPress={() => onInspect({ kind: 'letter', letter: top.id })}
          />
        </g>
      ))}
    </g>
  );
});

const SmallLetter = ({ letter, many }: { readonly letter: Letter; readonly many: boolean }) => (
  <>
    {many ? <rect className="letter-paper under" x="4" y="-4" width="46" height="32" rx="4" /> : null}
    <rect className="letter-paper" width="46" height="32" rx="4" />
    <rect
      className="letter-air small"
      x="2"
      y="2"
      width="42"
      height="28"
      rx="2.5"
      stroke={`url(#stage-airmail${letter.report === null ? '' : '-report'})`}
    />
    <path className="letter-fold" d="M6 6 23 18 40 6" />
  </>
);

/** "×5", on the corner of a pile. */
export function Times({ count, x, y }: { readonly count: number; readonly x: number; readonly y: number }) {
  const label = `×${count}`;
  const w = 14 + label.length * 7.4;
  return (
    <g className="times" transform={`translate(${x - w / 2} ${y - 9})`}>
      <rect width={w} height="19" rx="9.5" />
      <text x={w / 2} y="14" textAnchor="middle">
        {label}
      </text>
    </g>
  );
}
