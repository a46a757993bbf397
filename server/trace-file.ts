/** The current trace on disk: taken up again after a restart, put aside when it is full. */
import { mkdir, readdir, readFile, rename, rm, truncate } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { decodeTrace } from '../shared/trace/codec.ts';
import type { TraceEvent } from '../shared/trace/event.ts';
import type { TraceHeader } from '../shared/trace/header.ts';
import type { PublicWorld } from '../shared/world/world.ts';

const KEPT_TRACES = 20;

export interface Resumed {
  readonly header: TraceHeader;
  readonly events: readonly TraceEvent[];
}

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';
/** The world as it was edited last. */
function worldAtEnd({ header, events }: Resumed): PublicWorld {
  const last = events.findLast(event => event.kind === 'world.changed');
  return last?.kind === 'world.changed' ? last.world : header.world;
}
/** As JSON has it: a member that is absent and one that is undefined are the same. */
const sameWorld = (a: PublicWorld, b: PublicWorld): boolean =>
  isDeepStrictEqual(JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b)));

/** Puts a finished trace beside the current one as traces/<stamp>.trace.ndjson and drops the oldest beyond the newest 20. */
export async function archive(file: string, createdAt: string): Promise<void> {
  const folder = join(dirname(file), 'traces');
  await mkdir(folder, { recursive: true });
  const stamp = createdAt.replaceAll(':', '-');
  await rename(file, join(folder, `${stamp}.trace.ndjson`));
  const traces = (await readdir(folder)).filter(name => name.endsWith('.trace.ndjson')).sort();
  for (const name of traces.slice(0, -KEPT_TRACES)) await rm(join(folder, name));
}

/** The trace that an earlier process left, its torn last line cut off; null where there is none that can go on. */
export async function resume(file: string, header: TraceHeader): Promise<Resumed | null> {
  let content: Buffer;
  try {
    content = await readFile(file);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
  const whole = content.subarray(0, content.lastIndexOf(10) + 1);
  if (whole.length === 0) return null;
  const decoded = decodeTrace(whole.toString('utf8'));
  if (decoded.ok && sameWorld(worldAtEnd(decoded), header.world)) {
    if (whole.length < content.length) await truncate(file, whole.length);
    return { header: decoded.header, events: decoded.events };
  }
  await archive(file, decoded.ok ? decoded.header.createdAt : `${header.createdAt}.damaged`);
  return null;
}
