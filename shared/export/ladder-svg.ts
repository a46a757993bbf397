/** A ladder as a drawing that stands alone: colours are attributes, no type is below 11 px, and nothing is loaded. */
import { PROTOCOLS } from '../protocols.ts';
import type { Span } from '../story/span.ts';
import type { Line, Story } from '../story/story.ts';
import { plain } from '../story/words.ts';
import { assertNever } from '../world/world.ts';
import { recordedOn, shownSpan, titleOf } from './facts.ts';
import { escaped } from './html.ts';
import { type Ladder, ladderOf, type Rung, signOf } from './ladder.ts';
import { inOneLine } from './line-text.ts';
import { type Colour, colourIn, groundOf, type Ink, inkOf as protocolInk } from './palette.ts';

/** The rest is in the recording. */
const MOST_LINES = 500;
const GUTTER = 76;
const COLUMN = 190;
const NARROWEST = 680;
const HEAD = 150;
const HEIGHTS: Readonly<Record<Rung['kind'], number>> = { beat: 46, line: 34, note: 32 };
/** Widths of a character at 12 px: the widest of these fonts, so that nothing is cut that would have fitted. */
const MONO = 7.3;
const SANS = 6.6;

const SANS_FACE = 'font-family="Inter, \'Helvetica Neue\', Arial, sans-serif"';
const SERIF_FACE = 'font-family="Fraunces, Georgia, serif"';
const MONO_FACE = 'font-family="\'JetBrains Mono\', Menlo, Consolas, monospace"';

interface Sheet {
  readonly width: number;
  readonly colour: (name: Colour) => string;
  readonly x: (post: number) => number;
}

/** "61 ms", "2.1 s": since the recording began. */
const clock = (microseconds: number): string =>
  microseconds < 1_000_000
    ? `${(microseconds / 1000).toFixed(microseconds < 10_000 ? 1 : 0)} ms`
    : `${(microseconds / 1_000_000).toFixed(2)} s`;

/** Where words of this width stand, centred on `x` as far as the sheet goes. */
const within = (sheet: Sheet, x: number, width: number): number =>
  Math.min(sheet.width - 12 - width / 2, Math.max(GUTTER + width / 2, x));

/** The words of a line, as many as fit between the gutter and the edge. */
const wordsOf = (sheet: Sheet, line: Line, each: number): string =>
  inOneLine(signOf(line) + line.text, Math.floor((sheet.width - GUTTER - 24) / each));

const inkOf = (line: Line): Colour =>
  line.verdict === 'no' ? 'bad-ink' : line.verdict === 'wait' ? 'wait' : protocolInk(line.protocol);

function arrow(sheet: Sheet, rung: Extract<Rung, { kind: 'line' }>, y: number): string {
  const { line, reply } = rung;
  const { colour } = sheet;
  const [from, to] = [sheet.x(rung.from), sheet.x(rung.to)];
  const stroke = colour(line.verdict === 'no' ? 'bad' : line.verdict === 'wait' ? 'wait' : line.protocol);
  const text = wordsOf(sheet, line, MONO);
  const at = within(sheet, (from + to) / 2, text.length * MONO);
  const words = `<text x="${at}" y="${y - 8}" text-anchor="middle" ${MONO_FACE} font-size="12"${line.role === 'content' ? ' font-weight="600"' : ''} fill="${colour(inkOf(line))}" stroke="${colour('paper-2')}" stroke-width="5" stroke-linejoin="round" paint-order="stroke">${escaped(text)}</text>`;
  if (from === to) return `<circle cx="${from}" cy="${y}" r="4" fill="${stroke}"/>${words}`;
  const way = to > from ? 1 : -1;
  const tip = to - way * 2;
  const head = reply
    ? `<path d="M${tip - way * 8} ${y - 4.5}L${tip} ${y}L${tip - way * 8} ${y + 4.5}" fill="none" stroke="${stroke}" stroke-width="1.8"/>`
    : `<path d="M${tip - way * 9} ${y - 5}L${tip} ${y}L${tip - way * 9} ${y + 5}Z" fill="${stroke}"/>`;
  const dashes = reply ? ' stroke-dasharray="5 4"' : '';
  return `<path d="M${from + way * 2} ${y}H${tip - way * 2}" fill="none" stroke="${stroke}" stroke-width="${line.role === 'content' ? 3 : 1.8}"${dashes}/>${head}${words}`;
}

function note(sheet: Sheet, rung: Extract<Rung, { kind: 'note' }>, y: number): string {
  const { line } = rung;
  const text = wordsOf(sheet, line, SANS);
  const width = text.length * SANS + 20;
  const x = within(sheet, rung.at < 0 ? (GUTTER + sheet.width) / 2 : sheet.x(rung.at), width);
  const fill = sheet.colour(line.verdict === 'no' ? 'bad-ink' : line.verdict === 'wait' ? 'wait' : 'store-ink');
  return `<rect x="${x - width / 2}" y="${y - 17}" width="${width}" height="24" rx="6" fill="${sheet.colour('store-tint')}" stroke="${sheet.colour('line-2')}"/><text x="${x}" y="${y - 1}" text-anchor="middle" ${SANS_FACE} font-size="12" font-style="italic" fill="${fill}">${escaped(text)}</text>`;
}

function beat(sheet: Sheet, { beat: shown, number }: Extract<Rung, { kind: 'beat' }>, y: number): string {
  const { protocol, title } = shown.caption;
  const { colour } = sheet;
  const tag = PROTOCOLS[protocol].name;
  const width = tag.length * 7 + 14;
  const outcome = shown.name === 'queue.deferred' ? '◷ ' : shown.failed ? '✕ ' : '';
  const words = inOneLine(
    `${outcome}${number}. ${plain(title)}`,
    Math.floor((sheet.width - GUTTER - width - 40) / 7.4),
  );
  return `<rect x="8" y="${y - 26}" width="${sheet.width - 16}" height="30" rx="6" fill="${colour('hover')}"/><text x="${GUTTER - 12}" y="${y - 7}" text-anchor="end" ${SANS_FACE} font-size="11" fill="${colour('ink-2')}">${clock(shown.wireStart)}</text><rect x="${GUTTER}" y="${y - 20}" width="${width}" height="18" rx="5" fill="${colour(groundOf(protocol))}"/><text x="${GUTTER + width / 2}" y="${y - 7}" text-anchor="middle" ${MONO_FACE} font-size="11" font-weight="600" fill="${colour('on')}">${tag}</text><text x="${GUTTER + width + 10}" y="${y - 6}" ${SANS_FACE} font-size="14" font-weight="600" fill="${colour(shown.failed ? 'bad-ink' : 'ink')}">${escaped(words)}</text>`;
}

function rungDrawn(sheet: Sheet, rung: Rung, y: number): string {
  switch (rung.kind) {
    case 'beat':
      return beat(sheet, rung, y);
    case 'line':
      return arrow(sheet, rung, y);
    case 'note':
      return note(sheet, rung, y);
    default:
      return assertNever(rung);
  }
}

/** Label and name of each host over its post. */
function heads(sheet: Sheet, { posts }: Ladder, bottom: number): string {
  const { colour, x } = sheet;
  return posts
    .map(({ id, label }, at) => {
      const name =
        id === label
          ? ''
          : `<text x="${x(at)}" y="${HEAD - 24}" text-anchor="middle" ${MONO_FACE} font-size="11" fill="${colour('ink-2')}">${escaped(inOneLine(id, 27))}</text>`;
      return `<path d="M${x(at)} ${HEAD - 12}V${bottom}" fill="none" stroke="${colour('line-2')}" stroke-width="1.5"/><rect x="${x(at) - COLUMN / 2 + 4}" y="${HEAD - 64}" width="${COLUMN - 8}" height="52" rx="8" fill="${colour('card')}" stroke="${colour('line-2')}"/><text x="${x(at)}" y="${HEAD - (name === '' ? 34 : 42)}" text-anchor="middle" ${SANS_FACE} font-size="13" font-weight="600" fill="${colour('ink')}">${escaped(inOneLine(label, 24))}</text>${name}`;
    })
    .join('\n');
}

/** An SVG document; ends in a newline. */
export function ladderSvg(story: Story, asked: Span | null = null, ink: Ink = 'light'): string {
  const ladder = ladderOf(story, asked, MOST_LINES);
  const span = shownSpan(story, asked);
  const { posts, rungs, rest } = ladder;
  const width = Math.max(NARROWEST, GUTTER + posts.length * COLUMN + 12);
  const column = (width - GUTTER - 12) / Math.max(1, posts.length);
  const sheet: Sheet = { width, colour: colourIn(ink), x: post => Math.round(GUTTER + (post + 0.5) * column) };
  let y = HEAD;
  const drawn = rungs.map(rung => {
    y += HEIGHTS[rung.kind];
    return rungDrawn(sheet, rung, y - 6);
  });
  const { colour } = sheet;
  const bottom = y + 12;
  const height = bottom + (rest > 0 ? 50 : 26);
  const title = titleOf(story, span);
  const when = `Recorded from real sockets on ${recordedOn(story.header)}. Times on the left: since the recording began.`;
  const crossed = rungs.filter(rung => rung.kind === 'line').length;
  const told = rungs.flatMap(rung => (rung.kind === 'beat' ? [plain(rung.beat.caption.title)] : []));
  const more =
    rest === 0
      ? ''
      : `<text x="${width / 2}" y="${height - 22}" text-anchor="middle" ${SANS_FACE} font-size="12" fill="${colour('ink-2')}">${rest} more lines are in the recording.</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="ladder-title ladder-desc">
<title id="ladder-title">${escaped(title)}: who said what to whom</title>
<desc id="ladder-desc">${escaped(`${crossed} lines between ${posts.map(({ label }) => label).join(', ') || 'nobody'}. ${told.join('; ')}.`)}</desc>
<rect width="${width}" height="${height}" fill="${colour('paper-2')}"/>
<text x="20" y="38" ${SERIF_FACE} font-size="22" font-weight="600" fill="${colour('ink')}">${escaped(inOneLine(title, Math.floor((width - 40) / 12)))}</text>
<text x="20" y="60" ${SANS_FACE} font-size="12" fill="${colour('ink-2')}">${escaped(when)}</text>
${heads(sheet, ladder, bottom)}
${drawn.join('\n')}
${more}
</svg>
`;
}
