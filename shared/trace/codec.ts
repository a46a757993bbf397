/** Traces to text and back: NDJSON, one header and one line an event. The only place that knows versions; it trusts no file. */
import { utf8 } from '../bytes.ts';
import { worldInHeader } from '../world/validate.ts';
import { toBase64 } from './base64.ts';
import type { Fact, TraceEvent, WireTime } from './event.ts';
import { wireTime } from './event.ts';
import type { TraceHeader } from './header.ts';
import { FACTS, isKnownKind } from './schema.ts';
import { upgraded } from './upgrade.ts';

/** Most characters of a trace that is read: 64 Mi. */
const MAX_TRACE_CHARACTERS = 64 * 1024 * 1024;
/** Most events of a trace that is read. */
const MAX_TRACE_EVENTS = 500_000;
/** Events of a trace that may be missing: more is another file, or half of one. */
const MOST_MISSING = 1000;
/** How deep the value of an unknown kind may nest, so that writing it back cannot exhaust the stack. */
const MAX_DEPTH = 64;

/** What is wrong with a trace: `line` counts from 1 (the header); `message` is one sentence for a person. */
export interface BadTrace {
  readonly ok: false;
  readonly line: number;
  readonly message: string;
}

type JsonObject = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** True for C0 but TAB CR LF, for DEL and for C1: what a person's editor would not show. */
const isControl = (code: number): boolean =>
  (code < 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0d) || (code >= 0x7f && code <= 0x9f);

/** The text that stands for `bytes`, or null where only base64 gives them back exactly. */
function plainText(bytes: Uint8Array): string | null {
  let ascii = true;
  for (const octet of bytes) {
    if (octet >= 0x80) ascii = false;
    else if (isControl(octet)) return null;
  }
  const text = utf8(bytes);
  if (ascii || text === null) return text;
  for (let at = 0; at < text.length; at += 1) if (isControl(text.charCodeAt(at))) return null;
  return text;
}

const bytesField = (bytes: Uint8Array): { text: string } | { base64: string } => {
  const text = plainText(bytes);
  return text === null ? { base64: toBase64(bytes) } : { text };
};

export const encodeHeader = (header: TraceHeader): JsonObject => ({
  mailscope: header.mailscope,
  title: header.title,
  createdAt: header.createdAt,
  world: header.world,
});

/** Members as they stand in a trace: octets as text or as base64. */
export const encodeMembers = ({ bytes, ...rest }: JsonObject): JsonObject =>
  bytes instanceof Uint8Array ? { ...rest, ...bytesField(bytes) } : rest;

/** The JSON object of one event; an unknown kind comes out as it stood. */
export function encodeEvent(event: TraceEvent): JsonObject {
  const { seq, at } = event;
  if (event.kind === 'unknown') return { ...event.original, seq, at };
  if (event.kind === 'wire.bytes' || event.kind === 'udp.datagram') {
    const { kind, bytes, seq: _seq, at: _at, ...rest } = event;
    return { seq, at, kind, ...rest, ...bytesField(bytes) };
  }
  const { kind, seq: _seq, at: _at, ...rest } = event;
  return { seq, at, kind, ...rest, ...codeForOlder(event) };
}

/** Whoever reads no codes yet looks for a sentence, and finds the code in its place. */
function codeForOlder(event: Fact): JsonObject {
  if ('cause' in event) return { reason: event.cause.code };
  return event.kind === 'world.changed' ? { what: event.edit.code } : {};
}

/** The whole file, its last line ended too. */
export const encodeTrace = (header: TraceHeader, events: readonly TraceEvent[]): string =>
  [encodeHeader(header), ...events.map(encodeEvent)].map(line => `${JSON.stringify(line)}\n`).join('');

/** True where a value nests no deeper than what is kept of an unknown kind. */
function isShallow(value: unknown, depth = MAX_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every(part => isShallow(part, depth - 1));
}

const isNatural = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

/** One event from its JSON object; `line` is only named in the answer when it is bad. */
export function decodeEvent(value: unknown, line = 1): { readonly ok: true; readonly event: TraceEvent } | BadTrace {
  const bad = (message: string): BadTrace => ({ ok: false, line, message });
  if (!isObject(value)) return bad('is not a JSON object');
  const { seq, at: time, kind } = value;
  if (!isNatural(seq) || seq === 0) return bad('"seq" is not a whole number from 1');
  if (!isNatural(time)) return bad('"at" is not a whole number of microseconds');
  if (typeof kind !== 'string') return bad('"kind" is not a text');
  const at = wireTime(time);
  if (!isKnownKind(kind)) {
    if (!isShallow(value)) return bad('nests too deep');
    return { ok: true, event: { kind: 'unknown', original: value, seq, at } };
  }
  const fact = FACTS[kind].safeParse(upgraded(value));
  if (fact.success) return { ok: true, event: { ...fact.data, seq, at } };
  const issue = fact.error.issues[0];
  const where = issue !== undefined && issue.path.length > 0 ? ` "${issue.path.join('.')}"` : '';
  return bad(`${kind}${where}: ${issue?.message ?? 'is not as it should be'}`);
}

/** The header from its JSON object. */
export function decodeHeader(value: unknown): { readonly ok: true; readonly header: TraceHeader } | BadTrace {
  const bad = (message: string): BadTrace => ({ ok: false, line: 1, message });
  if (!isObject(value) || !('mailscope' in value)) return bad('is not the first line of a mailscope trace');
  if (value.mailscope !== 1) {
    const version = typeof value.mailscope === 'number' ? `version ${value.mailscope}` : 'no version number';
    return bad(`this trace has ${version}; this mailscope reads version 1`);
  }
  const { title, createdAt } = value;
  if (typeof title !== 'string' || title.length > 1024) return bad('"title" is not a text of at most 1024 characters');
  if (typeof createdAt !== 'string' || createdAt.length > 64 || Number.isNaN(Date.parse(createdAt)))
    return bad('"createdAt" is not an ISO 8601 moment');
  const world = worldInHeader(value.world);
  if (!world.ok) return bad(`"world${world.path === '' ? '' : `.${world.path}`}": ${world.message}`);
  return { ok: true, header: { mailscope: 1, title, createdAt, world: world.world } };
}

/** Stands for an event of which nothing could be read. */
const LOST: JsonObject = { kind: 'unreadable' };

/**
 * Reads one event after the other and keeps their order: `seq` counts from `next` without a gap, `at` never falls. What cannot be
 * read has its place as `unknown`; what is there twice has none.
 */
export class EventReader {
  private next: number;
  private last: WireTime = wireTime(0);
  private bad = 0;
  private twice = 0;
  private missing = 0;
  /** Lines without a number, whose places are not known yet. */
  private unplaced = 0;

  constructor(next = 1) {
    this.next = next;
  }

  /** Events of which something could not be read, so far. */
  get unread(): number {
    return this.bad + this.unplaced;
  }

  /** Events that came again, and have been left out. */
  get repeated(): number {
    return this.twice;
  }

  /** The events that `value` gives, mostly one; `undefined` stands for what is no JSON. Bad where too much is missing. */
  read(value: unknown, line = 1): readonly TraceEvent[] | BadTrace {
    const seq = isObject(value) && isNatural(value.seq) && value.seq > 0 ? value.seq : null;
    if (seq === null || !isObject(value)) {
      this.unplaced += 1;
      return [];
    }
    if (seq < this.next) {
      this.twice += 1;
      return [];
    }
    const gap = seq - this.next;
    this.missing += gap;
    if (this.missing > MOST_MISSING) {
      const message = `"seq" is ${seq} where ${this.next} follows: more than ${MOST_MISSING} events are missing`;
      return { ok: false, line, message };
    }
    this.bad += gap;
    this.unplaced = Math.max(0, this.unplaced - gap);
    const events: TraceEvent[] = [];
    while (this.next < seq) events.push(this.keep(LOST));
    const decoded = decodeEvent(value, line);
    if (decoded.ok && decoded.event.at >= this.last) {
      this.next += 1;
      this.last = decoded.event.at;
      events.push(decoded.event);
    } else {
      this.bad += 1;
      if (isNatural(value.at)) this.last = wireTime(Math.max(this.last, value.at));
      events.push(this.keep(isShallow(value) ? value : LOST));
    }
    return events;
  }

  private keep(original: JsonObject): TraceEvent {
    const event: TraceEvent = { kind: 'unknown', original, seq: this.next, at: this.last };
    this.next += 1;
    return event;
  }
}

/** The value of a line, or `undefined` where it is no JSON. */
export function parseLine(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export type DecodedTrace =
  | {
      readonly ok: true;
      readonly header: TraceHeader;
      readonly events: readonly TraceEvent[];
      /** Events that could not be read and are kept as unknown, and lines that were left out. */
      readonly unread: number;
      /** It breaks off inside its last line. */
      readonly cut?: true;
    }
  | BadTrace;

/** Lines that are read between two places where the reader may be kept waiting. */
const LINES_AT_ONCE = 128;

/** Like `decodeTrace`, in steps: whoever runs it may do something else between any two. */
export function* decodingTrace(text: string): Generator<undefined, DecodedTrace> {
  if (text.length > MAX_TRACE_CHARACTERS) return { ok: false, line: 1, message: 'the trace is larger than 64 MiB' };
  const lines = text.replace(/^\ufeff/, '').split('\n');
  // A whole trace ends its last line.
  const open = lines.length > 1 && lines.at(-1) !== '';
  while (lines.length > 1 && lines.at(-1)?.trim() === '') lines.pop();
  if (lines.length - 1 > MAX_TRACE_EVENTS)
    return { ok: false, line: MAX_TRACE_EVENTS + 2, message: 'the trace has more than 500,000 events' };
  const first = parseLine(lines[0] ?? '');
  if (first === undefined) return { ok: false, line: 1, message: 'is not JSON' };
  const head = decodeHeader(first);
  if (!head.ok) return head;
  const reader = new EventReader();
  const events: TraceEvent[] = [];
  let cut = false;
  for (let at = 1; at < lines.length; at += 1) {
    const value = parseLine(lines[at] ?? '');
    cut = value === undefined && open && at === lines.length - 1;
    if (cut) break;
    const read = reader.read(value, at + 1);
    if ('ok' in read) return read;
    for (const event of read) events.push(event);
    if (at % LINES_AT_ONCE === 0) yield;
  }
  return { ok: true, header: head.header, events, unread: reader.unread + reader.repeated, ...(cut && { cut }) };
}

/** Reads a whole trace file: UTF-8 NDJSON, the header first. Bounded. Bad where the header is, or where it is no one trace. */
export function decodeTrace(text: string): DecodedTrace {
  const decoding = decodingTrace(text);
  for (;;) {
    const step = decoding.next();
    if (step.done) return step.value;
  }
}

/** What a reader of the trace is told of it; null where all of it could be read. */
export function unreadSentence(
  name: string,
  { unread, cut }: { readonly unread: number; readonly cut?: true },
): string | null {
  const parts = [
    ...(unread === 0
      ? []
      : [
          `${unread === 1 ? 'One event' : `${unread} events`} of ${name} could not be read and ${unread === 1 ? 'is' : 'are'} not shown; all the rest is.`,
        ]),
    ...(cut ? [`The end of ${name} is missing: it breaks off inside its last line, and is shown up to there.`] : []),
  ];
  return parts.length === 0 ? null : parts.join(' ');
}
