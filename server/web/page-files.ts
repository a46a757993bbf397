/** The files of the built page, as they are: the page itself, its stories to read, and their recordings. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import sirv from 'sirv';
import { answerError, HttpError } from './limits/answer.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** What sirv does not know, or says without its character set. */
const TYPES: Readonly<Record<string, string>> = {
  '.ndjson': 'application/x-ndjson; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
};

/** A story's page is a folder: without the slash at the end its links would lead beside it. */
const FOLDER = /^\/stories(?:\/[a-z0-9-]+)?(?=$|\?)/;

/** `folder` is the built page, or null where there is none. */
export function pageFiles(folder: string | null): Handler {
  if (folder === null)
    return (_request, response) => {
      response.writeHead(503, { 'content-type': 'text/plain; charset=utf-8' });
      response.end('The page has not been built; run “npm run build” and reload.\n');
    };
  const files = sirv(folder, {
    etag: true,
    dotfiles: false,
    setHeaders: (response, pathname) => {
      const immutable = pathname.startsWith('/assets/');
      response.setHeader('cache-control', immutable ? 'public, max-age=31536000, immutable' : 'no-cache');
      const type = TYPES[pathname.slice(pathname.lastIndexOf('.'))];
      if (type !== undefined) response.setHeader('content-type', type);
    },
    onNoMatch: (_request, response) => answerError(response, new HttpError('not-found', 'There is nothing here.')),
  });
  return (request, response) => {
    const address = request.url ?? '/';
    const [bare] = FOLDER.exec(address) ?? [];
    if (bare === undefined) {
      files(request, response);
      return;
    }
    response.writeHead(301, { location: `${bare}/${address.slice(bare.length)}`, 'cache-control': 'no-cache' });
    response.end();
  };
}
