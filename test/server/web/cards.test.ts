/** A run's card says what became of the letter, and its words stay on it. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { CARD, cardOf } from '../../../server/cards/card.ts';
import { rasteriser } from '../../../server/cards/raster.ts';
import { createTypeface, set } from '../../../server/cards/typeface.ts';
import { type Way, wayOf } from '../../../server/cards/way.ts';
import { unpack } from '../../../server/cards/woff.ts';
import { createStoryteller } from '../../../shared/reading/storyteller.ts';
import type { Story } from '../../../shared/story/story.ts';
import { decodeTrace } from '../../../shared/trace/codec.ts';

const STORIES = path.join(import.meta.dirname, '../../..', 'stories');
const names = readdirSync(STORIES).flatMap(file => (file.endsWith('.md') ? [file.slice(0, -3)] : []));

function told(name: string): Story {
  const decoded = decodeTrace(readFileSync(path.join(STORIES, `${name}.trace.ndjson`), 'utf8'));
  if (!decoded.ok) throw new Error(decoded.message);
  const teller = createStoryteller(decoded.header);
  teller.append(decoded.events);
  return teller.finish();
}

const brief = ({ fate, code, stops }: Way) => [fate, code, ...stops.map(host => host.split('.')[0])];

describe('the way of a letter', () => {
  test.each([
    ['youve-got-mail', ['delivered', null, 'alices-laptop', 'smtp', 'mx1', 'pop', 'bobs-laptop']],
    ['nobody-by-that-name', ['returned', '550', 'alices-laptop', 'smtp', 'mx1']],
    ['a-slip-of-the-finger', ['returned', null, 'alices-laptop', 'smtp', 'ns']],
    ['the-backup-exchanger', ['delivered', null, 'alices-laptop', 'smtp', 'mx2', 'mx1', 'pop', 'bobs-laptop']],
    ['forwarded', ['delivered', null, 'alices-laptop', 'smtp', 'mx1', 'mail', 'carols-laptop']],
    ['wrong-password', ['refused', '535', 'alices-laptop', 'smtp']],
    ['relay-denied', ['refused', '554', 'your-computer', 'mx1']],
    ['no-bounce-for-a-bounce', ['lost', null, 'your-computer', 'mx1', 'ns']],
  ])('of “%s”', (name, way) => {
    expect(brief(wayOf(told(name)))).toEqual(way);
  });

  test.each(names)('of “%s” is one way, stopped at its end or nowhere', name => {
    const { stops, hops, fate } = wayOf(told(name));
    expect(stops.length).toBeGreaterThan(1);
    expect(hops).toHaveLength(stops.length - 1);
    const stopped = hops.map(hop => hop.stopped);
    expect(stopped).toEqual(hops.map((_, index) => fate !== 'delivered' && index === hops.length - 1));
  });

  test('of nothing is none', () => {
    const decoded = decodeTrace(readFileSync(path.join(STORIES, 'youve-got-mail.trace.ndjson'), 'utf8'));
    if (!decoded.ok) throw new Error(decoded.message);
    expect(wayOf(createStoryteller(decoded.header).finish())).toMatchObject({ stops: [], fate: 'on its way' });
  });
});

describe('a face', () => {
  const woff = readFileSync(
    createRequire(import.meta.url).resolve('@fontsource/inter/files/inter-latin-700-normal.woff'),
  );
  const face = createTypeface([unpack(woff)]);

  test('knows how wide its letters are', () => {
    expect(face.widthOf('', 100)).toBe(0);
    expect(face.widthOf('m', 100)).toBeGreaterThan(2 * face.widthOf('i', 100));
    expect(face.widthOf('mail', 50)).toBeCloseTo(face.widthOf('mail', 100) / 2);
    expect(face.widthOf('猫', 100)).toBeGreaterThan(0);
  });

  test('that is broken, or none, is said to be', () => {
    expect(() => unpack(Buffer.from('no font'))).toThrow('no WOFF');
    const cut = Buffer.from(woff);
    cut.writeUInt32BE(7, 44 + 12);
    expect(() => unpack(cut)).toThrow();
  });

  test('sets words as large as they fit, and leaves out what does not', () => {
    const room = { width: 300, most: 2, sizes: [60, 40, 20] } as const;
    expect(set(face, 'Mail', room)).toEqual({ size: 60, lines: ['Mail'], whole: true });
    const long = set(face, 'What the letter gains on its way', room);
    expect(long.size).toBeLessThan(60);
    expect(long.lines).toHaveLength(2);
    const endless = set(face, 'Mailmailmailmail '.repeat(20), room);
    expect(endless.whole).toBe(false);
    expect(endless.lines.at(-1)).toMatch(/…$/);
    for (const line of endless.lines) expect(face.widthOf(line, endless.size)).toBeLessThanOrEqual(300);
  });
});

test('a stranger’s title is only words on the card', async () => {
  const story = told('youve-got-mail');
  const { faces, draw } = await rasteriser();
  const title = `</text><image href="file:///etc/passwd"/>&\u0000${'long '.repeat(60)}`;
  const shown = { title, lead: '<script>', facts: '&', way: wayOf(story), world: story.start.world };
  const svg = cardOf(shown, faces);
  expect(svg).not.toMatch(/<image|<script/);
  const png = Buffer.from(await draw(svg));
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([CARD.w, CARD.h]);
});
