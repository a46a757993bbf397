/** Reads one POP3 connection from its recorded octets: commands, replies and messages (RFC 1939). */
import { joined } from '../bytes.ts';
import { DIALOGUES } from '../protocols.ts';
import type { Side } from '../trace/event.ts';
import { assertNever } from '../world/world.ts';
import { type CommandUnit, commandUnit, type FragmentUnit, Gathering, lineText, unstuffed } from './framing.ts';
import { Passing } from './passing.ts';
import type { ReplySpan, Span } from './span.ts';

export type Pop3Unit =
  | CommandUnit
  | { readonly kind: 'response'; readonly bytes: Uint8Array }
  /** `to` is the verb it answers, "" for the greeting. `listing`: the lines of a multi-line reply, dots unstuffed. */
  | {
      readonly kind: 'reply';
      readonly ok: boolean;
      readonly to: string;
      readonly text: string;
      readonly listing: readonly string[];
      readonly bytes: Uint8Array;
    }
  /** The message of RETR or TOP: `bytes` as they crossed, `message` with the dots unstuffed. */
  | {
      readonly kind: 'message';
      readonly to: string;
      readonly bytes: Uint8Array;
      readonly message: Uint8Array;
      readonly omitted: number;
    }
  | FragmentUnit;

/** Holds what one connection has said so far. Pure: same octets in the same order, same units. */
export class Pop3Conversation {
  private readonly passing = new Passing(DIALOGUES.pop3);
  private readonly line = new Gathering();
  private readonly replyLine = new Gathering();
  private readonly content = new Gathering();
  private omitted = 0;
  /** What the content that is coming answers, and, of a listing, its first line. */
  private opened: { readonly to: string; readonly first: Uint8Array | null } = { to: '', first: null };

  push(side: Side, bytes: Uint8Array, omitted = 0): Pop3Unit[] {
    const units: Pop3Unit[] = [];
    for (const span of this.passing[side](bytes)) this.read(side, span, bytes.subarray(span.from, span.to), units);
    if (omitted > 0) this.omitted += this.passing.skip(side, omitted).content;
    return units;
  }

  end(): Pop3Unit[] {
    const left = (from: Side, gathering: Gathering): Pop3Unit[] =>
      gathering.length > 0 ? [{ kind: 'fragment', from, bytes: gathering.take() }] : [];
    return [...left('server', this.content), ...left('client', this.line), ...left('server', this.replyLine)];
  }

  private read(side: Side, span: Span, bytes: Uint8Array, units: Pop3Unit[]): void {
    switch (span.kind) {
      case 'verb':
      case 'argument':
      case 'secret':
        this.line.add(bytes);
        if (span.ends) this.readLine(span.role === 'response', units);
        else units.push(...this.line.takeFragments('client'));
        return;
      case 'reply':
        this.replyLine.add(bytes);
        if (span.ends) this.readReply(span, units);
        else units.push(...this.replyLine.takeFragments('server'));
        return;
      case 'content':
      case 'undecided':
        this.content.add(bytes);
        return;
      case 'end':
        this.content.add(bytes);
        this.readContent(units);
        return;
      case 'opaque':
        units.push({ kind: 'fragment', from: side, bytes });
        return;
      default:
        assertNever(span);
    }
  }

  private readLine(isResponse: boolean, units: Pop3Unit[]): void {
    const bytes = this.line.take();
    if (isResponse) {
      units.push({ kind: 'response', bytes });
      return;
    }
    units.push(commandUnit(bytes));
  }

  private readReply({ answers, challenge, opens }: ReplySpan, units: Pop3Unit[]): void {
    const bytes = this.replyLine.take();
    const text = lineText(bytes);
    const to = answers?.verb ?? '';
    if (opens !== null) this.opened = { to, first: opens === 'listing' ? bytes : null };
    if (opens === 'listing') return;
    const ok = challenge || text.startsWith('+OK');
    units.push({ kind: 'reply', ok, to: challenge ? 'AUTH' : to, text, listing: [], bytes });
  }

  private readContent(units: Pop3Unit[]): void {
    const { to, first } = this.opened;
    const bytes = this.content.take();
    const message = unstuffed(bytes);
    if (first === null) units.push({ kind: 'message', to, bytes, message, omitted: this.omitted });
    else {
      const listing = lineText(message).split('\r\n');
      units.push({ kind: 'reply', ok: true, to, text: lineText(first), listing, bytes: joined([first, bytes]) });
    }
    this.omitted = 0;
  }
}
