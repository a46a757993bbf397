/** Every recording in test/fixtures/traces/ keeps every promise of a story; a bug arrives here as a recording. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { latin1 } from '../../../shared/bytes.ts';
import { createStoryteller } from '../../../shared/reading/storyteller.ts';
import { sceneAt } from '../../../shared/story/scene.ts';
import { type Story, storyTime } from '../../../shared/story/story.ts';
import { decodeTrace, encodeTrace } from '../../../shared/trace/codec.ts';
import type { Side } from '../../../shared/trace/event.ts';

const folder = path.join(import.meta.dirname, '../../fixtures/traces');

/** The picture at a moment, without what only says how long the story has become. */
const pictureAt = (story: Story, t: number) => {
  const { stepCount: _, run: __, beat, ...scene } = sceneAt(story, storyTime(t));
  return { ...scene, beat: beat && { index: beat.index, caption: beat.caption, start: beat.start } };
};

describe.each(readdirSync(folder).filter(file => file.endsWith('.trace.ndjson')))('%s', file => {
  const text = readFileSync(path.join(folder, file), 'utf8');
  const decoded = decodeTrace(text);
  if (!decoded.ok) throw new Error(`line ${decoded.line}: ${decoded.message}`);
  const { header, events } = decoded;
  const whole = createStoryteller(header).append(events);

  test('is written back as the same facts', () => {
    expect(decodeTrace(encodeTrace(header, events))).toEqual(decoded);
  });

  test('grows without moving the past, event by event', () => {
    const teller = createStoryteller(header);
    for (const event of events) {
      const { end } = teller.append([event]);
      for (const share of end === 0 ? [] : [0.2, 0.6, 0.99])
        expect(pictureAt(teller.story, end * share)).toEqual(pictureAt(whole, end * share));
    }
    expect(teller.story.end).toBe(whole.end);
  });

  test('shows every byte that crossed, once, in its place', () => {
    const crossed = new Map<string, string>();
    const shown = new Map<string, string>();
    const add = (to: Map<string, string>, connection: string, from: Side, bytes: Uint8Array) => {
      const key = `${connection} ${from}`;
      to.set(key, (to.get(key) ?? '') + latin1(bytes));
    };
    for (const event of events) {
      if (event.kind === 'wire.bytes') add(crossed, event.connection, event.from, event.bytes);
      if (event.kind === 'udp.datagram')
        add(crossed, event.exchange, event.to.port === 53 ? 'client' : 'server', event.bytes);
    }
    for (const line of whole.lines) if (line.from !== 'aside') add(shown, line.connection, line.from, line.bytes);
    expect(shown).toEqual(crossed);
  });

  test('leaves nothing open, locked or queued, and holds no password', () => {
    const { state } = sceneAt(whole, whole.end);
    expect(state.connections).toEqual([]);
    for (const host of Object.values(state.hosts)) expect(host).toMatchObject({ locked: false, queue: 0 });
    for (const secret of ['alice-wonder-7', 'bob-builds-4', 'YWxpY2Utd29uZGVyLTc', 'Ym9iLWJ1aWxkcy00'])
      expect(text).not.toContain(secret);
  });

  test('has a caption, a reference or an explanation for everything that moves', () => {
    for (const beat of whole.beats) expect(beat.caption.title.length, beat.name).toBeGreaterThan(3);
    for (const beat of whole.beats.filter(each => each.name !== 'aside'))
      expect(beat.end, beat.name).toBeGreaterThan(beat.start);
  });
});
