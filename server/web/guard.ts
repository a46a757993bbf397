/** Who may talk to the web server: pages that it served itself, on this machine. */
import type { IncomingMessage } from 'node:http';

const NAMES = ['127.0.0.1', 'localhost', '[::1]'];

/** The values of `Host` that mean this server; `host` is where it listens. Others are DNS rebinding or a mistake. */
export function hostsOf(host: string, port: number): ReadonlySet<string> {
  const names = new Set([...NAMES, host.includes(':') ? `[${host}]` : host]);
  return new Set([...names].flatMap(name => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`])));
}

/** Why a request is refused, or null. A missing `Origin` is a program or a typed address; any other page's is refused. */
export function refusalOf(request: IncomingMessage, hosts: ReadonlySet<string>): string | null {
  const host = request.headers.host?.toLowerCase() ?? '';
  if (!hosts.has(host)) return 'This server only answers to its own address on this machine.';
  const { origin } = request.headers;
  if (origin !== undefined && ![...hosts].some(name => origin.toLowerCase() === `http://${name}`))
    return 'Pages of other origins may not talk to this server.';
  return null;
}

/** Everything is off unless the page needs it; `host` is the checked Host header, or null where it did not pass. */
export const securityHeaders = (host: string | null): Readonly<Record<string, string>> => ({
  'content-security-policy': [
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
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
});
