/** A letter at each hop, as the very octets that crossed there: so that what each server added can be compared. */
import { latin1 } from '../bytes.ts';
import { unstuffed } from '../decode/framing.ts';
import { parseHeader } from '../decode/message.ts';
import type { Span } from '../story/span.ts';
import type { Line, Story } from '../story/story.ts';
import type { HostId, PublicWorld } from '../world/world.ts';
import { shownSpan } from './facts.ts';
import { beatsWithLines, called, worldAfter } from './parties.ts';

export interface Eml {
  /** "1-from-alice-to-smtp.blue.example.eml" */
  readonly name: string;
  /** Header and body as they crossed, dots unstuffed (RFC 5321 §4.5.2), CRLF at the end of each line. */
  readonly bytes: Uint8Array;
  /** "Alice’s mail client → Outgoing server" */
  readonly way: string;
  /** Names of the header fields that it did not have when it crossed before, in their order: "Received". */
  readonly added: readonly string[];
  /** Octets in its middle that were not recorded. */
  readonly omitted: number;
}

/** In a file's name on any system: what is not letter, digit, dot or hyphen is a hyphen, and no name begins with a dot. */
const inFileName = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 64) || 'somebody';

/** A person at their own mail client, else the host. */
function nameOf(world: PublicWorld, host: HostId): string {
  const person = world.users.find(user => user.client === host);
  return inFileName(person === undefined ? host : (person.address.split('@')[0] ?? host));
}

/** The message in a line of content, or null where it is none, or not all of it crossed. `verb`: the command that it follows. */
function messageIn(line: Line, verb: string): Uint8Array | null {
  if (line.role !== 'content' || line.bytes.length === 0) return null;
  // Chunks are counted, not ended by a dot, and nothing in them is stuffed (RFC 3030 §2).
  if (verb === 'BDAT') return line.bytes;
  // TOP is not the letter.
  if (line.protocol === 'pop3' && line.letter === null) return null;
  const ends = latin1(line.bytes.subarray(-5));
  return ends === '\r\n.\r\n' || ends === '.\r\n' ? unstuffed(line.bytes) : null;
}

/** The fields of a header, each as it stands. */
const fieldsOf = (message: Uint8Array): readonly { readonly name: string; readonly raw: string }[] =>
  parseHeader(message).fields.map(({ name, range }) => ({ name, raw: latin1(message.subarray(range.from, range.to)) }));

function addedTo(message: Uint8Array, before: Uint8Array | undefined): readonly string[] {
  if (before === undefined) return [];
  const had = new Set(fieldsOf(before).map(({ raw }) => raw));
  return fieldsOf(message)
    .filter(({ raw }) => !had.has(raw))
    .map(({ name }) => name);
}

/** Every letter of the span, each time it crossed, in that order. None where the story does not hold what crossed: a told run. */
export function emlsOf(story: Story, asked: Span | null = null): readonly Eml[] {
  const span = shownSpan(story, asked);
  /** The last command of each connection. */
  const verbs = new Map<string, string>();
  const before = new Map<string, Uint8Array>();
  const found: Eml[] = [];
  for (const { beat, lines } of beatsWithLines(story, { ...span, first: 0 })) {
    for (const line of lines) {
      if (line.role === 'command') verbs.set(line.connection, /^\S*/.exec(line.text)?.[0].toUpperCase() ?? '');
      const message = messageIn(line, verbs.get(line.connection) ?? '');
      if (message === null) continue;
      const world = worldAfter(story, beat);
      const [from, to] = line.from === 'client' ? [line.client, line.server] : [line.server, line.client];
      const letter = originalOf(story, line) ?? '';
      const added = addedTo(message, before.get(letter));
      if (letter !== '') before.set(letter, message);
      if (beat.index < span.first) continue;
      found.push({
        name: `${found.length + 1}-from-${nameOf(world, from)}-to-${nameOf(world, to)}.eml`,
        bytes: message,
        way: `${called(world, from)} → ${called(world, to)}`,
        added,
        omitted: line.omitted,
      });
    }
  }
  return found;
}

/** A copy is compared with what it was copied from. */
function originalOf(story: Story, line: Line): string | null {
  if (line.letter === null) return null;
  const letters = story.steps[line.step]?.after.letters ?? [];
  let id = line.letter;
  for (let hops = 0; hops < 8; hops += 1) {
    const copyOf = letters.find(letter => letter.id === id)?.copyOf ?? null;
    if (copyOf === null) break;
    id = copyOf;
  }
  return id;
}
