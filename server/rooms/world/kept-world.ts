/** The world of a room on disk: found again at the next start, put aside where it cannot be read, written so that a power cut leaves the old one or the new one. */
import { createHash } from 'node:crypto';
import { rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod/mini';
import { validateWorld } from '../../../shared/world/validate.ts';
import type { World } from '../../../shared/world/world.ts';
import { isSystemError, replaceFile, syncDirectory } from '../../disk/durable.ts';
import { putAside, type Report, whyUnread } from '../../disk/put-aside.ts';
import { jsonIn, readRegular } from '../../disk/regular-file.ts';

/** Both the world that was given and the edited one, each of at most 4 MiB as it comes in; blanks and escapes are nobody's to add. */
const LARGEST = 32 * 1024 * 1024;
/** Milliseconds of the machine's time after which a world that could not be kept is tried again. */
const AGAIN = 2000;

const keptShape = z.object({ given: z.unknown(), now: z.unknown() });

/** As it comes back from a file: a member that is absent and one that is undefined are the same. */
const asKept = (world: World): unknown => JSON.parse(JSON.stringify(world));

type Kept =
  | { readonly kind: 'none' }
  | { readonly kind: 'world'; readonly world: World }
  | { readonly kind: 'other'; readonly given: unknown; readonly edited: boolean }
  | { readonly kind: 'bad'; readonly reason: string };

async function readKept(file: string, given: World): Promise<Kept> {
  let content: Buffer;
  try {
    content = await readRegular(file, { most: LARGEST });
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOENT') return { kind: 'none' };
    return { kind: 'bad', reason: whyUnread(error) };
  }
  const bad = (reason: string): Kept => ({ kind: 'bad', reason });
  if (content.length > LARGEST) return bad(`it has more than ${LARGEST} octets`);
  if (content.length === 0) return bad('it is empty');
  const kept = keptShape.safeParse(jsonIn(content.toString('utf8')));
  if (!kept.success) return bad('it is not what mailscope wrote');
  // What was given then was a world: if it is none, nothing here can be trusted.
  if (!isDeepStrictEqual(kept.data.given, asKept(given)))
    return validateWorld(kept.data.given).ok
      ? { kind: 'other', given: kept.data.given, edited: !isDeepStrictEqual(kept.data.given, kept.data.now) }
      : bad('it holds no world');
  const world = validateWorld(kept.data.now);
  return world.ok ? { kind: 'world', world: world.world } : bad(`${world.path || 'the world'}: ${world.message}`);
}

/** Where the edits of a world are kept while another one is given: "world.1f3a5b7c9d0e.json". */
const placeOf = (file: string, given: unknown): string =>
  join(dirname(file), `world.${createHash('sha256').update(JSON.stringify(given)).digest('hex').slice(0, 12)}.json`);

/**
 * The world as an earlier room left it, where that began with the same one; otherwise `given`. What cannot be read is put aside, and
 * edits of another world are kept until that one is given again; both are said. Rejects with the file system's error.
 */
export async function keptWorld(file: string | null, given: World, report: Report): Promise<World> {
  if (file === null) return given;
  const kept = await readKept(file, given);
  if (kept.kind === 'world') return kept.world;
  if (kept.kind === 'bad') await putAside(file, kept.reason, report);
  if (kept.kind === 'other') {
    const place = placeOf(file, kept.given);
    await rename(file, place);
    await syncDirectory(dirname(file));
    if (kept.edited) report({ code: 'world-set-aside', file: place });
  }
  const own = placeOf(file, asKept(given));
  const before = await readKept(own, given);
  if (before.kind === 'bad') await putAside(own, before.reason, report);
  if (before.kind !== 'world') return given;
  await rename(own, file);
  return before.world;
}

export interface WorldKeeper {
  /** Resolves once this world, or a later one, is durable: with null, or the file system's error where it could not be kept. */
  keep(world: World): Promise<Error | null>;
  /** Tries what is not kept yet a last time. */
  close(): Promise<void>;
}

/** Keeps the newest world in `file`, or nothing where that is null. Where it cannot, it says so once, goes on trying, and says when it works again. */
export function createWorldKeeper(file: string | null, given: World, report: Report): WorldKeeper {
  let newest: World | null = null;
  let writing: Promise<unknown> = Promise.resolve();
  /** The next write, which everybody shares who comes while one is under way. */
  let next: Promise<Error | null> | null = null;
  let failed = false;
  let timer: NodeJS.Timeout | undefined;

  const write = async (path: string): Promise<Error | null> => {
    const world = newest;
    try {
      await replaceFile(path, [Buffer.from(JSON.stringify({ given, now: world }))]);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      if (!failed) report({ code: 'world-unwritable', file: path, reason: error.code });
      failed = true;
      timer = setTimeout(() => void again(path), AGAIN);
      timer.unref();
      return error;
    }
    if (failed) report({ code: 'world-writable', file: path });
    failed = false;
    return null;
  };
  const again = (path: string): Promise<Error | null> => {
    clearTimeout(timer);
    next ??= writing.then(() => {
      clearTimeout(timer);
      next = null;
      const work = write(path);
      writing = work.catch(() => undefined);
      return work;
    });
    return next;
  };

  return {
    keep(world) {
      newest = world;
      return file === null ? Promise.resolve(null) : again(file);
    },
    async close() {
      await next;
      await writing;
      if (failed && file !== null) await again(file);
      clearTimeout(timer);
    },
  };
}
