/** `mailscope export --to gif|mp4|webm|png|sheet|svg`: the page's own film code, in a Chromium without a window. */
import { createServer, type Server } from 'node:http';
import type { Browser } from 'playwright-core';
import sirv from 'sirv';
import { ROOT } from '../base/root.ts';
import { ensurePage } from '../web/page.ts';
import { launchChromium } from './chromium.ts';
import type { FilmFormat } from './export-usage.ts';
import { CliError } from './parse.ts';

export interface FilmOptions {
  /** As its file has it. */
  readonly trace: string;
  readonly format: FilmFormat;
  /** Names of the first and the last beat; null is where the run begins, or ends. */
  readonly from: string | null;
  readonly until: string | null;
  /** 2 is twice as fast as the page plays. */
  readonly speed: number;
  /** Null is what suits the format: 10 for a GIF, 30 for a video. */
  readonly fps: number | null;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  readonly theme: 'light' | 'dark';
  readonly captions: boolean;
  readonly onProgress: (done: number, of: number, what: string) => void;
  readonly say: (sentence: string) => void;
}

/** Octets that are handed over at a time. */
const PIECE = 1 << 20;

/** The file's octets. Throws CliError where there is no Chromium, or where it cannot make such a file. */
export async function exportFilm(options: FilmOptions): Promise<Buffer> {
  const folder = await ensurePage(ROOT, options.say);
  if (folder === null) throw new CliError(1, 'Without the page there is nothing that a film could be made with.');
  const browser = await launchChromium(true);
  try {
    const site = await serve(folder);
    try {
      return await film(browser, `http://127.0.0.1:${portOf(site)}/film.html`, options);
    } finally {
      site.closeAllConnections();
      site.close();
    }
  } finally {
    await browser.close();
  }
}

/** For this browser only: on loopback, at a port that nobody knows. */
async function serve(folder: string): Promise<Server> {
  const files = sirv(folder);
  const server = createServer((request, response) =>
    files(request, response, () => {
      response.writeHead(404).end();
    }),
  );
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function portOf(server: Server): number {
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('a server that listens has an address');
  return address.port;
}

async function film(browser: Browser, url: string, options: FilmOptions): Promise<Buffer> {
  const { onProgress, say: _, format, ...args } = options;
  const page = await browser.newPage();
  const pieces: Buffer[] = [];
  await page.exposeFunction('tellProgress', onProgress);
  await page.exposeFunction('takePiece', (base64: string) => {
    pieces.push(Buffer.from(base64, 'base64'));
  });
  await page.goto(url);
  const trouble = await page.evaluate(inPage, { request: { ...args, kind: format }, piece: PIECE });
  if (trouble !== null) throw new CliError(1, trouble);
  return Buffer.concat(pieces);
}

interface Asked {
  readonly request: unknown;
  readonly piece: number;
}

declare function tellProgress(done: number, of: number, what: string): Promise<void>;
declare function takePiece(base64: string): Promise<void>;

/** Runs in the page: asks it for the film, hands over what comes, and answers what went wrong, or null. */
async function inPage({ request, piece }: Asked): Promise<string | null> {
  // No function in here has a name: where this is compiled on the way, names need what the page does not have.
  const made = await new Promise<Blob | string>(resolve => {
    window.addEventListener('message', ({ data }) => {
      if (data.event === 'progress') void tellProgress(data.done, data.of, data.what);
      if (data.event === 'made') resolve(data.blob);
      if (data.event === 'failed') resolve(data.message);
    });
    window.postMessage({ namespace: 'mailscope', v: 1, method: 'film', args: request }, window.origin);
  });
  if (typeof made === 'string') return made;
  for (let at = 0; at < made.size; at += piece) {
    const base64 = await new Promise<string>(resolve => {
      const reader = new FileReader();
      reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ''));
      reader.readAsDataURL(made.slice(at, at + piece));
    });
    await takePiece(base64);
  }
  return null;
}
