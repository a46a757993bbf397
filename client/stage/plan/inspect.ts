/** What a person can point at and have explained. */
import type { HostId } from '../../../shared/world/world.ts';

export type Inspect =
  | { readonly kind: 'host'; readonly host: HostId }
  | { readonly kind: 'letter'; readonly letter: string }
  | { readonly kind: 'motion'; readonly step: number }
  | { readonly kind: 'line'; readonly index: number }
  /** `id` of a fault of the world as it is now; of several in one place, the first. */
  | { readonly kind: 'fault'; readonly id: string };
