/** Deeds that make something go wrong, and well again. */
import { FAULT_DEEDS, mayBeLeftOut } from '../../../shared/faults/deeds.ts';
import {
  FAULT_KINDS,
  FAULT_ROWS,
  type Fault,
  type FaultKind,
  freeFaultId,
  isFaultKind,
} from '../../../shared/faults/fault.ts';
import type { World } from '../../../shared/world/world.ts';
import { hostNamed, isWrong, type Wrong, wrong } from './cast.ts';
import { type Change, type Changed, running } from './change.ts';
import { type Described, fieldSaid, fieldWritten, isTime, withNamesMeant } from './fault-fields.ts';
import { type Complain, Form, type Piece, type Table } from './pieces.ts';

/** What is usually said, where the story says nothing. */
function withUsual(kind: FaultKind, described: Described): Described {
  const at: Described = typeof described.at === 'object' && described.at !== null ? { ...described.at } : {};
  return { ...FAULT_DEEDS[kind]?.usual?.of({ port: at.port, code: described.code }), ...described };
}

function withFault(world: World, kind: FaultKind, described: Described, times: Fault['times']): Changed | Wrong {
  const named = withNamesMeant(world, described);
  if (isWrong(named)) return named;
  const fault = { kind, ...withUsual(kind, named), id: freeFaultId(world.faults), times };
  const next = running({ ...world, faults: [...world.faults, fault] }, (path, message) =>
    path === `faults.${world.faults.length}`
      ? `The fault is not right: ${message}`
      : `${path.replace(/^faults\.\d+\./, 'The fault’s ')} ${message}`,
  );
  if (isWrong(next)) return next;
  const last = next.faults.at(-1);
  return { world: next, edit: last === undefined ? { code: 'nothing' } : { code: 'fault-set', fault: last } };
}

const fault =
  (kind: FaultKind, described: Described, times: Fault['times'] = 'always'): Change =>
  world =>
    withFault(world, kind, described, times);

/** Clears the faults that `goes` picks; `none` is said where there is none. */
const cleared =
  (goes: (fault: Fault, world: World) => boolean, none: string | null): Change =>
  world => {
    const faults = world.faults.filter(each => !goes(each, world));
    if (faults.length === world.faults.length)
      return none === null ? { world, edit: { code: 'nothing' } } : wrong(none);
    const code = faults.length === 0 ? 'faults-cleared' : 'fault-cleared';
    return { world: { ...world, faults }, edit: { code } };
  };

const isAt =
  (word: string) =>
  (each: Fault, world: World): boolean => {
    const host = hostNamed(world, word);
    if (isWrong(host)) return false;
    return 'host' in each ? each.host === host.id : 'at' in each && each.at.server === host.id;
  };

const turnedOn =
  (word: string): Change =>
  (world, first) => {
    const host = hostNamed(world, word);
    if (isWrong(host)) return host;
    return cleared(each => each.kind === 'host-off' && isAt(word)(each, world), `${host.id} is on already.`)(
      world,
      first,
    );
  };

type FaultDeed = readonly [pattern: RegExp, change: (...words: readonly string[]) => Change];

/** The sentence of a kind, its fields in braces, with what it means. */
function deedOf(kind: FaultKind): readonly FaultDeed[] {
  const sentence = FAULT_DEEDS[kind]?.sentence;
  if (sentence === undefined) return [];
  const fields = FAULT_ROWS[kind].fields.filter(name => sentence.includes(`{${name}}`));
  const pattern = sentence.replace(/\{(\w+)\}/g, (_, name: string) => (isTime(name) ? '(.+)' : '(\\S+)'));
  const change = (...words: readonly string[]): Change => {
    let described: Described = {};
    for (const [nth, name] of fields.entries()) {
      const value = fieldSaid(name, words[nth] ?? '');
      if (typeof value === 'object') return () => value;
      described = { ...described, [name]: value };
    }
    return fault(kind, described);
  };
  return [[new RegExp(`^${pattern}$`, 'i'), change]];
}

/** Sentences, each with what it means. */
export const FAULT_SENTENCES: readonly FaultDeed[] = [
  ...FAULT_KINDS.flatMap(deedOf),
  [/^turn (\S+) on$/i, (host = '') => turnedOn(host)],
  [/^clear(?: all faults)?$/i, () => cleared(() => true, null)],
];

/** `fault: {kind: answer, at: RCPT at mx1, code: 451, times: next}`. Null where that cannot be read; then it has been said. */
export function readFault(table: Table, complain: Complain): Change | null {
  const kind = table.entries.find(({ key }) => key === 'kind')?.piece;
  if (kind?.is !== 'leaf' || !isFaultKind(kind.text)) {
    const said = kind?.is === 'leaf' ? `There is no fault “${kind.text}”` : 'A fault has a kind';
    complain(kind?.line ?? table.line, `${said}; the kinds are ${FAULT_KINDS.join(', ')}.`);
    return null;
  }
  const { fields } = FAULT_ROWS[kind.text];
  const form = new Form(table, `fault ${kind.text}`, ['kind', ...fields, 'times'], complain);
  const optional = mayBeLeftOut(kind.text);
  const needed = fields.filter(name => !optional.includes(name) && !form.has(name));
  for (const name of needed) form.needed(name);
  const times = form.text('times') ?? 'always';
  if (times !== 'next' && times !== 'always') {
    complain(form.lineOf('times'), '“times” is next, for once, or always.');
    return null;
  }
  const described = Object.fromEntries(
    fields.flatMap(name => {
      const piece = form.piece(name);
      return piece === null ? [] : [[name, fieldWritten(name, form, piece)]];
    }),
  );
  return needed.length > 0 ? null : fault(kind.text, described, times);
}

/** `clear: dns-silence`, or `clear: mx1` for all faults of a host. */
export function readClear(piece: Piece, complain: Complain): Change | null {
  const word = piece.is === 'leaf' ? piece.text : '';
  if (isFaultKind(word)) return cleared(({ kind }) => kind === word, `No fault “${word}” is in force.`);
  if (word === '') {
    complain(piece.line, '“clear” names a kind of fault, or a host.');
    return null;
  }
  return (world, first) => {
    const host = hostNamed(world, word);
    if (isWrong(host)) return wrong(`There is no fault and no host “${word}”.`);
    return cleared(isAt(word), `Nothing is wrong with ${host.id}.`)(world, first);
  };
}
