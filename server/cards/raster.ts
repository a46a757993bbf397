/** SVG as PNG, with Inter as the only face there is: what a server can show to those that run no script. Begun when the first picture is asked for. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import * as z from 'zod/mini';
import { ROOT } from '../base/root.ts';
import type { Faces } from './card.ts';
import { createTypeface } from './typeface.ts';
import { unpack } from './woff.ts';

/** Draws what is asked for; its faces say how wide text becomes. */
export interface Rasteriser {
  readonly faces: Faces;
  /** PNG of an SVG in its own size. Some tens of milliseconds of another thread; the first time a second. */
  draw(svg: string): Promise<Uint8Array>;
}

const WEIGHTS = [400, 700] as const;
/** Latin first: most names need no other. */
const SUBSETS = ['latin', 'latin-ext'] as const;

const require = createRequire(import.meta.url);

const drawn = z.object({
  id: z.number(),
  png: z.optional(z.instanceof(Uint8Array)),
  trouble: z.optional(z.string()),
});

interface Order {
  done(png: Uint8Array): void;
  fail(error: Error): void;
}

/** `onEnd`: the thread is no more, and another must be begun. */
function beginThread(faces: readonly Uint8Array[], onEnd: () => void): (svg: string) => Promise<Uint8Array> {
  const orders = new Map<number, Order>();
  let last = 0;
  const wasm = require.resolve('@resvg/resvg-wasm/index_bg.wasm');
  const worker = new Worker(join(ROOT, 'server/cards/draughtsman.js'), { workerData: { wasm, faces } });
  const take = (id: number): Order | undefined => {
    const order = orders.get(id);
    orders.delete(id);
    // A process that has nothing else to do does not wait for one that draws nothing.
    if (orders.size === 0) worker.unref();
    return order;
  };
  worker.unref();
  worker.on('message', (message: unknown) => {
    const { id, png, trouble } = drawn.parse(message);
    if (png === undefined) take(id)?.fail(new Error(trouble ?? 'nothing was drawn'));
    else take(id)?.done(png);
  });
  const end = (error: Error): void => {
    onEnd();
    for (const id of [...orders.keys()]) take(id)?.fail(error);
  };
  worker.on('error', end);
  worker.on('exit', () => end(new Error('the thread that draws has ended')));
  return svg =>
    new Promise((done, fail) => {
      last += 1;
      orders.set(last, { done, fail });
      worker.ref();
      worker.postMessage({ id: last, svg });
    });
}

let loading: Promise<Rasteriser> | null = null;

async function load(): Promise<Rasteriser> {
  const [regular, bold] = await Promise.all(
    WEIGHTS.map(weight =>
      Promise.all(
        SUBSETS.map(async subset =>
          unpack(await readFile(require.resolve(`@fontsource/inter/files/inter-${subset}-${weight}-normal.woff`))),
        ),
      ),
    ),
  );
  if (regular === undefined || bold === undefined) throw new Error('Inter has two weights');
  const draw = beginThread(
    [...regular, ...bold].map(({ bytes }) => bytes),
    () => {
      loading = null;
    },
  );
  return { faces: { regular: createTypeface(regular), bold: createTypeface(bold) }, draw };
}

/** The one of this process: it holds some 40 MB once it has drawn. */
export function rasteriser(): Promise<Rasteriser> {
  loading ??= load();
  return loading;
}
