/** What a figure is drawn from, and what its buttons and keys ask for. */
import type { Settings } from './attributes.ts';
import type { FigurePlayer } from './figure-player.ts';
import type { Act } from './keys.ts';
import type { Theme } from './theme.ts';

export interface FigureProps {
  readonly player: FigurePlayer;
  readonly settings: Settings;
  readonly theme: Theme;
  readonly still: boolean;
  /** Why nothing can be shown, in a sentence. */
  readonly failure: string | null;
  /** Its text lies open over the picture. */
  readonly reading: boolean;
  /** Whether there is a full screen to go to. */
  readonly grows: boolean;
  readonly act: Act;
  /** Story time. */
  readonly goTo: (t: number) => void;
}
