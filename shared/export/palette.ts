/** The colours of design/tokens.css as values, for what is drawn where no style sheet reaches. A test holds the two together. */
import type { Protocol } from '../protocols.ts';

export type Ink = 'light' | 'dark';

/** By name in tokens.css: [light, dark]. */
export const COLOURS = {
  paper: ['#f6f1e7', '#14171f'],
  'paper-2': ['#fffdf8', '#191d27'],
  card: ['#fffdf8', '#1d222d'],
  ink: ['#1f2430', '#eef0f5'],
  'ink-2': ['#565d6d', '#b4bac8'],
  line: ['#e2d9c8', '#323947'],
  'line-2': ['#cfc3ac', '#465063'],
  hover: ['#f5efe2', '#262c39'],
  smtp: ['#2458c5', '#7ba2ff'],
  'smtp-ink': ['#1d4aab', '#a9c2ff'],
  dns: ['#b7730c', '#f0b24a'],
  'dns-ink': ['#7c4d04', '#f3c677'],
  'dns-solid': ['#945a05', '#f0b24a'],
  pop3: ['#1d7f5f', '#55c79d'],
  'pop3-ink': ['#14634a', '#8adcbd'],
  tls: ['#7a4bc2', '#b795f2'],
  'tls-ink': ['#5f35a3', '#cdb5f7'],
  store: ['#7d6a4c', '#b9a684'],
  'store-ink': ['#665437', '#cdbc9c'],
  'store-tint': ['#f1e8d6', '#2c2719'],
  bad: ['#c0392b', '#ff8a7a'],
  'bad-ink': ['#9f2b1f', '#ffaa9e'],
  wait: ['#8a6100', '#f0b24a'],
  on: ['#ffffff', '#14171f'],
  'air-r': ['#c8402f', '#e5614f'],
  'air-b': ['#2458c5', '#7ba2ff'],
} as const satisfies Readonly<Record<string, readonly [light: string, dark: string]>>;

export type Colour = keyof typeof COLOURS;

export const colourIn =
  (ink: Ink) =>
  (name: Colour): string =>
    COLOURS[name][ink === 'light' ? 0 : 1];

/** What a tag of the protocol stands on: text in `on` can be read there. */
export const groundOf = (protocol: Protocol): Colour =>
  protocol === 'dns' ? 'dns-solid' : protocol === 'store' ? 'store-ink' : protocol;

/** What is written in the colour of the protocol. */
export const inkOf = (protocol: Protocol): Colour => `${protocol}-ink`;
