/** The mark of a fault that is in force: a bolt, a few words where there is room, and a name for whoever presses it. */
import { memo } from 'react';
import type { Fault } from '../../../shared/faults/fault.ts';
import { markWords } from '../moment/marks.ts';
import type { Inspect } from '../plan/inspect.ts';
import { widthOf } from '../plan/measure.ts';
import type { Shape } from '../plan/plan.ts';
import { Hit } from './Hit.tsx';
import { decoration } from './pressed.ts';

export const MARK_HEIGHT = 20;
const BARE = 24;
const size = (shape: Shape): number => (shape === 'wide' ? 12.5 : 11.5);

interface Seen {
  readonly words: string;
  readonly w: number;
}

/** The fullest form of a mark that finds `room`: its words, else how many, else the bolt alone. */
export function markIn(faults: readonly [Fault, ...Fault[]], room: number, shape: Shape): Seen {
  const forms = [markWords(faults).short, faults.length > 1 ? `${faults.length}` : ''];
  const seen = forms.map(words => ({ words, w: words === '' ? BARE : widthOf(words, size(shape), 'bold') + 30 }));
  return seen.find(({ w }) => w <= room) ?? { words: '', w: BARE };
}

interface MarkProps {
  readonly faults: readonly [Fault, ...Fault[]];
  readonly shape: Shape;
  /** Its top left corner, or with `end` its top right one. */
  readonly x: number;
  readonly y: number;
  readonly end: boolean;
  readonly room: number;
  readonly where: string;
  readonly onInspect: (target: Inspect) => void;
}

export const Mark = memo(function Mark({ faults, shape, x, y, end, room, where, onInspect }: MarkProps) {
  const { words, w } = markIn(faults, room, shape);
  const [first] = faults;
  return (
    <g className="fault" transform={`translate(${end ? x - w : x} ${y})`}>
      <g {...decoration}>
        <rect className="fault-paper" width={w} height={MARK_HEIGHT} rx={MARK_HEIGHT / 2} />
        <path className="fault-bolt" d="M13.6 3.2 7.4 11h3.8l-1.4 6 6.4-8.2h-3.9z" />
        {words === '' ? null : (
          <text x="22" y="14.4">
            {words}
          </text>
        )}
      </g>
      <Hit
        box={{ x: 0, y: 0, w, h: MARK_HEIGHT }}
        label={`${markWords(faults).spoken}, ${where}`}
        onPress={() => onInspect({ kind: 'fault', id: first.id })}
      />
    </g>
  );
});
