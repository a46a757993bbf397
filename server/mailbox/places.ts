/** Where the messages of a Maildir lie, while other programs move and flag them. */
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError } from '../disk/durable.ts';
import { eachYielding } from './iterate.ts';
import { type Letters, letterAt, type Place } from './letters.ts';

/** How often a message is looked for afresh that another program keeps moving. */
const ATTEMPTS = 3;

const isMessage = (entry: Dirent): boolean => entry.isFile() && !entry.name.startsWith('.');
const mapped = (file: string, at: Place | undefined): [string, Place][] => (at === undefined ? [] : [[file, at]]);

/** It is not where it was looked for. */
export const isGone = (error: unknown): boolean => isSystemError(error) && error.code === 'ENOENT';

export interface Places {
  pathOf(file: string, at: Place): string;
  /** By unique name, what lies in `new` and `cur` and is not hidden. Rejects with the file system's error. */
  scan(): Promise<Map<string, Place>>;
  /**
   * Does `act` on all files where they lay when they were last seen, or are said to lie; it resolves with those that were not
   * there, and is asked once more about those that lie somewhere else now. Files that are gone are left out.
   */
  whereverTheyLie(
    files: readonly string[] | ReadonlyMap<string, Place>,
    act: (places: ReadonlyMap<string, Place>) => Promise<readonly string[]>,
  ): Promise<void>;
}

export function placesIn(directory: string, letters: Letters): Places {
  /** `new` is read first: a message that moves to `cur` in between is seen twice, never missed. */
  async function scan(): Promise<Map<string, Place>> {
    const places = new Map<string, Place>();
    /** One string for all that have the same flags. */
    const interned = new Map<string, Place>();
    for (const folder of ['new', 'cur']) {
      await eachYielding(await readdir(join(directory, folder), { withFileTypes: true }), entry => {
        const colon = entry.name.indexOf(':');
        const file = colon < 0 ? entry.name : entry.name.slice(0, colon);
        if (!isMessage(entry) || letters.isHidden(file)) return;
        const at = colon < 0 ? folder : folder + entry.name.slice(colon);
        if (!interned.has(at)) interned.set(at, at);
        places.set(file, interned.get(at) ?? at);
      });
    }
    return places;
  }

  const lastSeen = (files: readonly string[]): Map<string, Place> =>
    new Map(files.map(file => [file, letters.get(file)?.place ?? 'new']));

  function moveTo(file: string, at: Place): void {
    const letter = letters.get(file);
    if (letter !== undefined && letter.place !== at) letters.correct(file, letterAt(letter, at));
  }

  return {
    pathOf: (file, at) => join(directory, at.slice(0, 3), file + at.slice(3)),
    scan,
    async whereverTheyLie(files, act) {
      let left = 'length' in files ? lastSeen(files) : files;
      for (let attempt = 1; left.size > 0; attempt++) {
        const moved = await act(left);
        if (moved.length === 0 || attempt === ATTEMPTS) return;
        const now = await scan();
        for (const [file, at] of now) moveTo(file, at);
        left = new Map(moved.flatMap(file => mapped(file, now.get(file))));
      }
    },
  };
}
