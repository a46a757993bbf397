/** A story in words, beat by beat, with the lines that crossed and who said them: as plain text and as Markdown. */
import { PROTOCOLS } from '../protocols.ts';
import { clocks } from '../story/clocks.ts';
import type { Span } from '../story/span.ts';
import type { Beat, Line, Story } from '../story/story.ts';
import { plain, type Words } from '../story/words.ts';
import type { PublicWorld } from '../world/world.ts';
import { originOf, partOf, recordedOn, shownSpan, titleOf } from './facts.ts';
import { letterText } from './line-text.ts';
import { beatsWithLines, called, conversationOf, worldAfter } from './parties.ts';
import { printable, withArrows } from './terminal.ts';

const WIDTH = 78;

/** What is said at the head of every transcript: where it comes from, and which lines crossed. `off`: how those that did not are marked. */
export const provenance = (story: Story, span: Span, off: string): string => {
  const part = partOf(story, span);
  return `Recorded from real sockets on ${recordedOn(story.header)}${part === '' ? '' : `; ${part}`}. Every line crossed a TCP or UDP socket, but those ${off}: a server or the clock did that off the wire.`;
};

/** "12.4 ms on the wire, shown in 3.1 s (250× slower)" */
export function clocksOf(story: Story, beat: Beat): string {
  const both = clocks([beat], originOf(story, beat.run));
  return both === null ? '' : `${both.both}${both.ratio === '' ? '' : ` (${both.ratio})`}`;
}

/** "SMTP · fails · 12.4 ms on the wire, shown in 3.1 s" */
const markOf = (story: Story, beat: Beat): string =>
  [
    PROTOCOLS[beat.caption.protocol].name,
    ...(beat.name === 'queue.deferred' ? ['waits'] : beat.failed ? ['fails'] : []),
    clocksOf(story, beat),
  ].join(' · ');

/** "Alice’s mail client to Outgoing server (smtp.blue.example), port 587" */
function endsOf(world: PublicWorld, line: Line): string {
  const [client, server] = [called(world, line.client), called(world, line.server)];
  return `${client} to ${server}${server === line.server ? '' : ` (${line.server})`}, port ${line.port}`;
}

function wrapped(text: string, indent: string): readonly string[] {
  const rows: string[] = [];
  let row = '';
  for (const word of text.split(/\s+/)) {
    if (row !== '' && indent.length + row.length + 1 + word.length > WIDTH) {
      rows.push(`${indent}${row}`);
      row = '';
    }
    row = row === '' ? word : `${row} ${word}`;
  }
  return row === '' ? rows : [...rows, `${indent}${row}`];
}

const paragraphsOf = (text: Words): readonly Words[] => text.split(/\n[ \t]*\n/).filter(each => each.trim() !== '');

/** Lines as a terminal has them, a heading where another conversation begins, and letters in full. */
function conversation(world: PublicWorld, lines: readonly Line[]): readonly string[] {
  let open = '';
  return lines.flatMap(line => {
    const begins = line.from !== 'aside' && conversationOf(line) !== open;
    if (begins) open = conversationOf(line);
    const letter =
      line.role === 'content' && line.bytes.length > 0 ? printable(letterText(line).replaceAll('\r\n', '\n')) : '';
    return [
      ...(begins ? [printable(endsOf(world, line))] : []),
      ...withArrows(line),
      ...(letter === ''
        ? []
        : letter
            .replace(/\n$/, '')
            .split('\n')
            .map(row => `   | ${row}`)),
    ];
  });
}

/** For a terminal or a plain file; ends in a newline. */
export function transcriptText(story: Story, asked: Span | null = null): string {
  const span = shownSpan(story, asked);
  const beats = beatsWithLines(story, span).map(({ beat, lines }, at) => {
    const { title, body, references } = beat.caption;
    const said = conversation(worldAfter(story, beat), lines).map(row => `   ${row}`);
    return [
      `${at + 1}. ${printable(plain(title))}`,
      `   ${markOf(story, beat)}`,
      ...paragraphsOf(body).flatMap(each => ['', ...wrapped(printable(plain(each)), '   ')]),
      ...(references.length === 0 ? [] : ['', `   ${references.map(({ label }) => label).join(', ')}`]),
      ...(said.length === 0 ? [] : ['', ...said]),
    ].join('\n');
  });
  const head = [
    printable(titleOf(story, span)),
    '',
    ...wrapped(printable(provenance(story, span, 'marked “=”')), ''),
  ].join('\n');
  return `${[head, ...beats].join('\n\n')}\n`;
}

/** Everything that Markdown would take for markup, and HTML in it, is the character that it is. */
const literal = (text: string): string =>
  printable(text)
    .replace(/[\\`*_{}[\]<>#|~!&$]/g, '\\$&')
    .replace(/^(\s*)([-+]|\d+[.)])(?=\s)/gm, '$1\\$2');

/** `**bold**` stays bold; nothing else is markup. */
const inMarkdown = (text: Words): string =>
  text
    .split('**')
    .map((piece, index, { length }) =>
      index % 2 === 1 && index < length - 1 && piece !== '' ? `**${literal(piece)}**` : literal(piece),
    )
    .join('');

/** A fence that is longer than any in what it holds. */
function fenced(rows: readonly string[]): string {
  const text = rows.join('\n');
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}`;
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** CommonMark; ends in a newline. */
export function transcriptMarkdown(story: Story, asked: Span | null = null): string {
  const span = shownSpan(story, asked);
  const beats = beatsWithLines(story, span).map(({ beat, lines }, at) => {
    const { title, body, references } = beat.caption;
    const said = conversation(worldAfter(story, beat), lines);
    return [
      `## ${at + 1}. ${inMarkdown(oneLine(title))}`,
      `*${literal(markOf(story, beat))}*`,
      ...paragraphsOf(body).map(each => inMarkdown(oneLine(each))),
      ...(references.length === 0
        ? []
        : [references.map(({ label, url }) => `[${literal(label)}](<${url}>)`).join(', ')]),
      ...(said.length === 0 ? [] : [fenced(said)]),
    ].join('\n\n');
  });
  const head = `# ${literal(oneLine(titleOf(story, span)))}\n\n${literal(provenance(story, span, 'marked “=”'))}`;
  return `${[head, ...beats].join('\n\n')}\n`;
}
