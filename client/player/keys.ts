/** Every key there is: where it acts, what it does, and whether that changes a world. Drives the handlers and is what each help shows. */
import { type Press, rowPressed } from './press.ts';

/** Where keys act: the page, one who follows a show, a stage that presents, its speaker's window, and a figure in somebody's article. */
export type Surface = 'page' | 'follower' | 'talk' | 'speaker' | 'figure';
/** Whoever watches there changes nothing: a row that edits cannot name one of them. */
type ReadOnly = 'follower' | 'figure';

/** What may be so at the moment of a press. */
export type Condition = 'asked' | 'notes' | 'overview' | 'typed' | 'live';

interface Key {
  /** As `KeyboardEvent.key` says it; a letter in lower case. */
  readonly keys: readonly string[];
  /** With Shift held, for keys that mean something else without. */
  readonly shift?: true;
  /** With Ctrl held, or Command on a Mac. Single characters with it act whether or not letters are keys. */
  readonly ctrl?: true;
  /** Also where the gallery stands in place of the page. */
  readonly gallery?: true;
  /** A held key goes on acting: only where that moves something. */
  readonly repeats?: true;
  /** Only while this is so; the key may mean something else otherwise. */
  readonly when?: Condition;
  readonly unless?: Condition;
  /** As shown in the help. */
  readonly shown: string;
  readonly does: string;
  /** Its name where it is carried out. */
  readonly act: string;
}

export type KeyRow = Key &
  (
    | { readonly on: readonly Surface[]; readonly edits?: never }
    /** It changes a world or its wire, or opens what does. */
    | { readonly on: readonly Exclude<Surface, ReadOnly>[]; readonly edits: true }
  );

const EVERYWHERE = ['page', 'follower', 'figure'] as const;
const FIGURE = ['figure'] as const;
const WATCHED = ['page', 'follower'] as const;
const WINDOWS = ['page', 'follower', 'speaker'] as const;
const PAGE = ['page'] as const;
const TALK = ['talk'] as const;
/** The stage's own and those by which its speaker's window asks for the same. */
const STAGE = ['talk', 'speaker'] as const;
const SPEAKER = ['speaker'] as const;
/** Wherever a show is given from. */
const SHOWN = ['page', 'talk'] as const;

const DIGITS = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'] as const;

/** Those of a figure stand by themselves, for its script carries no others. */
export const FIGURE_KEYS = [
  { on: EVERYWHERE, keys: [' ', 'k'], shown: 'Space  k', does: 'Play or pause', act: 'toggle' },
  { on: EVERYWHERE, keys: ['ArrowRight', 'l'], repeats: true, shown: '→  l', does: 'Next step', act: 'next' },
  { on: EVERYWHERE, keys: ['ArrowLeft', 'j'], repeats: true, shown: '←  j', does: 'Previous step', act: 'previous' },
  {
    on: FIGURE,
    keys: ['Home', 'End', ...DIGITS],
    shown: 'Home  End  0 … 9',
    does: 'To the start, the end, a part',
    act: 'part',
  },
  { on: FIGURE, keys: ['<', '>'], repeats: true, shown: '<  >', does: 'Slower, faster', act: 'pace' },
  { on: FIGURE, keys: ['f'], shown: 'f', does: 'Full screen', act: 'fullscreen' },
  { on: FIGURE, keys: ['?'], shown: '?', does: 'This text', act: 'help' },
] as const satisfies readonly KeyRow[];

export const OVERVIEW_KEYS = [
  'ArrowRight',
  'ArrowLeft',
  'ArrowDown',
  'ArrowUp',
  'PageDown',
  'PageUp',
  'Home',
  'End',
] as const;
/** Keys that walk through the overview of a talk. */
export type OverviewKey = (typeof OVERVIEW_KEYS)[number];

const OTHER_KEYS = [
  {
    on: WATCHED,
    keys: ['ArrowRight'],
    shift: true,
    repeats: true,
    shown: 'Shift →',
    does: 'Next chapter',
    act: 'next-chapter',
  },
  {
    on: WATCHED,
    keys: ['ArrowLeft'],
    shift: true,
    repeats: true,
    shown: 'Shift ←',
    does: 'Previous chapter',
    act: 'previous-chapter',
  },
  { on: WATCHED, keys: [']'], repeats: true, shown: ']', does: 'Next chapter', act: 'next-chapter' },
  { on: WATCHED, keys: ['['], repeats: true, shown: '[', does: 'Previous chapter', act: 'previous-chapter' },
  { on: WATCHED, keys: ['.'], repeats: true, shown: '.', does: 'One line on the wire forward', act: 'next-line' },
  { on: WATCHED, keys: [','], repeats: true, shown: ',', does: 'One line on the wire back', act: 'previous-line' },
  { on: WATCHED, keys: ['Home'], shown: 'Home', does: 'To the start of this letter’s journey', act: 'start' },
  { on: WATCHED, keys: ['End'], shown: 'End', does: 'To the newest moment', act: 'newest' },
  {
    on: WATCHED,
    keys: ['1', '2', '3', '4'],
    when: 'asked',
    shown: '1 … 4',
    does: 'Answer a story’s question; Space shows what happens',
    act: 'answer',
  },
  { on: WATCHED, keys: DIGITS, shown: '0 … 9', does: 'To 0 % … 90 % of the journey', act: 'part' },
  { on: WATCHED, keys: ['>'], repeats: true, shown: '>', does: 'Faster', act: 'faster' },
  { on: WATCHED, keys: ['<'], repeats: true, shown: '<', does: 'Slower', act: 'slower' },
  { on: PAGE, edits: true, keys: ['h'], shown: 'h', does: 'Hold the wire, or let it run', act: 'hold' },
  { on: PAGE, edits: true, keys: ['r'], shown: 'r', does: 'Let one chunk go while it is held', act: 'release' },
  { on: PAGE, edits: true, keys: ['n'], shown: 'n', does: 'Write a new letter', act: 'compose' },
  { on: WATCHED, keys: ['e'], shown: 'e', does: 'Share it, embed it, save it', act: 'share' },
  { on: PAGE, edits: true, keys: ['w'], shown: 'w', does: 'Edit the world', act: 'world' },
  { on: WATCHED, keys: ['z'], shown: 'z', does: 'Open the DNS zones', act: 'zones' },
  { on: PAGE, edits: true, keys: ['t'], shown: 't', does: 'Skip to what is waited for', act: 'skip' },
  { on: WATCHED, keys: ['i'], shown: 'i', does: 'Open the inbox', act: 'inbox' },
  { on: PAGE, keys: ['g'], gallery: true, shown: 'g', does: 'The stories, or back from them', act: 'gallery' },
  { on: PAGE, keys: ['p'], shown: 'p', does: 'Present it to a room', act: 'present' },
  { on: WATCHED, keys: ['m'], when: 'notes', shown: 'm', does: 'The notes of a story', act: 'notes' },
  { on: WINDOWS, keys: ['d'], gallery: true, shown: 'd', does: 'Light or dark', act: 'theme' },
  {
    on: PAGE,
    edits: true,
    keys: ['z'],
    ctrl: true,
    shown: 'Ctrl z',
    does: 'Undo the last change of the world',
    act: 'undo',
  },
  {
    on: PAGE,
    edits: true,
    keys: ['z'],
    shift: true,
    ctrl: true,
    shown: 'Ctrl Shift z',
    does: 'Do it again',
    act: 'redo',
  },
  { on: WATCHED, keys: ['?'], gallery: true, shown: '?', does: 'This help', act: 'help' },
  // What clickers send is among these: PageDown, PageUp and “.” or “b”.
  {
    on: TALK,
    keys: [' ', 'ArrowRight', 'ArrowDown', 'PageDown', 'n', 'l'],
    unless: 'overview',
    shown: 'Space  →',
    does: 'Next, by a clicker too: plays the next step; while one plays, shows its end',
    act: 'next',
  },
  {
    on: TALK,
    keys: ['Backspace'],
    repeats: true,
    when: 'typed',
    shown: '⌫',
    does: 'While a number is typed: without its last digit',
    act: 'erase',
  },
  {
    on: TALK,
    keys: ['ArrowLeft', 'ArrowUp', 'PageUp', 'Backspace', 'p', 'j'],
    unless: 'overview',
    shown: '←  p',
    does: 'Back, by a clicker too: the end of the step before',
    act: 'back',
  },
  { on: STAGE, keys: DIGITS, shown: '0 … 9', does: 'The number of a step', act: 'digit' },
  {
    on: STAGE,
    keys: ['Enter'],
    unless: 'overview',
    shown: 'Enter',
    does: 'To the step of that number; else Next',
    act: 'enter',
  },
  { on: STAGE, keys: ['Home'], unless: 'overview', shown: 'Home', does: 'Before the first step', act: 'first' },
  { on: STAGE, keys: ['End'], unless: 'overview', shown: 'End', does: 'The last step', act: 'last' },
  { on: STAGE, keys: ['k'], shown: 'k', does: 'Play on without standing still, or stop', act: 'play' },
  { on: STAGE, keys: ['.', 'b'], shown: '.  b', does: 'Black, and back', act: 'black' },
  { on: TALK, keys: ['w'], shown: 'w', does: 'White, and back', act: 'white' },
  { on: TALK, keys: ['o'], shown: 'o', does: 'Overview of the steps', act: 'overview' },
  {
    on: TALK,
    keys: OVERVIEW_KEYS,
    repeats: true,
    when: 'overview',
    shown: '← ↑ → ↓',
    does: 'In the overview: another step',
    act: 'walk',
  },
  {
    on: TALK,
    keys: ['Enter', ' '],
    when: 'overview',
    shown: 'Enter  Space',
    does: 'In the overview: to the marked step',
    act: 'marked',
  },
  { on: TALK, keys: ['f'], shown: 'f', does: 'Full screen', act: 'fullscreen' },
  { on: TALK, keys: ['d'], shown: 'd', does: 'Dark or light, for this projector', act: 'theme' },
  { on: TALK, keys: ['>'], repeats: true, shown: '>', does: 'Faster', act: 'faster' },
  { on: TALK, keys: ['<'], repeats: true, shown: '<', does: 'Slower', act: 'slower' },
  {
    on: TALK,
    edits: true,
    keys: ['h'],
    shown: 'h',
    does: 'Live: hold the wire, and let it go step by step',
    act: 'hold',
  },
  {
    on: STAGE,
    keys: ['r'],
    when: 'live',
    shown: 'r',
    does: 'From the live run to the recording, at the same step',
    act: 'recording',
  },
  {
    on: TALK,
    edits: true,
    keys: ['c'],
    when: 'live',
    shown: 'c',
    does: 'Write a letter, to be sent live',
    act: 'compose',
  },
  { on: TALK, keys: ['?'], shown: '?', does: 'These keys', act: 'help' },
  { on: TALK, keys: ['Escape'], shown: 'Esc', does: 'Leave what is innermost; in the end, present mode', act: 'leave' },
  // Its window shows no help: these are on its buttons.
  {
    on: SPEAKER,
    keys: [' ', 'ArrowRight', 'ArrowDown', 'PageDown', 'n'],
    shown: 'Space  →',
    does: 'Next',
    act: 'next',
  },
  { on: SPEAKER, keys: ['ArrowLeft', 'ArrowUp', 'PageUp', 'p'], shown: '←  p', does: 'Back', act: 'back' },
  { on: SPEAKER, keys: ['+', '='], repeats: true, shown: '+', does: 'Larger notes', act: 'larger' },
  { on: SPEAKER, keys: ['-'], repeats: true, shown: '−', does: 'Smaller notes', act: 'smaller' },
  { on: SHOWN, keys: ['s'], shown: 's', does: 'Open the speaker window', act: 'speaker-window' },
  { on: SHOWN, keys: ['a'], shown: 'a', does: 'Let the audience follow', act: 'audience' },
  { on: SHOWN, keys: ['q'], shown: 'q', does: 'The code to follow by, large', act: 'poster' },
] as const satisfies readonly KeyRow[];

type Known = (typeof FIGURE_KEYS)[number] | (typeof OTHER_KEYS)[number];
type NamedOn<Row, On> = Row extends { readonly on: readonly (infer Each)[]; readonly act: infer Act }
  ? On extends Each
    ? Act
    : never
  : never;
/** The names of all that keys do on a surface: whoever has it must carry out each of them, and can nothing else. */
export type ActOn<On extends Surface> = NamedOn<Known, On>;

/** What a show adds wherever it is given from. */
export type ShowAct = 'speaker-window' | 'audience' | 'poster';

/** The rows of one surface, in the order in which its help shows them. */
export const keysOn = (surface: Surface): readonly KeyRow[] => {
  const rows: readonly KeyRow[] = [...FIGURE_KEYS, ...OTHER_KEYS];
  return rows.filter(({ on }) => on.some(each => each === surface));
};

/** The row of `rows` that a key press means, or null. `letters`: single characters act too (WCAG 2.1.4); Space and named keys always do. */
export function rowFor(
  press: Press,
  rows: readonly KeyRow[],
  letters: boolean,
  is: (condition: Condition) => boolean = () => false,
): KeyRow | null {
  const acts = letters || press.key.length > 1 || press.key === ' ';
  return rowPressed(
    press,
    rows,
    ({ when, unless, ctrl }) =>
      (acts || ctrl === true) && (when === undefined || is(when)) && (unless === undefined || !is(unless)),
  );
}
