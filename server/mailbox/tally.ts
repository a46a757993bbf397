/** What a mailbox holds, counted as it comes and goes, so that a quota can be asked about without looking at any file. Pure. */

/** How full a mailbox is. */
export interface Contents {
  readonly messages: number;
  /** As they lie there. */
  readonly octets: number;
}

export class Tally {
  private readonly sizes = new Map<string, number>();
  private total = 0;
  /** Grows with every change. */
  changes = 0;

  contents(): Contents {
    return { messages: this.sizes.size, octets: this.total };
  }

  add(file: string, octets: number): void {
    this.remove(file);
    this.sizes.set(file, octets);
    this.total += octets;
  }

  remove(file: string): void {
    this.changes++;
    this.total -= this.sizes.get(file) ?? 0;
    this.sizes.delete(file);
  }

  /** Forgets all but those that `spares`. */
  reset(spares: (file: string) => boolean): void {
    for (const file of [...this.sizes.keys()]) if (!spares(file)) this.remove(file);
  }
}
