/** How things are told that no connection carried: as a line in passing, or as a beat of their own at one host. */
import { captions } from '../../explain/captions.ts';
import type { Protocol } from '../../protocols.ts';
import type { BeatName } from '../../story/beat-name.ts';
import type { Caption, ChapterKind, Outcome } from '../../story/story.ts';
import type { TraceEvent } from '../../trace/event.ts';
import type { HostId } from '../../world/world.ts';
import { type BeatOf, type LineOf, type Occurrence, occurrence } from './occurrence.ts';

const threadOf = (host: HostId): string => `host ${host}`;

export const lineAt = (
  host: HostId,
  text: string,
  letter: string | null = null,
  verdict: Outcome = null,
  protocol: Protocol = 'store',
): LineOf => ({
  text,
  bytes: new Uint8Array(0),
  omitted: 0,
  framing: 0,
  connection: '',
  protocol,
  from: 'aside',
  role: 'aside',
  client: host,
  server: host,
  port: 0,
  verdict,
  letter,
});

/** Told in passing, in the beat that is on. */
export function aside(event: TraceEvent, host: HostId, text: string, given: Partial<Occurrence> = {}): Occurrence {
  const thread = threadOf(host);
  const beat: BeatOf = { key: thread, name: 'aside', chapter: 'other', caption: captions.other('store', text) };
  const line = lineAt(host, text);
  return occurrence({ thread, beat, wireAt: event.at, seq: event.seq }, { quiet: true, line, ...given });
}

/** A beat of its own for what `host` did; `key` where several events are one beat. */
export function beatAt(
  event: TraceEvent,
  host: HostId,
  name: BeatName,
  chapter: ChapterKind,
  caption: Caption,
  key = `${name} ${event.seq}`,
): Occurrence {
  const required = { thread: threadOf(host), beat: { key, name, chapter, caption }, wireAt: event.at, seq: event.seq };
  return occurrence(required, { hosts: [host] });
}

/** Whoever reads the story is told that the record does not hold all of it. */
export const shortened = (event: TraceEvent, cut: readonly string[]): Occurrence =>
  aside(event, '', `too long to be recorded whole, only its beginning is kept: ${cut.join(', ')} of ${event.kind}`);
