/** Recordings and told runs as nobody wrote them: read or refused with a sentence, never a crash, never a stall. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { readTold, writeTold } from '../../shared/compact/told.ts';
import { createStoryteller } from '../../shared/reading/storyteller.ts';
import { sceneAt } from '../../shared/story/scene.ts';
import { type Story, storyTime } from '../../shared/story/story.ts';
import { decodeTrace } from '../../shared/trace/codec.ts';
import { toldFrom } from '../fixtures/recordings.ts';
import { type Chance, chanceOf, memoryBound, withoutStall } from './chance.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');

const textsIn = (folder: string, ending: string): readonly string[] =>
  readdirSync(path.join(ROOT, folder))
    .filter(name => name.endsWith(ending))
    .map(name => readFileSync(path.join(ROOT, folder, name), 'utf8'));

const TRACE = '.trace.ndjson';
const recordings = (): readonly string[] => [...textsIn('test/fixtures/traces', TRACE), ...textsIn('stories', TRACE)];

/** Values that somebody may have put where another one stood. */
const STRANGE: readonly unknown[] = [
  null,
  true,
  -1,
  0,
  1.5,
  2 ** 53,
  1e308,
  '',
  ' ',
  'x'.repeat(70_000),
  '\u202Egpj.exe',
  'a\r\nb\n\nc',
  '```',
  '__proto__',
  'constructor',
  '\ud800',
  '\0\x1b[2J',
  [],
  {},
  [[[[[[]]]]]],
  { toString: null },
];

/** The value with something in it changed, at any depth. */
function changed(value: unknown, chance: Chance): unknown {
  if (chance.often(0.25) || typeof value !== 'object' || value === null) return chance.of(STRANGE);
  if (Array.isArray(value)) {
    const list: unknown[] = [...value];
    if (list.length === 0) return [chance.of(STRANGE)];
    const at = chance.below(list.length);
    const change = chance.below(3);
    if (change === 0) list.splice(at, 1);
    else if (change === 1) list.splice(at, 0, list[chance.below(list.length)]);
    else list[at] = changed(list[at], chance);
    return list;
  }
  const members = Object.entries(value);
  if (members.length === 0) return { [JSON.stringify(chance.of(STRANGE)).slice(0, 100)]: chance.of(STRANGE) };
  const at = chance.below(members.length);
  return Object.fromEntries(
    members.flatMap(([name, each], nth) => {
      if (nth !== at) return [[name, each]];
      return chance.often(0.15) ? [] : [[name, changed(each, chance)]];
    }),
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Octets flipped, doubled or left out, in what is text already. */
function garbled(text: string, chance: Chance): string {
  const at = chance.below(Math.max(1, text.length));
  const length = chance.below(40);
  switch (chance.below(4)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + text.slice(at + length);
    case 2:
      return text.slice(0, at) + text.slice(at, at + length).repeat(1 + chance.below(200)) + text.slice(at);
    default:
      return text.slice(0, at) + String.fromCharCode(chance.below(0x300)) + text.slice(at + 1);
  }
}

interface Numbered {
  readonly [name: string]: unknown;
}
const isObject = (value: unknown): value is Numbered =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** In order again, so that what was changed is reached at all. */
const renumbered = (values: readonly unknown[]): readonly unknown[] => {
  let at = 0;
  return values.map((value, nth) => {
    if (nth === 0 || !isObject(value)) return value;
    at = typeof value.at === 'number' && value.at > at && value.at < 2 ** 50 ? Math.floor(value.at) : at;
    return { ...value, seq: nth, at };
  });
};

function mutated(texts: readonly string[], chance: Chance): string {
  const lines = chance.of(texts).trimEnd().split('\n');
  for (let nth = chance.below(6); nth >= 0; nth -= 1) {
    const at = chance.below(lines.length);
    const line = lines[at] ?? '';
    switch (chance.below(5)) {
      case 0:
        lines.splice(Math.max(1, at), 1);
        break;
      case 1:
        lines.splice(Math.max(1, at), 0, chance.of(chance.of(texts).trimEnd().split('\n').slice(1)));
        break;
      case 2:
        lines.splice(Math.max(1, at), 0, ...lines.slice(at, at + chance.below(20)));
        break;
      default:
        lines[at] = JSON.stringify(changed(parsed(line), chance)) ?? '';
    }
  }
  const whole = renumbered(lines.map(parsed));
  const text = `${whole.map(line => JSON.stringify(line)).join('\n')}\n`;
  return chance.often(0.1) ? garbled(text, chance) : text;
}

function look(story: Story): void {
  for (const part of [-1, 0, 0.01, 0.3, 0.5, 0.77, 0.99, 1, 2]) sceneAt(story, storyTime(story.end * part));
  for (const beat of story.beats) sceneAt(story, beat.start);
}

const sentence = (message: string): void => {
  if (message === '' || message.length > 2000 || /call stack|undefined|\[object/i.test(message))
    throw new Error(`this is no sentence for a person: ${JSON.stringify(message.slice(0, 200))}`);
};

/** Throws where one crashes, stalls, or is refused without a sentence. */
export async function fuzzTraces(iterations: number, seed: number): Promise<void> {
  const chance = chanceOf(seed, 'traces');
  const texts = recordings();
  const bounded = memoryBound();
  for (let nth = 0; nth < iterations; nth += 1) {
    const text = mutated(texts, chance);
    try {
      withoutStall(
        () => 'a recording',
        () => {
          const decoded = decodeTrace(text);
          if (!decoded.ok) return sentence(decoded.message);
          const teller = createStoryteller(decoded.header);
          // As it comes: some now, the rest later.
          const half = Math.floor(decoded.events.length / 2);
          look(teller.append(decoded.events.slice(0, half)));
          teller.append(decoded.events.slice(half));
          look(teller.finish());
        },
      );
    } catch (error) {
      throw new Error(`seed ${seed}, input ${nth}, ${text.length} characters: ${String(error)}`, { cause: error });
    }
    bounded();
    if (nth % 50 === 0) await new Promise(setImmediate);
  }
}

/** The same for told runs. */
export async function fuzzTold(iterations: number, seed: number): Promise<void> {
  const chance = chanceOf(seed, 'told');
  const texts = [
    ...textsIn('test/fixtures/told', '.told.json'),
    ...textsIn('test/fixtures/traces', TRACE).map(text => writeTold(toldFrom(text))),
  ];
  const bounded = memoryBound();
  for (let nth = 0; nth < iterations; nth += 1) {
    let value = parsed(chance.of(texts));
    for (let changes = chance.below(5); changes >= 0; changes -= 1) {
      const next = changed(value, chance);
      // A change of the whole file teaches nothing.
      if (isObject(next) && isObject(value)) value = next;
    }
    const plain = JSON.stringify(value);
    const text = chance.often(0.2) ? garbled(plain, chance) : plain;
    try {
      withoutStall(
        () => 'a told run',
        () => {
          const read = readTold(text);
          if (read.ok) look(read.story);
          else sentence(read.message);
        },
      );
    } catch (error) {
      throw new Error(`seed ${seed}, input ${nth}, ${text.length} characters: ${String(error)}`, { cause: error });
    }
    bounded();
    if (nth % 50 === 0) await new Promise(setImmediate);
  }
}
