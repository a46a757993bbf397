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
