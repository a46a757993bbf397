/** Faults that will strike on a cable: their marks on its middle, and the cable itself where it would else not be seen. */
import { memo, useMemo } from 'react';
import type { PublicWorld } from '../../../shared/world/world.ts';
import { type CableFaults, marksOf } from '../moment/marks.ts';
import { hangsAt } from '../plan/cards.ts';
import { type Box, type Curve, clamp, grown, overlap, pathOf, pointAt } from '../plan/geometry.ts';
import type { Inspect } from '../plan/inspect.ts';
import { cableOf } from '../plan/layout.ts';
import { envelopePlace } from '../plan/letter-place.ts';
import { type Layout, stationOf } from '../plan/plan.ts';
import { MARK_HEIGHT, Mark, markIn } from './Mark.tsx';
import { decoration } from './pressed.ts';

/** Where along a cable a mark may sit, the middle first. */
const ALONG = [0.5, 0.44, 0.56, 0.38, 0.62, 0.32, 0.68, 0.25, 0.75, 0.18, 0.82];
const ROOMS = [200, 60, 24];

interface Placed extends CableFaults {
  readonly curve: Curve;
  readonly box: Box;
}

/** On no card and on no other mark, with as many words as find room. */
function placed(layout: Layout, world: PublicWorld): readonly Placed[] {
  const marks: Placed[] = [];
  const { hosts, cables } = marksOf(world);
  // Where the marks of the cards hang.
  const hanging = layout.stations
    .filter(({ host, size }) => size !== 'row' && hosts.has(host))
    .map(card => ({ x: card.x - 16, y: card.y + hangsAt(card, layout.shape), w: card.w + 32, h: 26 }));
  for (const mark of cables) {
    const curve = cableOf(layout, mark.from, mark.to);
    if (curve === null) continue;
    // A letter at either end covers what hangs there.
    const letters = [mark.from, mark.to].flatMap(host =>
      host === world.dns ? [] : (envelopePlace(layout, host) ?? []),
    );
    const taken = [...layout.stations, ...hanging, ...letters, ...marks.map(({ box }) => box)];
    const boxes = ROOMS.flatMap(room => {
      const { w } = markIn(mark.faults, room, layout.shape);
      return ALONG.map(t => {
        const { x, y } = pointAt(curve, t);
        return { x: clamp(x - w / 2, 4, layout.w - w - 4), y: y - MARK_HEIGHT / 2, w, h: MARK_HEIGHT };
      });
    });
    const box = boxes.find(each => !taken.some(other => overlap(grown(each, 3), other))) ?? boxes.at(-1);
    if (box !== undefined) marks.push({ ...mark, curve, box });
  }
  return marks;
}

interface CableMarksProps {
  readonly layout: Layout;
  readonly world: PublicWorld;
  readonly onInspect: (target: Inspect) => void;
}

export const CableMarks = memo(function CableMarks({ layout, world, onInspect }: CableMarksProps) {
  const marks = useMemo(() => placed(layout, world), [layout, world]);
  const named = (host: string): string => stationOf(layout, host)?.name ?? host;
  return (
    <g className="cable-faults">
      {marks.map(({ from, to, faults, curve, box }) => (
        <g key={`${from} ${to}`}>
          <path {...decoration} className="fault-cable" d={pathOf(curve)} />
          <Mark
            faults={faults}
            shape={layout.shape}
            x={box.x}
            y={box.y}
            end={false}
            room={box.w}
            where={`on the cable from ${named(from)} to ${named(to)}`}
            onInspect={onInspect}
          />
        </g>
      ))}
    </g>
  );
});
