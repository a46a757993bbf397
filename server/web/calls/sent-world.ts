/** A world that was sent to be the one of now: completed with what never leaves the server, and checked. */
import { randomBytes } from 'node:crypto';
import { validateWorld } from '../../../shared/world/validate.ts';
import type { World } from '../../../shared/world/world.ts';
import { checkZones } from '../../dns/respond.ts';
import { withoutServers } from '../../rooms/outside.ts';
import { HttpError } from '../limits/answer.ts';

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Passwords never leave the server, so an edited world comes back without them: each user keeps the one they had. */
function withPasswords(value: unknown, world: World): unknown {
  if (!isObject(value) || !Array.isArray(value.users)) return value;
  const known = new Map(world.users.map(({ address, password }) => [address.toLowerCase(), password]));
  const users = value.users.map((user: unknown) => {
    if (!isObject(user) || user.password !== undefined) return user;
    const address = typeof user.address === 'string' ? user.address.toLowerCase() : '';
    return { ...user, password: known.get(address) ?? randomBytes(6).toString('base64url') };
  });
  return { ...value, users };
}

const badWorld = (path: string, message: string): HttpError =>
  new HttpError('bad-world', path === '' ? `The world ${message}.` : `${path}: ${message}.`, {}, { path });

/** A world that may run from now on, in place of `now`. Throws HttpError. */
export function readWorld(value: unknown, now: World): World {
  const filled = withPasswords(value, now);
  const stripped = isObject(filled) && Array.isArray(filled.hosts) ? withoutReal(filled) : filled;
  const result = validateWorld(stripped);
  if (!result.ok) throw badWorld(result.path, result.message);
  try {
    checkZones(result.world.zones);
  } catch (error) {
    if (error instanceof RangeError) throw badWorld('zones', error.message);
    throw error;
  }
  return result.world;
}

/** Real servers of the machine are shown as hosts, and are nobody's to edit. */
function withoutReal(value: Record<string, unknown>): unknown {
  const hosts = Array.isArray(value.hosts) ? value.hosts.filter(isHostLike) : [];
  return hosts.length === (Array.isArray(value.hosts) ? value.hosts.length : 0)
    ? { ...value, hosts: withoutServers({ hosts }).hosts }
    : value;
}
const isHostLike = (value: unknown): value is World['hosts'][number] => isObject(value) && typeof value.id === 'string';
