/** The messages between browser and server, both ways, with one parser a door; trace events cross in the form the codec writes. */
import * as z from 'zod/mini';
import { userOutbox } from './letters.ts';
import { parseMessage } from './parse-message.ts';
import { clockAnswer, edited } from './world.ts';

/**
 * Browser to server. `trace` names the trace whose events up to `from` (exclusive: the next seq wanted) the browser already has.
 * `world`: it wants `world` messages, too; whoever may not change the world gets none.
 */
const toServer = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('watch'),
    trace: z.nullable(z.string().check(z.maxLength(64))),
    from: z.int().check(z.positive()),
    world: z.exactOptional(z.boolean()),
  }),
  /** Stop the wire: bytes wait in the splice. */
  z.object({ type: z.literal('hold'), on: z.boolean() }),
  /** Let the oldest held chunk go. */
  z.object({ type: z.literal('release') }),
]);
export type ToServer = z.infer<typeof toServer>;

/**
 * Server to browser. `trace` comes first and again whenever a new trace begins; where its id is not the one asked for, the
 * browser starts over at seq 1. `last` is the newest seq when it was sent (0 for none): what comes up to there is history, what
 * comes after happens now. `events` are encoded trace events (one object a line of NDJSON), in order, without a gap. Of the wire
 * that is held: how many chunks wait, how many were let go one by one so far, and the last seq when this was so. `world` follows
 * `trace` where it is wanted, whole, and comes again whenever something of it has changed; then without what is as it was told before
 * on this connection: `world` (no passwords), `outbox` (of all users who have one).
 */
const toClient = z.discriminatedUnion('type', [
  z.object({ type: z.literal('trace'), id: z.string(), header: z.unknown(), last: z.optional(z.int()) }),
  z.object({ type: z.literal('events'), events: z.array(z.unknown()) }),
  z.object({ type: z.literal('holding'), on: z.boolean(), waiting: z.int(), gone: z.int(), seq: z.int() }),
  z.object({
    type: z.literal('world'),
    ...edited,
    world: z.optional(z.unknown()),
    clock: clockAnswer,
    outbox: z.exactOptional(z.array(userOutbox)),
  }),
]);
export type ToClient = z.infer<typeof toClient>;
export type Holding = Extract<ToClient, { readonly type: 'holding' }>;
export type WorldMessage = Extract<ToClient, { readonly type: 'world' }>;

/** The code with which a WebSocket is closed whose room has ended or never was; there is nothing to come back for (RFC 6455 §7.4.2). */
export const ROOM_ENDED = 4404;

/** Null where the text is not one of the messages a browser may send. */
export const parseToServer = (text: string): ToServer | null => parseMessage<ToServer>(toServer, text);
/** Null where the text is not one of the messages a server may send. */
export const parseToClient = (text: string): ToClient | null => parseMessage<ToClient>(toClient, text);
