/** Bounds a fact where it enters the record: the schema that reads a trace says how much of each member may be written. */
import * as z from 'zod/mini';
import { LONGEST_TEXT, MOST_LISTED } from './cause.ts';
import { encodeMembers } from './codec.ts';
import type { Fact } from './event.ts';
import { isCutMessageId, recordedMessageId } from './event.ts';
import { FACTS, MAX_OCTETS } from './schema.ts';

/** Members that one reader of a trace names in `cut`. */
const MOST_CUT = 64;

/** Gives `value` as it may be written, and notes in `cut` the path of what had to be shortened; the same value where nothing had. */
type Bounder = (value: unknown, path: string, cut: Set<string>) => unknown;

const asItIs: Bounder = value => value;

function mostOf(schema: z.core.$ZodType): number {
  let most = Number.POSITIVE_INFINITY;
  for (const check of schema._zod.def.checks ?? []) {
    if (check instanceof z.core.$ZodCheckMaxLength) most = Math.min(most, check._zod.def.maximum);
    if (check instanceof z.core.$ZodCheckLessThan) most = Math.min(most, Number(check._zod.def.value));
  }
  return most;
}

/** Never half of a character that takes two code units. */
function head(text: string, most: number): string {
  const last = text.charCodeAt(most - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? most - 1 : most);
}

const textBounder =
  (most: number): Bounder =>
  (value, path, cut) => {
    if (typeof value !== 'string' || value.length <= most) return value;
    cut.add(path);
    return head(value, most);
  };

/**
 * Less is written of a Message-ID than is read: traces of before may hold a longer one. A server may have cut it already, where it
 * came in; that is noted all the same.
 */
const messageIdBounder: Bounder = (value, path, cut) => {
  if (typeof value !== 'string') return value;
  const kept = recordedMessageId(value);
  if (isCutMessageId(kept)) cut.add(path);
  return kept;
};

/** A count that is none, such as one of a clock that went backwards, becomes the nearest that is. */
const countBounder =
  (most: number): Bounder =>
  (value, path, cut) => {
    if (typeof value !== 'number' || (Number.isSafeInteger(value) && value >= 0 && value <= most)) return value;
    cut.add(path);
    return Number.isNaN(value) ? 0 : Math.round(Math.min(Math.max(0, value), most, Number.MAX_SAFE_INTEGER));
  };

const listBounder =
  (most: number, item: Bounder): Bounder =>
  (value, path, cut) => {
    if (!Array.isArray(value)) return value;
    const given: readonly unknown[] = value;
    if (given.length > most) cut.add(path);
    const kept = given.length > most ? given.slice(0, most) : given;
    const bounded = kept.map(each => item(each, path, cut));
    return bounded.every((each, at) => each === kept[at]) ? kept : bounded;
  };

const membersBounder =
  (members: readonly (readonly [string, Bounder])[]): Bounder =>
  (value, path, cut) => {
    if (typeof value !== 'object' || value === null) return value;
    let bounded: Record<string, unknown> | null = null;
    for (const [name, bound] of members) {
      const given: unknown = Reflect.get(value, name);
      const kept = bound(given, path === '' ? name : `${path}.${name}`, cut);
      if (kept === given) continue;
      bounded ??= { ...value };
      bounded[name] = kept;
    }
    return bounded ?? value;
  };

/** A cause or an edit has members by its code, and others of its kind in it: text and list are shortened wherever they stand. */
const partsBounder: Bounder = (value, path, cut) => {
  if (typeof value === 'string') return textBounder(LONGEST_TEXT)(value, path, cut);
  if (typeof value === 'number') return countBounder(Number.MAX_SAFE_INTEGER)(value, path, cut);
  if (Array.isArray(value)) return listBounder(MOST_LISTED, partsBounder)(value, path, cut);
  if (typeof value !== 'object' || value === null) return value;
  return membersBounder(Object.keys(value).map(name => [name, partsBounder]))(value, path, cut);
};

/** What is neither text, count, list nor members, such as a world, cannot be shortened: it is read again instead, see `CHECKED`. */
function bounderOf(schema: z.core.$ZodType, name = ''): Bounder {
  if (name === 'cause' || name === 'edit') return partsBounder;
  if (schema instanceof z.core.$ZodOptional) return bounderOf(schema._zod.def.innerType, name);
  if (schema instanceof z.core.$ZodPipe) return bounderOf(schema._zod.def.in, name);
  if (schema instanceof z.core.$ZodString) return name === 'messageId' ? messageIdBounder : textBounder(mostOf(schema));
  if (schema instanceof z.core.$ZodNumber) return countBounder(mostOf(schema));
  if (schema instanceof z.core.$ZodArray) return listBounder(mostOf(schema), bounderOf(schema._zod.def.element, name));
  if (!(schema instanceof z.core.$ZodObject)) return asItIs;
  const members = Object.entries(schema._zod.def.shape)
    .filter(([member]) => !UNCUT.has(member))
    .map(([member, each]) => [member, bounderOf(each, member)] as const)
    .filter(([, bound]) => bound !== asItIs);
  return membersBounder(members);
}

/** Members with a shape of their own, of which no part can be left out. */
const UNCUT: ReadonlySet<string> = new Set(['world', 'fault', 'cut']);
/** Kinds that hold one: rare enough to be read back before they are written. */
const CHECKED: ReadonlySet<Fact['kind']> = new Set(['world.changed', 'fault.struck']);

const BOUNDERS: ReadonlyMap<string, Bounder> = new Map(
  Object.entries(FACTS).map(([kind, schema]) => [kind, bounderOf(schema)]),
);

/** Octets beyond what one event holds are left out; on a connection they are counted. */
function withFewerOctets(fact: Fact): Fact {
  if (fact.kind !== 'wire.bytes' && fact.kind !== 'udp.datagram') return fact;
  const { bytes } = fact;
  if (bytes.length <= MAX_OCTETS) return fact;
  const kept = bytes.slice(0, MAX_OCTETS);
  if (fact.kind === 'udp.datagram') return { ...fact, bytes: kept, cut: ['bytes'] };
  return { ...fact, bytes: kept, omitted: (fact.omitted ?? 0) + bytes.length - kept.length };
}

/**
 * The fact as it may be recorded: what `decodeEvent` reads back, always. Texts and lists that are too long are cut, and `cut`
 * names the members. A fact that cannot be cut to fit, such as a world that no schema lets in, is recorded as a marker that says so.
 */
export function bounded(fact: Fact): Fact {
  const fewer = withFewerOctets(fact);
  const cut = new Set<string>(fewer.cut);
  const kept = BOUNDERS.get(fact.kind)?.(fewer, '', cut);
  const isWhole = kept === fewer && cut.size === (fewer.cut?.length ?? 0);
  if (isWhole && !CHECKED.has(fact.kind)) return fewer;
  const members = typeof kept === 'object' ? { ...kept } : {};
  const named = cut.size > 0 ? { cut: [...cut].slice(0, MOST_CUT) } : {};
  const read = FACTS[fact.kind].safeParse(JSON.parse(JSON.stringify(encodeMembers({ ...members, ...named }))));
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const what = `${fact.kind} could not be recorded: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim();
  return { kind: 'marker', label: head(what, 1000) };
}
