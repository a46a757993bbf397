/** What the viewer looks at on the page besides the story, and what the page is told: one setter a field. */
import type { Trouble } from '../../shared/explain/troubles.ts';
import { savedLetterKeys, savedNotes, saveLetterKeys, saveNotes, type Theme } from '../player/place.ts';
import type { Holding } from '../source/source.ts';
import type { Inspect } from '../stage/plan/inspect.ts';
import { type DnsView, type OpenDialog, type PanelTab, player, type SourceState } from './store.ts';
import { pause } from './travel.ts';

const { getState: get, setState: set } = player;

export const showTab = (tab: PanelTab): void => set({ tab, inspect: null });
export const showDns = (dnsView: DnsView): void => set({ tab: 'dns', dnsView, inspect: null });
export const inspect = (target: Inspect | null): void => set({ inspect: target });
export const openDialog = (dialog: OpenDialog | null): void => set({ dialog });
/** What is not seen does not play on. */
export function showGallery(gallery: boolean): void {
  if (gallery && get().playing) pause();
  set({ gallery });
}
/** What is shown to a room goes on at a word of whoever shows it. */
export function present(presenting: boolean): void {
  if (presenting === get().presenting) return;
  if (get().playing) pause();
  set({ presenting });
}
export const notify = (notice: string | null): void => set({ notice });
export const setTroubles = (troubles: readonly Trouble[]): void => set({ troubles });
/** What was known of the wire is only true while its server is there. */
export const setSource = (source: SourceState): void =>
  set(source.kind === 'live' && source.status === 'live' ? { source } : { source, holding: null });
export const setHolding = (holding: Holding): void => set({ holding });
export const setReducedMotion = (reducedMotion: boolean): void => set({ reducedMotion });
export const setTheme = (theme: Theme): void => set({ theme });
export const readInboxOf = (reader: string): void => set({ reader });

/** What this browser remembers of the viewer's wishes; asked for once, when a page begins. */
export const recallWishes = (): void => set({ notes: savedNotes(), letterKeys: savedLetterKeys() });

export function setNotes(notes: boolean): void {
  saveNotes(notes);
  set({ notes });
}

export function setLetterKeys(letterKeys: boolean): void {
  saveLetterKeys(letterKeys);
  set({ letterKeys });
}
