/** The stories of the built page, by name: what their links, their pictures and their figures say of them. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';

const shelf = z.object({
  stories: z.array(z.object({ name: z.string(), title: z.string(), intro: z.string(), beats: z.number() })),
});

/** An entry of stories/index.json. Words may hold **bold**. */
export interface Shelved {
  readonly name: string;
  readonly title: string;
  readonly intro: string;
  /** How many steps it has. */
  readonly beats: number;
}

export interface Shelf {
  /** Null where there is no such story. */
  find(name: string): Promise<Shelved | null>;
  /** Changes whenever the page is built anew; '' where there is none. */
  version(): Promise<string>;
}

/** `folder` is the built page, or null where there is none. It may be built anew at any time. */
export function createShelf(folder: string | null): Shelf {
  const file = folder === null ? null : join(folder, 'stories', 'index.json');
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
