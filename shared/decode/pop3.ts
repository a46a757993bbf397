/** Reads one POP3 connection from its recorded octets: commands, replies and messages (RFC 1939). */
import { Fifo } from '../fifo.ts';
import type { Side } from '../trace/event.ts';
import { DotBlock, Inflow, unstuffed } from './framing.ts';
import { lineText } from './smtp.ts';

export type Pop3Unit =
  | { readonly kind: 'command'; readonly verb: string; readonly argument: string; readonly bytes: Uint8Array }
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
  | { readonly kind: 'fragment'; readonly from: Side; readonly bytes: Uint8Array };

interface Asked {
  readonly verb: string;
  readonly argument: string;
}

/** RFC 1939 §5, §7 and RFC 2449 §5: which +OK is followed by more lines. */
const isMultiLine = (asked: Asked): boolean =>
  asked.verb === 'RETR' ||
  asked.verb === 'TOP' ||
  asked.verb === 'CAPA' ||
  ((asked.verb === 'LIST' || asked.verb === 'UIDL' || asked.verb === 'AUTH') && asked.argument === '');

/** Holds what one connection has said so far. Pure: same octets in the same order, same units. */
export class Pop3Conversation {
  private readonly client = new Inflow();
  private server = new Inflow();
  private readonly expecting = new Fifo<Asked>({ verb: '', argument: '' });
  private block: { readonly asked: Asked; readonly first: Uint8Array; readonly content: DotBlock } | null = null;
  private challenged = false;

  push(side: Side, bytes: Uint8Array, omitted = 0): Pop3Unit[] {
    if (side === 'client') return this.readCommands(bytes);
    const units = this.readReplies(bytes);
    if (omitted > 0) this.block?.content.skip(omitted);
    return units;
  }

  end(): Pop3Unit[] {
    const units: Pop3Unit[] = [];
    if (this.block) units.push({ kind: 'fragment', from: 'server', bytes: this.block.content.wire() });
    if (this.client.length > 0) units.push({ kind: 'fragment', from: 'client', bytes: this.client.takeAll() });
    if (this.server.length > 0) units.push({ kind: 'fragment', from: 'server', bytes: this.server.takeAll() });
    this.block = null;
    return units;
  }

  private readCommands(bytes: Uint8Array): Pop3Unit[] {
    const units: Pop3Unit[] = [];
    this.client.push(bytes);
    for (let line = this.client.takeLine(); line !== null; line = this.client.takeLine()) {
      if (this.challenged) {
        this.challenged = false;
        this.expecting.push({ verb: 'AUTH', argument: '+' });
        units.push({ kind: 'response', bytes: line });
        continue;
      }
      const [, verb = '', argument = ''] = /^(\S*)\s?(.*)$/s.exec(lineText(line)) ?? [];
      this.expecting.push({ verb: verb.toUpperCase(), argument: argument.trim() });
      units.push({ kind: 'command', verb: verb.toUpperCase(), argument, bytes: line });
    }
    return units;
  }

  private readReplies(bytes: Uint8Array): Pop3Unit[] {
    const units: Pop3Unit[] = [];
    let rest: Uint8Array = bytes;
    for (;;) {
      if (this.block) {
        const { asked, first, content } = this.block;
        const { rest: after } = content.push(rest);
        if (after === null) return units;
        this.block = null;
        rest = after;
        const wire = content.wire();
        const plain = unstuffed(wire);
        if (asked.verb === 'RETR' || asked.verb === 'TOP') {
          units.push({ kind: 'message', to: asked.verb, bytes: wire, message: plain, omitted: content.omitted });
        } else {
          const listing = lineText(plain).split('\r\n');
          const whole = new Uint8Array(first.length + wire.length);
          whole.set(first);
          whole.set(wire, first.length);
          units.push({ kind: 'reply', ok: true, to: asked.verb, text: lineText(first), listing, bytes: whole });
        }
      }
      this.server.push(rest);
      rest = new Uint8Array(0);
      const line = this.server.takeLine();
      if (line === null) return units;
      const text = lineText(line);
      if (/^\+( |$)/.test(text)) {
        this.expecting.shift();
        this.challenged = true;
        units.push({ kind: 'reply', ok: true, to: 'AUTH', text, listing: [], bytes: line });
        continue;
      }
      const asked = this.expecting.shift() ?? { verb: '', argument: '' };
      const ok = text.startsWith('+OK');
      if (ok && isMultiLine(asked)) {
        if (asked.verb === 'RETR' || asked.verb === 'TOP') {
          units.push({ kind: 'reply', ok, to: asked.verb, text, listing: [], bytes: line });
        }
        this.block = { asked, first: line, content: new DotBlock() };
        rest = this.server.takeAll();
      } else {
        units.push({ kind: 'reply', ok, to: asked.verb, text, listing: [], bytes: line });
      }
    }
  }
}
