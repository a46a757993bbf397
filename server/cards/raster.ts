/** SVG as PNG, with Inter as the only face there is: what a server can show to those that run no script. Loaded when the first picture is asked for. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Faces } from './card.ts';
import { createTypeface } from './typeface.ts';
import { unpack } from './woff.ts';

/** Draws what is asked for; its faces say how wide text becomes. */
export interface Rasteriser {
  readonly faces: Faces;
  /** PNG of an SVG in its own size. It holds the process for some tens of milliseconds. */
  draw(svg: string): Uint8Array;
}

const WEIGHTS = [400, 700] as const;
/** Latin first: most names need no other. */
const SUBSETS = ['latin', 'latin-ext'] as const;

const require = createRequire(import.meta.url);

async function load(): Promise<Rasteriser> {
  const { initWasm, Resvg } = await import('@resvg/resvg-wasm');
  await initWasm(readFile(require.resolve('@resvg/resvg-wasm/index_bg.wasm')));
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
  const fontBuffers = [...regular, ...bold].map(({ bytes }) => bytes);
  return {
    faces: { regular: createTypeface(regular), bold: createTypeface(bold) },
    draw(svg) {
      const picture = new Resvg(svg, { font: { fontBuffers, defaultFontFamily: 'Inter' } });
      try {
        const image = picture.render();
        try {
          return image.asPng();
        } finally {
          image.free();
        }
      } finally {
        picture.free();
      }
    },
  };
}

let loading: Promise<Rasteriser> | null = null;

/** The one of this process: its code can be initialised only once. */
export function rasteriser(): Promise<Rasteriser> {
  loading ??= load();
  return loading;
}
