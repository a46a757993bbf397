/** What a page may say to a figure in a frame, and hears from it (conventions of reveal.js and oEmbed players). Pure: every word is a stranger's. */

import type { Place } from '../place.ts';

const NAMESPACE = 'mailscope';
const VERSION = 1;

export type Call =
  | { readonly method: 'play' | 'pause' | 'toggle' | 'next' | 'prev' | 'getState' | 'getSteps' }
  | { readonly method: 'seek'; readonly place: Place }
  | { readonly method: 'setSpeed'; readonly speed: number }
  | { readonly method: 'setTheme'; readonly theme: 'auto' | 'light' | 'dark' }
  | { readonly method: 'setCaptions'; readonly on: boolean }
  | { readonly method: 'load'; readonly given: string }
  | {
      readonly method: 'playRange';
      readonly from: string | number;
      readonly to: string | number;
      readonly loop: boolean;
    };

/** What an answer is sent with; null where none is wanted. */
export type CallId = string | number | null;

export type Message =
  | { readonly kind: 'call'; readonly call: Call; readonly id: CallId }
  /** Meant for us, and nothing that we can do: one sentence. */
  | { readonly kind: 'wrong'; readonly message: string; readonly id: CallId };

/** As reveal.js says it to the frame of a slide that is shown, and that is left (its js/controllers/slidecontent.js). */
const SLIDE: Readonly<Record<string, 'play' | 'pause'>> = { 'slide:start': 'play', 'slide:stop': 'pause' };

/** Of text that may be JSON; a whole recording may be in it. */
const LONGEST = 16 * 1024 * 1024;

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parsed(text: string): unknown {
  if (text.length > LONGEST || !text.trimStart().startsWith('{')) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isStep = (value: unknown): value is string | number =>
  (typeof value === 'string' && value !== '' && value.length <= 200) || isNumber(value);

/** "mx-question", 5, "50%", {ms: 1200}, {percent: 50}, {step: "mx-question"} or {marker: …}. */
function placeOf(value: unknown): Place | null {
  if (typeof value === 'string' && /^\d+(\.\d+)?%$/.test(value)) return { percent: Number(value.slice(0, -1)) };
  if (isStep(value)) return value;
  if (!isFields(value)) return null;
  if (isNumber(value.ms)) return { ms: value.ms };
  if (isNumber(value.percent)) return { percent: value.percent };
  const named = value.step ?? value.marker;
  return isStep(named) ? named : null;
}

/** The call that is meant, or why it is none. */
function callOf(method: string, args: readonly unknown[]): Call | string {
  const [first, second, third] = args;
  switch (method) {
    case 'play':
    case 'pause':
    case 'toggle':
    case 'next':
    case 'prev':
    case 'getState':
    case 'getSteps':
      return { method };
    case 'seek': {
      const place = placeOf(first);
      return place === null ? 'seek takes a step, {ms} or {percent}.' : { method, place };
    }
    case 'setSpeed':
      return isNumber(first) && first > 0 ? { method, speed: first } : 'setSpeed takes a number over 0.';
    case 'setTheme':
      return first === 'auto' || first === 'light' || first === 'dark'
        ? { method, theme: first }
        : 'setTheme takes auto, light or dark.';
    case 'setCaptions':
      return typeof first === 'boolean' ? { method, on: first } : 'setCaptions takes true or false.';
    case 'load':
      return typeof first === 'string' && first !== ''
        ? { method, given: first }
        : 'load takes the address of a recording, or a recording.';
    case 'playRange':
      return isStep(first) && isStep(second)
        ? { method, from: first, to: second, loop: third === true }
        : 'playRange takes two steps, and whether to repeat.';
    default:
      return `There is no method “${method.slice(0, 40)}”.`;
  }
}

/** Null where it is not meant for us: another player's message, a browser extension's, or nonsense. Never throws. */
export function readMessage(data: unknown): Message | null {
  if (typeof data === 'string') {
    const method = Object.hasOwn(SLIDE, data) ? SLIDE[data] : undefined;
    if (method !== undefined) return { kind: 'call', call: { method }, id: null };
  }
  const said = typeof data === 'string' ? parsed(data) : data;
  if (!isFields(said) || said.namespace !== NAMESPACE || said.v !== VERSION) return null;
  const { method, args, id } = said;
  if (typeof method !== 'string') return null;
  const answerTo: CallId = typeof id === 'string' || typeof id === 'number' ? id : null;
  const list: readonly unknown[] = Array.isArray(args) ? args : args === undefined ? [] : [args];
  const call = callOf(method, list);
  return typeof call === 'string'
    ? { kind: 'wrong', message: call, id: answerTo }
    : { kind: 'call', call, id: answerTo };
}

export type FrameEvent =
  | 'ready'
  | 'play'
  | 'playing'
  | 'pause'
  | 'ended'
  | 'stepchange'
  | 'timeupdate'
  | 'error'
  | 'height'
  | 'statechange';

/** What a page hears without having asked. `more`: the `height` in CSS pixels that would fit, the `step` that is on. */
export const eventMessage = (event: FrameEvent, state: object, more: object = {}): object => ({
  namespace: NAMESPACE,
  v: VERSION,
  event,
  state,
  ...more,
});

/** What a call came to. */
export const answerMessage = (
  id: CallId,
  outcome: { readonly result: unknown } | { readonly error: string },
): object => ({
  namespace: NAMESPACE,
  v: VERSION,
  event: 'callback',
  id,
  ...outcome,
});
