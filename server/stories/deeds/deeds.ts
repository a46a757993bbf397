/** The grammar of deeds: what a story can do, in plain sentences and in tables. */
import type { CollectWishes } from '../../mail-client/collector.ts';
import type { Draft } from '../../mail-client/draft.ts';
import { type Meant, userNamed } from './cast.ts';
import type { Change } from './change.ts';
import { FAULT_SENTENCES, readClear, readFault } from './fault-deeds.ts';
import { readCall, readLetter, type StrangerCall } from './letter-deeds.ts';
import { type Complain, type Piece, secondsIn } from './pieces.ts';
import { readWorldDeed, restored, WORLD_VERBS } from './world-deeds.ts';

/** What somebody does; it is done when everybody has finished with it. */
export type Act =
  | { readonly kind: 'send'; readonly letter: Meant<Draft> }
  /** What waits in somebody’s outbox. */
  | { readonly kind: 'send-again'; readonly user: Meant<{ readonly address: string }> }
  | { readonly kind: 'collect'; readonly user: Meant<{ readonly address: string }>; readonly wishes: CollectWishes }
  | { readonly kind: 'call'; readonly call: Meant<StrangerCall> }
  | { readonly kind: 'flush' };

type Doing =
  | Act
  | { readonly kind: 'change'; readonly change: Change }
  /** So many seconds of world time; or until something happens. `next`: whatever somebody waits for. */
  | { readonly kind: 'wait'; readonly for: number | 'attempt' | 'next' | 'empty-queue' }
  /** Started, and not waited for until the story ends. */
  | { readonly kind: 'begin'; readonly act: Act }
  | { readonly kind: 'together'; readonly acts: readonly Act[] }
  | { readonly kind: 'repeat'; readonly times: number; readonly deeds: readonly Deed[] };

/** `words`: as a person would say it, in short. `line`: in the file. */
export type Deed = Doing & { readonly line: number; readonly words: string };

const MOST_REPEATS = 100;
const LONGEST_WAIT = 31 * 86_400;

const KNOWN = [
  'send',
  'send again from …',
  'collect …',
  'turn … off',
  'turn … on',
  'make … silent',
  'fault',
  'clear',
  'wait …',
  'wait for the next attempt',
  'wait until the queue is empty',
  ...WORLD_VERBS,
  'restore the world',
  'call',
  'flush the queues',
  'begin',
  'together',
  '… times',
];

type Sentence = readonly [pattern: RegExp, meaning: (...words: readonly string[]) => Doing];

const collects = (who: string, wishes: CollectWishes): Doing => ({
  kind: 'collect',
  user: world => userNamed(world, who),
  wishes,
});

const SENTENCES: readonly Sentence[] = [
  [/^send$/i, () => ({ kind: 'send', letter: readLetter(null, () => undefined) })],
  [/^send again(?: from (\S+))?$/i, (who = 'alice') => ({ kind: 'send-again', user: world => userNamed(world, who) })],
  [/^collect (\S+)$/i, (who = '') => collects(who, {})],
  [/^collect (\S+) and leave the letters?$/i, (who = '') => collects(who, { leaveOnServer: true })],
  [/^collect (\S+) and lose the line before QUIT$/i, (who = '') => collects(who, { stopBeforeQuit: true })],
  [/^collect (\S+) with a second client$/i, (who = '') => collects(who, { another: true })],
  [/^flush the queues?$/i, () => ({ kind: 'flush' })],
  [/^wait for the next attempt$/i, () => ({ kind: 'wait', for: 'attempt' })],
  [/^wait for (?:what comes next|the time-?out)$/i, () => ({ kind: 'wait', for: 'next' })],
  [/^wait until the queues? (?:is|are) empty$/i, () => ({ kind: 'wait', for: 'empty-queue' })],
  [/^restore the world$/i, () => ({ kind: 'change', change: restored })],
  ...FAULT_SENTENCES.map(
    ([pattern, change]): Sentence => [pattern, (...words) => ({ kind: 'change', change: change(...words) })],
  ),
];

const unknown = (words: string): string =>
  `Nobody knows how to “${words.length > 60 ? `${words.slice(0, 59)}…` : words}”; a deed is ${KNOWN.join(', ')}.`;

function sentence(words: string, line: number, complain: Complain): Doing | null {
  const said = words.trim().replace(/\.$/, '');
  const span = /^wait (?!for |until )(.+)$/i.exec(said)?.[1];
  if (span !== undefined) {
    const seconds = secondsIn(span);
    if (seconds !== null && seconds > 0 && seconds <= LONGEST_WAIT) return { kind: 'wait', for: seconds };
    complain(line, `“${span}” is no time such as 15 minutes, 2 hours or 3 days; the longest is 31 days.`);
    return null;
  }
  for (const [pattern, meaning] of SENTENCES) {
    const found = pattern.exec(said);
    if (found !== null) return meaning(...found.slice(1));
  }
  complain(line, unknown(said));
  return null;
}

/** `key: piece`, as a deed. */
function told(key: string, piece: Piece, line: number, complain: Complain): Doing | null {
  const verb = key
    .trim()
    .replace(/[ _-]+/g, ' ')
    .toLowerCase();
  const change = (read: Change | null): Doing | null => read && { kind: 'change', change: read };
  const times = /^(\d{1,3}) times$/.exec(verb)?.[1];
  if (times !== undefined) {
    if (Number(times) < 1 || Number(times) > MOST_REPEATS) complain(line, `At most ${MOST_REPEATS} times.`);
    const deeds =
      piece.is === 'row' ? readDeeds(piece, complain) : [readDeed(piece, complain)].flatMap(one => one ?? []);
    return { kind: 'repeat', times: Math.min(MOST_REPEATS, Number(times)), deeds };
  }
  switch (verb) {
    case 'send':
      return { kind: 'send', letter: readLetter(piece, complain) };
    case 'call': {
      const call = readCall(piece, complain);
      return call && { kind: 'call', call };
    }
    case 'fault':
      if (piece.is === 'table') return change(readFault(piece, complain));
      complain(piece.line, '“fault” is a kind and what that needs: {kind: host-off, host: mx1}.');
      return null;
    case 'clear':
      return change(readClear(piece, complain));
    case 'begin': {
      const act = actIn(piece, 'begin', complain);
      return act && { kind: 'begin', act };
    }
    case 'together': {
      const acts = piece.is === 'row' ? piece.items.flatMap(item => actIn(item, 'together', complain) ?? []) : [];
      if (piece.is !== 'row' || piece.items.length === 0) complain(piece.line, '“together” is a list of deeds.');
      return { kind: 'together', acts };
    }
    default:
      if (WORLD_VERBS.includes(verb)) return change(readWorldDeed(verb, piece, complain));
      // "wait: 15 minutes" and "collect: bob" are what they seem to be.
      if (piece.is === 'leaf') return sentence(`${verb} ${piece.text}`, line, complain);
      complain(line, unknown(key));
      return null;
  }
}

function actIn(piece: Piece, around: string, complain: Complain): Act | null {
  const deed = readDeed(piece, complain);
  switch (deed?.kind) {
    case undefined:
      return null;
    case 'send':
    case 'send-again':
    case 'collect':
    case 'call':
    case 'flush':
      return deed;
    case 'change':
    case 'wait':
    case 'begin':
    case 'together':
    case 'repeat':
      complain(piece.line, `“${around}” is for send, collect, call and flush.`);
      return null;
  }
}

/** Null where it is none, which has been said. */
function readDeed(piece: Piece, complain: Complain): Deed | null {
  if (piece.is === 'row') {
    complain(piece.line, 'A deed is a sentence, or a verb with a colon.');
    return null;
  }
  if (piece.is === 'leaf') {
    const doing = sentence(piece.text, piece.line, complain);
    return doing && { ...doing, line: piece.line, words: piece.text };
  }
  const [first, second] = piece.entries;
  if (first === undefined || second !== undefined) {
    const hint = second === undefined ? '' : `: “${second.key}” is one too many, or stands too near the margin`;
    complain(second?.line ?? piece.line, `A deed has one verb before its colon${hint}.`);
    return null;
  }
  const doing = told(first.key, first.piece, first.line, complain);
  const words = first.piece.is === 'leaf' ? `${first.key}: ${first.piece.text}` : first.key;
  return doing && { ...doing, line: first.line, words };
}

/** All that can be read; what cannot has been said. */
export function readDeeds(piece: Piece, complain: Complain): readonly Deed[] {
  if (piece.is === 'row') return piece.items.flatMap(item => readDeed(item, complain) ?? []);
  if (piece.is === 'leaf' && piece.text === '') return [];
  complain(piece.line, 'Deeds are a list: each begins with a hyphen.');
  return [];
}
