/** A row of tabs (WAI-ARIA tabs pattern: arrow keys move, Home and End jump) and the frame of the panel below it. */
import type { KeyboardEvent, ReactNode } from 'react';
import { useId, useRef } from 'react';
import './parts.css';

export interface TabItem<Id extends string> {
  readonly id: Id;
  readonly label: string;
  /** Shown as a small count beside the label when above 0. */
  readonly count?: number;
}

export interface TabsProps<Id extends string> {
  /** Read out as the name of the row. */
  readonly label: string;
  readonly items: readonly TabItem<Id>[];
  readonly selected: Id;
  readonly onSelect: (id: Id) => void;
  /** What the selected tab shows. */
  readonly children: ReactNode;
}

export function Tabs<Id extends string>({ label, items, selected, onSelect, children }: TabsProps<Id>) {
  const base = useId();
  const row = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent) => {
    const at = items.findIndex(item => item.id === selected);
    const last = items.length - 1;
    const to =
      event.key === 'ArrowRight'
        ? (at + 1) % items.length
        : event.key === 'ArrowLeft'
          ? (at + last) % items.length
          : event.key === 'Home'
            ? 0
            : event.key === 'End'
              ? last
              : -1;
    const item = items[to];
    if (item === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    onSelect(item.id);
    row.current?.querySelectorAll<HTMLElement>('[role=tab]')[to]?.focus();
  };
  return (
    <div className="tabs">
      <div className="tabs-row" role="tablist" aria-label={label} ref={row} onKeyDown={move}>
        {items.map(item => (
          <button
            key={item.id}
            type="button"
            role="tab"
            id={`${base}-${item.id}`}
            aria-selected={item.id === selected}
            aria-controls={`${base}-panel`}
            tabIndex={item.id === selected ? 0 : -1}
            onClick={() => onSelect(item.id)}
          >
            {item.label}
            {item.count === undefined || item.count === 0 ? null : <span className="tabs-count">{item.count}</span>}
          </button>
        ))}
      </div>
      <div className="tabs-panel" role="tabpanel" id={`${base}-panel`} aria-labelledby={`${base}-${selected}`}>
        {children}
      </div>
    </div>
  );
}
