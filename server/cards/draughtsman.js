/** A thread that turns SVG into PNG, so that no letter waits meanwhile. Plain JavaScript: a thread of Node's reads no TypeScript. */
import { readFile } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { initWasm, Resvg } from '@resvg/resvg-wasm';

/** `{wasm, faces}`: the path of the library's code, and the faces there are. */
const { wasm, faces } = workerData;
await initWasm(readFile(wasm));

/** `{id, svg}` is answered by `{id, png}`, or `{id, trouble}`. */
parentPort.on('message', ({ id, svg }) => {
  try {
    const picture = new Resvg(svg, { font: { fontBuffers: faces, defaultFontFamily: 'Inter' } });
    const image = picture.render();
    parentPort.postMessage({ id, png: image.asPng() });
    image.free();
    picture.free();
  } catch (error) {
    parentPort.postMessage({ id, trouble: String(error) });
  }
});
