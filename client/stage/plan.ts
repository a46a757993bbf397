/** What a drawing of the world is made of: cards, territories, idle cables, and the size of an envelope. */
import type { Protocol } from '../../shared/story/story.ts';
import type { HostId } from '../../shared/world/world.ts';
import type { Box } from './geometry.ts';
import type { Icon } from './roles.ts';

export type Shape = 'wide' | 'narrow';

/** A host's card. `quiet`: not needed for the first journey, drawn smaller, without an icon. */
export interface Station extends Box {
  readonly host: HostId;
  readonly size: 'full' | 'quiet';
  readonly icon: Icon;
  readonly name: string;
  readonly lines: readonly { readonly text: string; readonly mono: boolean }[];
}

export interface Territory extends Box {
  readonly domain: string;
  /** The first domain is blue, the second green, any further ones neutral. */
  readonly tone: 'blue' | 'green' | 'plain';
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
  readonly envelope: { readonly w: number; readonly h: number };
  /** Where the words "the internet" stand; null where there is no room for them. */
  readonly internet: { readonly x: number; readonly y: number } | null;
}

/** What a placer hands back; the rest of a layout follows from it. */
export type Placement = Pick<Layout, 'h' | 'stations' | 'territories' | 'internet'>;

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
export const DESIGN_SIZE: Readonly<Record<Shape, Size>> = { wide: { w: 1020, h: 560 }, narrow: { w: 360, h: 640 } };
