/** What present mode knows besides the player: what covers the stage, what is typed, where the speaker points, what a live run waits for. */
import { createStore } from 'zustand/vanilla';
import type { Theme } from '../../player/place.ts';

/** Parts of the stage's width and height, from its upper left corner. */
export interface Pointer {
  readonly x: number;
  readonly y: number;
}

export interface Presentation {
  readonly blank: 'black' | 'white' | null;
  /** Of the overview, the index of the marked beat; null while it is closed. */
  readonly overview: number | null;
  /** Digits of the step to jump to. */
  readonly typed: string;
  /** The projector's own, whatever the page's theme. */
  readonly theme: Theme;
  readonly pointer: Pointer | null;
  /** The index of the beat that was called and is not told to its end yet; null where nothing is. */
  readonly called: number | null;
  /** It is to be shown at once, as far as it is told, instead of being played. */
  readonly hurried: boolean;
  /** The wire is held, and each call lets one beat of it go. */
  readonly live: boolean;
  /** A sentence to the speaker. */
  readonly trouble: string | null;
}

const initial: Presentation = {
  blank: null,
  overview: null,
  typed: '',
  theme: 'dark',
  pointer: null,
  called: null,
  hurried: false,
  live: false,
  trouble: null,
};

export const presentation = createStore<Presentation>(() => initial);
const { setState: set } = presentation;

/** As it begins each time. */
export const reset = (): void => set(initial);
export const cover = (blank: Presentation['blank']): void => set({ blank, typed: '' });
export const type = (typed: string): void => set({ typed });
export const openOverview = (overview: number | null): void => set({ overview, typed: '' });
export const pointAt = (pointer: Pointer | null): void => set({ pointer });
export const call = (called: number | null, hurried = false): void => set({ called, hurried });
export const setLive = (live: boolean): void => set({ live });
export const complain = (trouble: string | null): void => set({ trouble });
export const turnLight = (): void => set(({ theme }) => ({ theme: theme === 'dark' ? 'light' : 'dark' }));
