/** The stories of the built page, by name: what their links, their pictures and their figures say of them. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { CATALOGUE, catalogueEntry } from '../../../shared/api/catalogue.ts';

/** What the server wants of an entry of the catalogue. */
const entry = z.pick(catalogueEntry, { name: true, title: true, intro: true, beats: true });
export type Shelved = Readonly<z.infer<typeof entry>>;

const shelf = z.object({ stories: z.array(entry) });

export interface Shelf {
  /** Null where there is no such story. */
  find(name: string): Promise<Shelved | null>;
  /** Changes whenever the page is built anew; '' where there is none. */
  version(): Promise<string>;
}

/** `folder` is the built page, or null where there is none. It may be built anew at any time. */
export function createShelf(folder: string | null): Shelf {
  const file = folder === null ? null : join(folder, CATALOGUE);
  let read: { readonly version: string; readonly stories: ReadonlyMap<string, Shelved> } | null = null;

  const version = async (): Promise<string> =>
    file === null
      ? ''
      : stat(file).then(
          ({ mtimeMs, size }) => `${mtimeMs}-${size}`,
          () => '',
        );

  return {
    version,
    async find(name) {
      const now = await version();
      if (file === null || now === '') return null;
      if (read?.version !== now) {
        const { stories } = shelf.parse(JSON.parse(await readFile(file, 'utf8')));
        read = { version: now, stories: new Map(stories.map(story => [story.name, story])) };
      }
      return read.stories.get(name) ?? null;
    },
  };
}
