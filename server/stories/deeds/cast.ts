/** Who is meant by the short names of a story: “alice”, “mx1”, “green”, in the world as it is at that moment. */
import { domainOf } from '../../../shared/address.ts';
import { domainNamed, type Host, type User, type World } from '../../../shared/world/world.ts';

/** Why something cannot be: one sentence. */
export interface Wrong {
  readonly wrong: string;
}
export const wrong = (sentence: string): Wrong => ({ wrong: sentence });
export const isWrong = (value: object | string | number): value is Wrong =>
  typeof value === 'object' && 'wrong' in value;

/** Names as they are meant in the world of that moment. */
export type Meant<T> = (world: World) => T | Wrong;

const localPart = (address: string): string => address.slice(0, address.lastIndexOf('@')).toLowerCase();
const firstLabel = (name: string): string => name.split('.', 1)[0] ?? name;

/** The one that is meant; none and several are both wrong. */
function only<T>(
  found: readonly T[],
  word: string,
  what: string,
  name: (each: T) => string,
  all: readonly T[],
): T | Wrong {
  const [one, other] = found;
  if (one === undefined)
    return wrong(`There is no ${what} “${word}” in this world; there are ${all.map(name).join(', ')}.`);
  return other === undefined ? one : wrong(`“${word}” could be ${found.map(name).join(' or ')}: write all of it.`);
}

/** A user by address, by what stands before the @, or by display name. */
export function userNamed({ users }: World, word: string): User | Wrong {
  const said = word.trim().toLowerCase();
  const exact = users.filter(({ address }) => address.toLowerCase() === said);
  const found = users.filter(({ address, name }) => localPart(address) === said || name.toLowerCase() === said);
  return only(exact.length > 0 ? exact : found, word, 'user', ({ address }) => address, users);
}

/** A host by its name or the beginning of it, whole labels: “mx1”, “smtp.blue”. */
export function hostNamed({ hosts }: World, word: string): Host | Wrong {
  const said = word.trim().toLowerCase();
  const exact = hosts.filter(({ id }) => id === said);
  const found = hosts.filter(({ id }) => id.startsWith(`${said}.`));
  return only(exact.length > 0 ? exact : found, word, 'host', ({ id }) => id, hosts);
}

/** The whole name of a domain; a name of no domain of the world stays as it is. */
export function domainCalled(world: World, word: string): string {
  const said = word
    .trim()
    .toLowerCase()
    .replace(/(.)\.$/, '$1');
  if (said.includes('.')) return said;
  return world.domains.find(({ name }) => firstLabel(name) === said)?.name ?? said;
}

/** An address as it is meant: a user, an alias or a list by what stands before the @, or all of it. */
export function addressCalled(world: World, word: string): string | Wrong {
  const said = word.trim();
  if (said.includes('@')) {
    const domain = domainCalled(world, domainOf(said));
    return domainNamed(world, domain) === undefined ? said : `${said.slice(0, said.lastIndexOf('@'))}@${domain}`;
  }
  const others = [...world.aliases, ...world.lists].filter(({ address }) => localPart(address) === said.toLowerCase());
  if (others.length === 0) {
    const user = userNamed(world, said);
    return isWrong(user) ? user : user.address;
  }
  const found = only(others, said, 'address', ({ address }) => address, others);
  return isWrong(found) ? found : found.address;
}

const MOST_SPREAD = 200;

/** “reader{1..3}@green.example” is three texts. */
export function spread(text: string): readonly string[] {
  const [pattern, from = '', to = ''] = /\{(\d{1,4})\.\.(\d{1,4})\}/.exec(text) ?? [];
  if (pattern === undefined) return [text];
  const count = Math.min(MOST_SPREAD, Math.max(0, Number(to) - Number(from) + 1));
  return Array.from({ length: count }, (_, nth) => text.replace(pattern, `${Number(from) + nth}`));
}

/** Everybody’s address, or the first who is nobody. */
export function addressesCalled(world: World, words: readonly string[]): readonly string[] | Wrong {
  const found = words.flatMap(spread).map(word => addressCalled(world, word));
  return found.find(isWrong) ?? found.flatMap(address => (isWrong(address) ? [] : [address]));
}
