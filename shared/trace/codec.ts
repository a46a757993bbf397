/** Traces to text and back: NDJSON, one header and one line an event. The only place that knows versions; it trusts no file. */
import { utf8 } from '../bytes.ts';
import { worldInHeader } from '../world/validate.ts';
import { toBase64 } from './base64.ts';
import type { TraceEvent } from './event.ts';
import { wireTime } from './event.ts';
import type { TraceHeader } from './header.ts';
import { FACTS, isKnownKind } from './schema.ts';

/** Most characters of a trace that is read: 64 Mi. */
const MAX_TRACE_CHARACTERS = 64 * 1024 * 1024;
/** Most events of a trace that is read. */
const MAX_TRACE_EVENTS = 500_000;
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

/** The JSON object of one event; an unknown kind comes out as it stood. */
export function encodeEvent(event: TraceEvent): JsonObject {
  const { seq, at } = event;
  if (event.kind === 'unknown') return { ...event.original, seq, at };
  if (event.kind === 'wire.bytes' || event.kind === 'udp.datagram') {
    const { kind, bytes, seq: _seq, at: _at, ...rest } = event;
    return { seq, at, kind, ...rest, ...bytesField(bytes) };
  }
  const { kind, seq: _seq, at: _at, ...rest } = event;
  return { seq, at, kind, ...rest };
}

/** The whole file, its last line ended too. */
export const encodeTrace = (header: TraceHeader, events: readonly TraceEvent[]): string =>
  [encodeHeader(header), ...events.map(encodeEvent)].map(line => `${JSON.stringify(line)}\n`).join('');

function shallow(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every(part => shallow(part, depth - 1));
}

const natural = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

/** One event from its JSON object; `line` is only named in the answer when it is bad. */
export function decodeEvent(value: unknown, line = 1): { readonly ok: true; readonly event: TraceEvent } | BadTrace {
  const bad = (message: string): BadTrace => ({ ok: false, line, message });
  if (!isObject(value)) return bad('is not a JSON object');
  const { seq, at: time, kind } = value;
  if (!natural(seq) || seq === 0) return bad('"seq" is not a whole number from 1');
  if (!natural(time)) return bad('"at" is not a whole number of microseconds');
  if (typeof kind !== 'string') return bad('"kind" is not a text');
  const at = wireTime(time);
  if (!isKnownKind(kind)) {
    if (!shallow(value, MAX_DEPTH)) return bad('nests too deep');
    return { ok: true, event: { kind: 'unknown', original: value, seq, at } };
  }
  const fact = FACTS[kind].safeParse(value);
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

function parseLine(text: string, line: number): { readonly ok: true; readonly value: unknown } | BadTrace {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false, line, message: 'is not JSON' };
  }
}

export type DecodedTrace =
  | { readonly ok: true; readonly header: TraceHeader; readonly events: readonly TraceEvent[] }
  | BadTrace;

/** Lines that are read between two places where the reader may be kept waiting. */
const LINES_AT_ONCE = 128;

/** Like `decodeTrace`, in steps: whoever runs it may do something else between any two. */
export function* decodingTrace(text: string): Generator<undefined, DecodedTrace> {
  if (text.length > MAX_TRACE_CHARACTERS) return { ok: false, line: 1, message: 'the trace is larger than 64 MiB' };
  const lines = text.replace(/^\ufeff/, '').split('\n');
  while (lines.length > 1 && lines.at(-1)?.trim() === '') lines.pop();
  if (lines.length - 1 > MAX_TRACE_EVENTS)
    return { ok: false, line: MAX_TRACE_EVENTS + 2, message: 'the trace has more than 500,000 events' };
  const first = parseLine(lines[0] ?? '', 1);
  if (!first.ok) return first;
  const head = decodeHeader(first.value);
  if (!head.ok) return head;
  const events: TraceEvent[] = [];
  let last = wireTime(0);
  for (let at = 1; at < lines.length; at += 1) {
    const line = at + 1;
    const parsed = parseLine(lines[at] ?? '', line);
    if (!parsed.ok) return parsed;
    const decoded = decodeEvent(parsed.value, line);
    if (!decoded.ok) return decoded;
    if (decoded.event.seq !== at)
      return { ok: false, line, message: `"seq" is ${decoded.event.seq} where ${at} follows` };
    if (decoded.event.at < last) return { ok: false, line, message: '"at" is earlier than the line before' };
    last = decoded.event.at;
    events.push(decoded.event);
    if (at % LINES_AT_ONCE === 0) yield;
  }
  return { ok: true, header: head.header, events };
}

/** Reads a whole trace file. Bounded; `seq` must count from 1 without a gap and `at` must never fall. */
export function decodeTrace(text: string): DecodedTrace {
  const decoding = decodingTrace(text);
  for (;;) {
    const step = decoding.next();
    if (step.done) return step.value;
  }
}
