/** Who may talk to the web server: pages that it served itself, on this machine; what is published, any page may load. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { HttpError } from './limits/answer.ts';

const NAMES = ['127.0.0.1', 'localhost', '[::1]'];

/** The values of `Host` that mean this server; `host` is where it listens. Others are DNS rebinding or a mistake. */
export function hostsOf(host: string, port: number): ReadonlySet<string> {
  const names = new Set([...NAMES, host.includes(':') ? `[${host}]` : host]);
  return new Set([...names].flatMap(name => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`])));
}

/**
 * What articles anywhere are made of: the figure and its page, stories and their recordings, faces, cards. A frame that is
 * sandboxed, as WordPress does it, has no origin and asks with `Origin: null`. Nothing here is about the visitor.
 */
const OPEN = /^\/(?:embed(?:\.html)?$|embed\/|stories\/|assets\/|og\/|oembed$)/;

const pathOf = (address: string | undefined): string => (address ?? '/').split('?', 1)[0] ?? '/';

const isRead = (method: string | undefined): boolean => method === 'GET' || method === 'HEAD';

/** Why a request is refused, or null. A missing `Origin` is a program or a typed address; any other page's is refused. */
export function refusalOf(request: IncomingMessage, hosts: ReadonlySet<string>): string | null {
  const host = request.headers.host?.toLowerCase() ?? '';
  if (!hosts.has(host)) return 'This server only answers to its own address on this machine.';
  const { origin } = request.headers;
  if (origin === undefined || (isRead(request.method) && OPEN.test(pathOf(request.url)))) return null;
  if (![...hosts].some(name => origin.toLowerCase() === `http://${name}`))
    return 'Pages of other origins may not talk to this server.';
  return null;
}

/** A name or an address with its port, and nothing that could mean more in a header of ours. */
const HOST = /^(?:[a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/;

/**
 * The same where other machines may come, by whatever name they have for this one. DNS rebinding gains nothing there: the door
 * has no secret, takes nothing, and what it shows needs an id that cannot be guessed. Another site's page is refused all the same.
 */
export function refusalAtOpenDoor(request: IncomingMessage): string | null {
  const host = request.headers.host?.toLowerCase() ?? '';
  if (!HOST.test(host)) return 'That is no name of this machine.';
  const { origin } = request.headers;
  if (origin !== undefined && ![`http://${host}`, `https://${host}`].includes(origin.toLowerCase()))
    return 'Pages of other origins may not talk to this server.';
  return null;
}

/** Everything is off unless the page needs it; `host` is the checked Host header, or null where it did not pass. */
const policyOf = (host: string | null): readonly string[] => [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' data:",
  `connect-src 'self'${host === null ? '' : ` ws://${host}`}`,
  "frame-src 'self' blob: data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
];

/**
 * The page of a figure stands in anybody's article, a file's too. It is a sandbox of its own accord: without an origin it can
 * neither store anything nor ask our API, whatever recording its address names and whoever sends it messages; so it may
 * fetch recordings from everywhere, and gets those that their sites let any page read.
 */
const figurePolicyOf = (host: string | null): readonly string[] => {
  // 'self' means our address also in a page without an origin (CSP3 §2.4), but not in every browser of this decade.
  const self = `'self'${host === null ? '' : ` http://${host}`}`;
  return [
    "default-src 'none'",
    `script-src ${self}`,
    `style-src ${self}`,
    `font-src ${self}`,
    `img-src ${self} data:`,
    'connect-src *',
    "base-uri 'none'",
    "form-action 'none'",
    'frame-ancestors * file:',
    'sandbox allow-scripts allow-popups allow-popups-to-escape-sandbox',
  ];
};

const isFigure = (path: string): boolean => path === '/embed' || path === '/embed.html';

/** An HTML letter is put into this page: its own styles and its own images are all that is let in, and nothing runs. */
const LETTER_FRAME = '/letter-frame.html';
const LETTER_POLICY: readonly string[] = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
  'sandbox allow-same-origin',
];

function policyFor(path: string, host: string | null): readonly string[] {
  if (path === LETTER_FRAME) return LETTER_POLICY;
  return isFigure(path) ? figurePolicyOf(host) : policyOf(host);
}

/** `address` is what is asked for, null where that is not known. */
export function securityHeaders(host: string | null, address: string | null = null): Readonly<Record<string, string>> {
  const path = pathOf(address ?? undefined);
  const open = OPEN.test(path);
  const figure = isFigure(path);
  return {
    'content-security-policy': policyFor(path, host).join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': open ? 'cross-origin' : 'same-origin',
    // A sandbox with an opener policy is not shown at all where it is opened by itself (HTML, "navigate").
    'cross-origin-opener-policy': figure ? 'unsafe-none' : 'same-origin',
    ...(open && { 'access-control-allow-origin': '*' }),
  };
}

/** Gives the answer its headers, whatever it will be. `refusal`: why the request is not granted, or null. Throws HttpError. */
export function admit(request: IncomingMessage, response: ServerResponse, refusal: string | null): void {
  const trusted = refusal === null ? (request.headers.host ?? null) : null;
  for (const [name, value] of Object.entries(securityHeaders(trusted, request.url ?? null)))
    response.setHeader(name, value);
  if (refusal !== null) throw new HttpError('forbidden', refusal, { connection: 'close' });
}
