/** The widths and heights, in CSS pixels, at which a layout changes: every media and container query has one of these, and no other. */

/** Widths. Below one is `max-width: N - 1`, from one on is `min-width: N`. */
/** Below: a phone held upright. Labels stand over their fields, margins are small. */
export const PHONE = 600;
/** Below: the map stands upright with the caption above it, and the timeline gives its lanes to a thumb. */
export const UPRIGHT = 700;
/** From here on a picture and its words stand side by side. */
export const PAIR = 820;
/** From here on the caption has a fixed height, and the head shows the world and the talk outside its menu. */
const TABLET = 1024;
/** From here on the page is one screen, with the details beside the stage; below, the page scrolls. */
export const LAPTOP = 1120;
/** From here on the head has room for Share beside a story's whole name. */
const WIDE_HEAD = 1200;
/** From here on the caption needs a line less, and the head has room for what most come for. */
const DESK = 1400;
/** From here on the head says everything, the number of the letter too. */
const SPACIOUS = 1520;

/** Heights. Up to one is `max-height: N`, above one is `min-height: N + 1`. */
/** Up to here: a phone on its side, or a page much enlarged. Nothing sticks but the controls. */
export const ON_ITS_SIDE = 480;
/** Up to here: a projector of 720 lines. The caption is at its lowest. */
const PROJECTOR = 760;
/** Up to here: a laptop's window. The drawing has no room to give, so that all else stands beside or over it. */
export const LOW = 860;

export const WIDTHS = [PHONE, UPRIGHT, PAIR, TABLET, LAPTOP, WIDE_HEAD, DESK, SPACIOUS] as const;
export const HEIGHTS = [ON_ITS_SIDE, PROJECTOR, LOW] as const;

type Width = (typeof WIDTHS)[number];
type Height = (typeof HEIGHTS)[number];

/** Media queries, as the sheets write them. */
export const below = (width: Width): string => `(max-width: ${width - 1}px)`;
export const from = (width: Width): string => `(min-width: ${width}px)`;
export const upTo = (height: Height): string => `(max-height: ${height}px)`;
