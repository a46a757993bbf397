/** The messages of a show: a speaker's moment on its way to speaker windows and to the audience, and what steers it. State is sent, not events. */
import * as z from 'zod/mini';
import { parseMessage } from './parse-message.ts';

const name = z.string().check(z.maxLength(200));
const share = z.number().check(z.minimum(0), z.maximum(1));

/** What the speaker shows, so that whoever follows can open it: a live room (null: the main one), a story's recording, or a trace that was given to the show. */
const shown = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('room'), room: z.nullable(name) }),
  z.object({ kind: z.literal('story'), name }),
  z.object({ kind: z.literal('trace'), name }),
]);
export type Shown = z.infer<typeof shown>;

/** Where the speaker is now. `at`: milliseconds of story time; `beat`: its index, -1 before the first; `pointer`: parts of the stage's width and height, from its upper left corner. */
const cue = z.object({
  shown,
  beat: z.int().check(z.minimum(-1)),
  at: z.number().check(z.nonnegative()),
  playing: z.boolean(),
  speed: z.number().check(z.positive()),
  blank: z.boolean(),
  pointer: z.nullable(z.object({ x: share, y: share })),
});
export type Cue = z.infer<typeof cue>;

/** What a speaker's window asks the stage to do. `to`: to the beat of this index; `recording`: from the live run to the recording, at the same beat. */
const steer = z.discriminatedUnion('do', [
  z.object({ do: z.enum(['next', 'back', 'play', 'blank', 'first', 'last', 'recording']) }),
  z.object({ do: z.literal('to'), beat: z.int().check(z.nonnegative()) }),
]);
export type Steer = z.infer<typeof steer>;

/** To the server. `join` comes first; `secret` is the speaker's, without it one only follows. */
const toShow = z.discriminatedUnion('type', [
  z.object({ type: z.literal('join'), secret: z.nullable(name) }),
  z.object({ type: z.literal('cue'), cue }),
  z.object({ type: z.literal('steer'), steer }),
]);
export type ToShow = z.infer<typeof toShow>;

/** From the server. `cue` null: the speaker has not begun, or is away. `followers` and `steer` are told to the speaker's windows alone. */
const fromShow = z.discriminatedUnion('type', [
  z.object({ type: z.literal('cue'), cue: z.nullable(cue) }),
  z.object({ type: z.literal('followers'), count: z.int() }),
  z.object({ type: z.literal('steer'), steer }),
]);
export type FromShow = z.infer<typeof fromShow>;

/** The code with which a WebSocket is closed whose show has ended or never was (RFC 6455 §7.4.2). */
export const SHOW_ENDED = 4410;
/** And one who steers without the speaker's secret. */
export const NOT_THE_SPEAKER = 4403;

/** Null where the text is no message that a browser may send. */
export const parseToShow = (text: string): ToShow | null => parseMessage<ToShow>(toShow, text);
/** Null where the text is no message that a server may send. */
export const parseFromShow = (text: string): FromShow | null => parseMessage<FromShow>(fromShow, text);
