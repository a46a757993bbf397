/** Serves the examples as a blog or a talk would be: static files, the built page beside them, and no mailscope server. */
import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { evaluate } from '@mdx-js/mdx';
import { createElement } from 'react';
import * as runtime from 'react/jsx-runtime';
import { renderToStaticMarkup } from 'react-dom/server';
import sirv from 'sirv';

const HERE = fileURLToPath(new URL('.', import.meta.url));

export interface ExampleFolders {
  /** The built page, whose stories lie beside it. */
  readonly page: string;
  /** The built figures: mail-flow.js. */
  readonly embed: string;
}

/** The article in MDX as a blog's own build would give it out. */
async function mdxPage(): Promise<string> {
  const { default: Post } = await evaluate(await readFile(path.join(HERE, 'blog', 'post.mdx'), 'utf8'), runtime);
  const article = renderToStaticMarkup(createElement(Post));
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Come back later</title><link rel="icon" href="data:,"><link rel="stylesheet" href="article.css"><script type="module" src="/embed/mail-flow.js"></script></head><body><article>${article}</article></body></html>`;
}

/** Listens on loopback; `port` 0 is any free one. */
export async function serveExamples(
  { page, embed }: ExampleFolders,
  port: number,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const reveal = sirv(fileURLToPath(new URL('.', import.meta.resolve('reveal.js'))));
  // A frame without an origin, as WordPress makes it, is given scripts and recordings only by a site that gives them to everybody.
  const open = {
    setHeaders: (response: ServerResponse): void => void response.setHeader('access-control-allow-origin', '*'),
  };
  const [examples, pages, figures] = [sirv(HERE, { dev: true }), sirv(page, open), sirv(embed, open)];
  const server = createServer((request, response) => {
    const nothing = (): void => {
      response.writeHead(404).end();
    };
    const under = (prefix: string, files: typeof reveal): boolean => {
      if (request.url?.startsWith(prefix) !== true) return false;
      request.url = request.url.slice(prefix.length - 1);
      files(request, response, nothing);
      return true;
    };
    if (request.url === '/blog/post.html') {
      mdxPage().then(
        html => response.setHeader('content-type', 'text/html; charset=utf-8').end(html),
        (error: unknown) => response.writeHead(500).end(String(error)),
      );
      return;
    }
    if (under('/reveal.js/', reveal) || under('/embed/', figures)) return;
    examples(request, response, () => pages(request, response, nothing));
  });
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve));
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${bound}/`,
    async close() {
      const closed = new Promise<void>(resolve => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const dist = (folder: string): string => fileURLToPath(new URL(`../dist/${folder}`, import.meta.url));
  const { url } = await serveExamples({ page: dist('client'), embed: dist('embed') }, 4030);
  for (const example of ['reveal/', 'blog/', 'blog/wordpress.html', 'blog/post.html']) console.log(`${url}${example}`);
}
