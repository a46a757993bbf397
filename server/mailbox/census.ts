/** What lies in a Maildir now: every file is looked at, and only those are read that are not known as they are. */
import { lstatSync } from 'node:fs';
import { eachYielding } from './iterate.ts';
import { type Counted, type Letter, type Letters, letterAt, type Place } from './letters.ts';
import { countedLines, lineBlock } from './line-count.ts';
import { isGone, type Places } from './places.ts';

interface Census {
  /** By unique name; `letters` knows the same now. */
  readonly seen: ReadonlyMap<string, Letter>;
  /** So many were read. */
  readonly counts: number;
}

/** Rejects with the file system's error. */
export async function takeCensus(letters: Letters, places: Places): Promise<Census> {
  let counts = 0;

  /** What each file is like now goes into `seen`. Resolves with those that were not where they should be. */
  async function look(found: ReadonlyMap<string, Place>, seen: Map<string, Letter>): Promise<readonly string[]> {
    const moved: string[] = [];
    const uncounted = new Map<string, Place>();
    await eachYielding(found, ([file, at]) => {
      const stat = lstatSync(places.pathOf(file, at), { throwIfNoEntry: false });
      const known = letters.get(file);
      if (stat === undefined) moved.push(file);
      else if (known?.size !== null && known?.length === stat.size && known.mtimeMs === stat.mtimeMs)
        seen.set(file, known.place === at ? known : letterAt(known, at));
      else if (stat.isFile()) uncounted.set(file, at);
    });
    await eachYielding(count(uncounted, seen, moved), () => undefined);
    return moved;
  }

  /** A step a block that is read. */
  function* count(files: ReadonlyMap<string, Place>, seen: Map<string, Letter>, moved: string[]): Generator<void> {
    const block = lineBlock();
    for (const [file, at] of files) {
      try {
        for (const counted of countedLines(places.pathOf(file, at), block)) {
          if (counted) seen.set(file, letterAt(counted, at));
          yield;
        }
        counts++;
      } catch (error) {
        if (!isGone(error)) throw error;
        moved.push(file);
      }
    }
  }

  /** Everything that was seen is known from now on; who is there at all only where nothing came or went meanwhile. */
  function know(seen: ReadonlyMap<string, Letter>, nothingMoved: boolean): void {
    for (const [file, letter] of seen) {
      if (letters.get(file) === letter) continue;
      if (nothingMoved) letters.add(file, letter);
      else letters.correct(file, letter);
    }
    if (!nothingMoved) return;
    for (const [file] of letters.entries()) if (!seen.has(file) && !letters.isHidden(file)) letters.remove(file);
  }

  const { changes } = letters;
  const seen = new Map<string, Letter>();
  await places.whereverTheyLie(await places.scan(), found => look(found, seen));
  know(seen, letters.changes === changes);
  return { seen, counts };
}

/**
 * For the quota: how long each letter is, not how long its CRLF form is, so that none is read, and none is looked at that the
 * index knows. Resolves with how many it did not know. Rejects with the file system's error.
 */
export async function takeFirstCensus(
  letters: Letters,
  places: Places,
  indexed: ReadonlyMap<string, Counted>,
): Promise<number> {
  let unknown = 0;
  await eachYielding(await places.scan(), ([file, at]) => {
    const known = indexed.get(file);
    if (known !== undefined) {
      letters.add(file, letterAt(known, at));
      return;
    }
    unknown++;
    const stat = lstatSync(places.pathOf(file, at), { throwIfNoEntry: false });
    if (stat !== undefined) letters.add(file, { length: stat.size, mtimeMs: 0, size: null, place: at });
  });
  return unknown;
}
