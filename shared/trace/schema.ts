/** The shape of every kind of fact as it stands in a trace file: what the codec lets in. */
import * as z from 'zod/mini';
import { toUtf8 } from '../bytes.ts';
import { fault } from '../faults/schema.ts';
import { publicWorld } from '../world/shape.ts';
import { recordedEdit } from '../world/world-edit.ts';
import { fromBase64 } from './base64.ts';
import { type Cause, causeFrom } from './cause.ts';
import type { Fact } from './event.ts';
import { TROUBLE_CODES, wireTime } from './event.ts';

const MAX_NAME = 1024;
const MAX_LIST = 10_000;
/** Octets of one event that are written: fifteen times what one read of a socket gives. */
export const MAX_OCTETS = 1_000_000;
/** Characters that stand for them, and some more: in base64 four for three octets. */
const MAX_BYTES = 1_400_000;

const name = z.string().check(z.maxLength(MAX_NAME));
const sentence = z.string().check(z.maxLength(65_536));
const count = z.int().check(z.nonnegative());
const names = z.array(name).check(z.maxLength(MAX_LIST));
const side = z.enum(['client', 'server']);
const endpoint = z.object({
  host: name,
  address: name,
  port: z.int().check(z.nonnegative(), z.maximum(65_535)),
});
/** Names the members that were longer than what is recorded of them. */
const marked = { cut: z.exactOptional(z.array(name).check(z.maxLength(64))) };
const at = z.pipe(count, z.transform(wireTime));
const letter = { messageId: sentence, reversePath: name, recipients: names, size: count };

type Written = { text?: string | undefined; base64?: string | undefined };

/** Bytes stand in the file as `text` or as `base64`, one of the two. */
function bytesOf(written: Written, fail: (message: string) => void): Uint8Array {
  if ((written.text === undefined) === (written.base64 === undefined)) {
    fail('needs "text" or "base64", and not both');
    return new Uint8Array();
  }
  if (written.text !== undefined) return toUtf8(written.text);
  const bytes = fromBase64(written.base64 ?? '');
  if (bytes === null) fail('"base64" is not base64');
  return bytes ?? new Uint8Array();
}

const octets = z.string().check(z.maxLength(MAX_BYTES));
const written = { text: z.optional(octets), base64: z.optional(octets) };
const withBytes = <T extends Written, R>(
  value: T,
  context: { issues: unknown[] },
  build: (bytes: Uint8Array) => R,
): R => build(bytesOf(value, message => context.issues.push({ code: 'custom', message, input: value })));

const wireBytes = z.pipe(
  z.object({
    ...marked,
    kind: z.literal('wire.bytes'),
    connection: name,
    from: side,
    omitted: z.optional(count),
    ...written,
  }),
  z.transform((value, context): Fact & { kind: 'wire.bytes' } =>
    withBytes(value, context, bytes => ({
      kind: value.kind,
      connection: value.connection,
      from: value.from,
      bytes,
      ...(value.omitted === undefined ? {} : { omitted: value.omitted }),
      ...(value.cut === undefined ? {} : { cut: value.cut }),
    })),
  ),
);

const datagram = z.pipe(
  z.object({ ...marked, kind: z.literal('udp.datagram'), exchange: name, from: endpoint, to: endpoint, ...written }),
  z.transform((value, context): Fact & { kind: 'udp.datagram' } =>
    withBytes(value, context, bytes => ({
      kind: value.kind,
      exchange: value.exchange,
      from: value.from,
      to: value.to,
      bytes,
      ...(value.cut === undefined ? {} : { cut: value.cut }),
    })),
  ),
);

/** A line of before has a sentence instead: see upgrade.ts. */
const cause = z.pipe(
  z.unknown(),
  z.transform((value, context): Cause => {
    const read = causeFrom(value);
    if (read === null) context.issues.push({ code: 'custom', message: 'is not a cause with a code', input: value });
    return read ?? { code: 'words', text: '' };
  }),
);

const mailbox = { host: name, mailbox: name };
const inQueue = { host: name, queueId: name };
const failing = { ...inQueue, recipients: names, status: name, cause };

/** One row a kind; a kind that is not here is unknown and kept as it stood. */
export const FACTS = {
  'tcp.opened': z.object({ ...marked, kind: z.literal('tcp.opened'), connection: name, from: endpoint, to: endpoint }),
  'tcp.refused': z.object({
    ...marked,
    kind: z.literal('tcp.refused'),
    connection: name,
    from: endpoint,
    to: endpoint,
    cause,
  }),
  'tcp.closed': z.object({
    ...marked,
    kind: z.literal('tcp.closed'),
    connection: name,
    by: side,
    reason: z.enum(['fin', 'reset', 'restart']),
  }),
  'tls.started': z.object({ ...marked, kind: z.literal('tls.started'), connection: name }),
  'wire.bytes': wireBytes,
  'udp.datagram': datagram,
  'mail.composed': z.object({
    ...marked,
    kind: z.literal('mail.composed'),
    host: name,
    id: name,
    subject: sentence,
    ...letter,
  }),
  'mail.queued': z.object({
    ...marked,
    kind: z.literal('mail.queued'),
    ...inQueue,
    connection: z.exactOptional(name),
    ...letter,
  }),
  'mail.attempted': z.object({
    ...marked,
    kind: z.literal('mail.attempted'),
    ...inQueue,
    domain: name,
    recipients: names,
  }),
  'mail.deferred': z.object({ ...marked, kind: z.literal('mail.deferred'), ...failing, retryAt: at }),
  'mail.bounced': z.object({ ...marked, kind: z.literal('mail.bounced'), ...failing }),
  'mail.dequeued': z.object({ ...marked, kind: z.literal('mail.dequeued'), ...inQueue }),
  'mail.stored': z.object({
    ...marked,
    kind: z.literal('mail.stored'),
    ...mailbox,
    file: name,
    connection: z.exactOptional(name),
    ...letter,
  }),
  'mail.expanded': z.object({
    ...marked,
    kind: z.literal('mail.expanded'),
    host: name,
    address: name,
    as: z.enum(['alias', 'list', 'backup']),
    recipients: names,
    messageId: sentence,
    reversePath: name,
    connection: z.exactOptional(name),
  }),
  'mail.reported': z.object({
    ...marked,
    kind: z.literal('mail.reported'),
    ...inQueue,
    about: name,
    action: z.enum(['failed', 'delayed', 'delivered', 'relayed', 'expanded']),
    recipients: names,
    messageId: sentence,
  }),
  'mail.discarded': z.object({
    ...marked,
    kind: z.literal('mail.discarded'),
    ...inQueue,
    recipients: names,
    cause,
  }),
  'cache.stored': z.object({
    ...marked,
    kind: z.literal('cache.stored'),
    host: name,
    name,
    type: name,
    answers: names,
    negative: z.boolean(),
    seconds: count,
  }),
  'cache.hit': z.object({ ...marked, kind: z.literal('cache.hit'), host: name, name, type: name }),
  'clock.jumped': z.object({ ...marked, kind: z.literal('clock.jumped'), by: count }),
  'world.changed': z.object({ ...marked, kind: z.literal('world.changed'), edit: recordedEdit, world: publicWorld }),
  'fault.struck': z.object({
    ...marked,
    kind: z.literal('fault.struck'),
    fault,
    host: name,
    connection: z.exactOptional(name),
  }),
  'mailbox.found': z.object({
    ...marked,
    kind: z.literal('mailbox.found'),
    ...mailbox,
    messages: count,
    octets: count,
  }),
  'mailbox.locked': z.object({
    ...marked,
    kind: z.literal('mailbox.locked'),
    ...mailbox,
    messages: count,
    connection: name,
  }),
  'mailbox.unlocked': z.object({ ...marked, kind: z.literal('mailbox.unlocked'), ...mailbox, connection: name }),
  'mailbox.removed': z.object({
    ...marked,
    kind: z.literal('mailbox.removed'),
    ...mailbox,
    file: name,
    connection: name,
  }),
  'client.failed': z.object({
    ...marked,
    kind: z.literal('client.failed'),
    host: name,
    connection: z.exactOptional(name),
    id: z.exactOptional(name),
    cause,
  }),
  'wire.held': z.object({ ...marked, kind: z.literal('wire.held'), connection: name, from: side, size: count }),
  'wire.quiet': z.object({ ...marked, kind: z.literal('wire.quiet'), connections: count }),
  'wire.released': z.object({ ...marked, kind: z.literal('wire.released'), connection: name, from: side }),
  'room.trouble': z.object({
    ...marked,
    kind: z.literal('room.trouble'),
    code: z.enum(TROUBLE_CODES),
    file: z.exactOptional(name),
    reason: z.exactOptional(sentence),
  }),
  marker: z.object({ ...marked, kind: z.literal('marker'), label: sentence }),
  'story.begun': z.object({ ...marked, kind: z.literal('story.begun'), name, source: sentence }),
  'story.ended': z.object({ ...marked, kind: z.literal('story.ended'), name }),
} satisfies { readonly [K in Fact['kind']]: z.ZodMiniType<Fact & { readonly kind: K }> };

export const isKnownKind = (kind: string): kind is keyof typeof FACTS => Object.hasOwn(FACTS, kind);
