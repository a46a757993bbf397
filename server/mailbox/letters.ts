/** What is known of the letters in one mailbox: where each lies, how long it is, and what they come to. Pure. */

/** How full a mailbox is. */
export interface Contents {
  readonly messages: number;
  /** As they lie there. */
  readonly octets: number;
}

/** A file as it was when its lines were counted. */
export interface Counted {
  /** Octets of the file. */
  readonly length: number;
  readonly mtimeMs: number;
  /** Octets of its CRLF form; null until somebody has counted them. */
  readonly size: number | null;
}

/** Where a letter lies: `new` or `cur`, and what another program has put behind its unique name there, such as `cur:2,S`. */
export type Place = string;

export interface Letter extends Counted {
  readonly place: Place;
}

/** Spelt out, because a spread makes objects three times as large, and there are very many of them. */
export const letterAt = ({ length, mtimeMs, size }: Counted, place: Place): Letter => ({
  length,
  mtimeMs,
  size,
  place,
});

/** By unique name. It also sums up, so that a quota can be asked about without looking at any file. */
export class Letters {
  private readonly all = new Map<string, Letter>();
  /** Placed, and not shown to readers yet. */
  private readonly hidden = new Set<string>();
  private octets = 0;
  /** Grows with every letter that comes, goes or is shown. */
  changes = 0;

  contents(): Contents {
    return { messages: this.all.size, octets: this.octets };
  }

  /** Those that readers see. */
  shown(): Contents {
    let { messages, octets } = this.contents();
    for (const file of this.hidden) {
      messages--;
      octets -= this.all.get(file)?.length ?? 0;
    }
    return { messages, octets };
  }

  get(file: string): Letter | undefined {
    return this.all.get(file);
  }

  isHidden(file: string): boolean {
    return this.hidden.has(file);
  }

  entries(): IterableIterator<[string, Letter]> {
    return this.all.entries();
  }

  add(file: string, letter: Letter): void {
    this.changes++;
    this.set(file, letter);
  }

  hide(file: string, letter: Letter): void {
    this.hidden.add(file);
    this.add(file, letter);
  }

  show(file: string): void {
    this.changes++;
    this.hidden.delete(file);
  }

  remove(file: string): void {
    this.changes++;
    this.hidden.delete(file);
    this.octets -= this.all.get(file)?.length ?? 0;
    this.all.delete(file);
  }

  /** What is known of a letter has changed, not whether it is there: one that has gone meanwhile stays gone. */
  correct(file: string, letter: Letter): void {
    if (this.all.has(file)) this.set(file, letter);
  }

  private set(file: string, letter: Letter): void {
    this.octets += letter.length - (this.all.get(file)?.length ?? 0);
    this.all.set(file, letter);
  }
}
