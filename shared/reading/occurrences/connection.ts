/** What every reader of one connection needs: its two ends, and the shapes of what they say. */
import type { Protocol } from '../../protocols.ts';
import type { Motion, Outcome } from '../../story/story.ts';
import type { ConnectionId, Endpoint, Side, TraceEvent, WireTime } from '../../trace/event.ts';
import type { HostId, PublicWorld } from '../../world/world.ts';
import { type Change, counted } from './fold.ts';
import { type BeatOf, type LineOf, type Occurrence, occurrence } from './occurrence.ts';
import type { Telling } from './telling.ts';

export class Connection {
  readonly id: ConnectionId;
  readonly protocol: Protocol;
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly telling: Telling;

  constructor(id: ConnectionId, protocol: Protocol, from: Endpoint, to: Endpoint, telling: Telling) {
    this.id = id;
    this.protocol = protocol;
    this.from = from;
    this.to = to;
    this.telling = telling;
  }

  get world(): PublicWorld {
    return this.telling.world;
  }

  get hosts(): readonly HostId[] {
    return [this.from.host, this.to.host];
  }

  /** True when neither end is ours to have pressed Send. */
  get fromVisitor(): boolean {
    return this.world.hosts.find(host => host.id === this.from.host)?.kind === 'visitor';
  }

  occurs(
    event: { readonly seq: number; readonly at: WireTime },
    beat: BeatOf,
    given: Partial<Occurrence> = {},
  ): Occurrence {
    return occurrence({ thread: this.id, beat, wireAt: event.at, seq: event.seq }, { stays: true, ...given });
  }

  quietly(event: TraceEvent, beat: BeatOf, given: Partial<Occurrence> = {}): Occurrence {
    return this.occurs(event, beat, { quiet: true, ...given });
  }

  line(
    said: Pick<LineOf, 'text' | 'bytes' | 'role' | 'verdict' | 'letter'> & {
      readonly from: Side | 'aside';
      readonly omitted?: number;
      readonly framing?: number;
    },
  ): LineOf {
    return {
      omitted: 0,
      framing: 0,
      ...said,
      connection: this.id,
      protocol: this.protocol,
      client: this.from.host,
      server: this.to.host,
      port: this.to.port,
    };
  }

  aside(text: string, letter: string | null, verdict: Outcome = null): LineOf {
    return this.line({ text, bytes: new Uint8Array(0), from: 'aside', role: 'aside', verdict, letter });
  }

  says(label: readonly string[], letter: string | null): Motion {
    return {
      kind: 'line',
      protocol: this.protocol,
      from: this.from.host,
      to: this.to.host,
      label,
      reply: false,
      verdict: null,
      letter,
    };
  }

  answers(label: readonly string[], verdict: Outcome, letter: string | null): Motion {
    return {
      kind: 'line',
      protocol: this.protocol,
      from: this.to.host,
      to: this.from.host,
      label,
      reply: true,
      verdict,
      letter,
    };
  }

  counts(host: HostId, what: 'queue' | 'mailbox' | 'inbox', by: number): Change {
    return counted(host, what, by);
  }
}
