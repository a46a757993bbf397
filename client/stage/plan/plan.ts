/** What a drawing of the world is made of: cards, territories, idle cables, and the size of an envelope. */
import type { Protocol } from '../../../shared/protocols.ts';
import type { HostId } from '../../../shared/world/world.ts';
import type { Box, Point } from './geometry.ts';
import type { Icon } from './roles.ts';

export type Shape = 'wide' | 'narrow';

/** The side of a card on which its letter lies. */
export type Side = 'right' | 'left' | 'above' | 'below';

/**
 * A host's card. `full`: its picture above its name, on a phone beside it. `row`: picture and name side by side, on any page.
 * `quiet`: not needed for the first journey, drawn smaller, without an icon.
 */
export interface Station extends Box {
  readonly host: HostId;
  readonly size: 'full' | 'row' | 'quiet';
  readonly icon: Icon;
  readonly name: string;
  /** The name as it is drawn: on one line, or on two. */
  readonly nameLines: readonly string[];
  readonly lines: readonly { readonly text: string; readonly mono: boolean }[];
  /** Where room was kept for a letter; absent where it is to be looked for. */
  readonly letter?: Side;
}

export interface Territory extends Box {
  readonly domain: string;
  /** The first domain is blue, the second green, any further ones neutral. */
  readonly tone: 'blue' | 'green' | 'plain';
  /** Where its name stands, the baseline; absent where any corner will do. */
  readonly sign?: Point & { readonly anchor: 'start' | 'middle' | 'end' };
}

/** A cable that is drawn, dotted, also while nothing crosses it. */
interface IdleCable {
  readonly from: HostId;
  readonly to: HostId;
  readonly protocol: Protocol;
}

export interface Layout {
  readonly shape: Shape;
  readonly w: number;
  readonly h: number;
  readonly stations: readonly Station[];
  readonly territories: readonly Territory[];
  readonly idle: readonly IdleCable[];
  readonly envelope: Size;
  /** How a letter is drawn, which is by its width. */
  readonly letters: Shape;
  /** Where the words "the internet" stand; null where there is no room for them. */
  readonly internet: { readonly x: number; readonly y: number } | null;
}

/** What a placer hands back; the rest of a layout follows from it. */
export type Placement = Pick<Layout, 'h' | 'stations' | 'territories' | 'internet'> &
  Partial<Pick<Layout, 'envelope' | 'letters'>>;

export const stationOf = (layout: Pick<Layout, 'stations'>, host: HostId): Station | undefined =>
  layout.stations.find(station => station.host === host);

export const ENVELOPE: Readonly<Record<Shape, { readonly w: number; readonly h: number }>> = {
  wide: { w: 220, h: 104 },
  narrow: { w: 166, h: 96 },
};
/** Room under an envelope for its note. */
export const NOTE: Readonly<Record<Shape, number>> = { wide: 22, narrow: 34 };

export interface Size {
  readonly w: number;
  readonly h: number;
}
/** What a placer has. `terse`: cards say their names alone, so that these can be read where the drawing is small. */
export interface Room extends Size {
  readonly terse?: boolean;
}
export const DESIGN_SIZE: Readonly<Record<Shape, Size>> = { wide: { w: 1020, h: 560 }, narrow: { w: 360, h: 640 } };
