/** As much of a world as faults look at: whom they strike, and what they can be set for. Every `World` is one. */

export interface GroundHost {
  readonly id: string;
  readonly kind: 'client' | 'server' | 'visitor';
  readonly label: string;
  readonly domain?: string;
  readonly services: readonly string[];
}

export interface Ground {
  readonly hosts: readonly GroundHost[];
  readonly domains: readonly {
    readonly name: string;
    readonly submission: string;
    readonly pop: string;
    readonly exchangers: readonly string[];
  }[];
  readonly users: readonly { readonly address: string; readonly name: string; readonly client: string }[];
  /** The host that answers for every zone. */
  readonly dns: string;
}
