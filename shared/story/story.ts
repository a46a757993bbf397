/** What a story is: the shapes that fold, beats and pace produce and that the client draws. */
import type { Protocol } from '../protocols.ts';
import type { Cause } from '../trace/cause.ts';
import type { ConnectionId, Side, WireTime } from '../trace/event.ts';
import type { TraceHeader } from '../trace/header.ts';
import type { HostId, PublicWorld } from '../world/world.ts';
import type { LetterNote } from './note.ts';
import type { ToldScript } from './script.ts';
import type { Reference, Words } from './words.ts';

/** Milliseconds of a viewer's time since the story began. Never mixed with `WireTime`; only pace turns one into the other. */
export type StoryTime = number & { readonly __brand: 'StoryTime' };
export const storyTime = (milliseconds: number): StoryTime => milliseconds as StoryTime;

/** Chapters of one journey, in the order a letter takes them. */
export type ChapterKind = 'press-send' | 'find-the-server' | 'hand-over' | 'deliver' | 'collect' | 'other';

export interface Caption {
  readonly protocol: Protocol;
  readonly title: Words;
  readonly body: Words;
  readonly references: readonly Reference[];
}

/** One step a person would count. Immutable; the last beat of a growing story is replaced by a longer one. */
export interface Beat {
  readonly index: number;
  /** Stable name of what happens, for links and anchors: "mx-question", "hand-over.accepted". Not unique in a story. */
  readonly name: string;
  readonly chapter: ChapterKind;
  readonly caption: Caption;
  readonly start: StoryTime;
  readonly end: StoryTime;
  /** The wire time it stands for. */
  readonly wireStart: WireTime;
  readonly wireEnd: WireTime;
  /** Steps [firstStep, lastStep] belong to it. */
  readonly firstStep: number;
  readonly lastStep: number;
  /** Which run it belongs to. */
  readonly run: number;
  readonly failed: boolean;
  /** Where a script tells it: `Story.scripts[script].script.parts[part]`. */
  readonly told: { readonly script: number; readonly part: number } | null;
}

/** `no` is a 5yz, an -ERR or an answer that there is none; `wait` is a 4yz. */
export type Outcome = 'ok' | 'no' | 'wait' | null;

/** What travels, and between whom. `letter`: the envelope itself. `postcard`: a DNS message. `line`: one command or reply. `dial`: a connection being opened or closed. */
export interface Motion {
  readonly kind: 'letter' | 'postcard' | 'line' | 'dial';
  readonly protocol: Protocol;
  readonly from: HostId;
  readonly to: HostId;
  /** At most two short lines: "EHLO alices-laptop", or ["MX ?", "green.example"]. */
  readonly label: readonly string[];
  /** A reply is drawn hollow, a request filled. */
  readonly reply: boolean;
  readonly verdict: Outcome;
  readonly letter: string | null;
}

export interface Cable {
  readonly from: HostId;
  readonly to: HostId;
  readonly protocol: Protocol;
}

/** The smallest piece of the story: at most one thing moves between `start` and `end`; `after` holds from `end` on. */
export interface Step {
  readonly index: number;
  readonly beat: number;
  readonly start: StoryTime;
  readonly end: StoryTime;
  readonly wireAt: WireTime;
  readonly seq: number;
  readonly motion: Motion | null;
  /** The cable in use: of the move, or of the one before it while nothing moves. */
  readonly cable: Cable | null;
  /** Hosts lit while this step is the current one. */
  readonly hosts: readonly HostId[];
  readonly after: State;
  /** Microseconds of world time that are skipped while it lasts: drawn as a clock whose hands turn. 0 where time goes as always. */
  readonly jump: number;
  /** How many conversation lines are visible once this step has begun. */
  readonly lines: number;
}

export type LetterPlace = 'written' | 'travelling' | 'queued' | 'mailbox' | 'inbox' | 'refused' | 'given-up';

export interface Postmark {
  readonly host: HostId;
  /** World time: wire time plus what the clock had been moved on by then, as its Received line says it. */
  readonly wireAt: WireTime;
}

export interface Letter {
  /** Keeps its identity along the way. */
  readonly id: string;
  readonly messageId: string;
  readonly reversePath: string;
  readonly recipients: readonly string[];
  readonly subject: string;
  readonly size: number;
  readonly at: HostId;
  readonly place: LetterPlace;
  readonly postmarks: readonly Postmark[];
  /** Who must deliver it or report failure now (RFC 5321 §6.1). */
  readonly responsible: HostId;
  /** What the person reads under it. */
  readonly note: LetterNote;
  readonly queueId: string | null;
  /** `retryAt` is world time. */
  readonly deferred: { readonly cause: Cause; readonly retryAt: WireTime } | null;
  /** A delivery status notification is a letter of its own; `about` is the letter that it reports on, null where that is not known. */
  readonly report: {
    readonly action: 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded';
    readonly about: string | null;
  } | null;
  /** The letter it was split or copied from: another domain's recipients, an alias, a member of a list. */
  readonly copyOf: string | null;
}

/** An entry of a host's queue. Times are world time: wire time plus `jumped`. */
export interface QueueEntry {
  readonly host: HostId;
  readonly queueId: string;
  readonly letter: string | null;
  readonly reversePath: string;
  /** Who is still waiting for it. */
  readonly recipients: readonly string[];
  readonly arrivedAt: WireTime;
  readonly attempts: number;
  /** Null while it is being tried. */
  readonly nextAt: WireTime | null;
  /** Why it is still here; null before that is known. */
  readonly cause: Cause | null;
  readonly status: string;
}

/** What a host's resolver remembers. `expiresAt` is world time. */
export interface CacheEntry {
  readonly host: HostId;
  readonly name: string;
  readonly type: string;
  readonly answers: readonly string[];
  readonly negative: boolean;
  readonly expiresAt: WireTime;
  /** How often it saved a question. */
  readonly hits: number;
}

export interface HostState {
  readonly queue: number;
  readonly mailbox: number;
  readonly inbox: number;
  readonly locked: boolean;
}

export interface OpenConnection {
  readonly id: ConnectionId;
  readonly protocol: Protocol;
  readonly client: HostId;
  readonly server: HostId;
  readonly port: number;
}

/** One letter in a mail client's inbox: `raw` are its bytes as RETR gave them, dots unstuffed. */
export interface InboxEntry {
  readonly host: HostId;
  readonly letter: string;
  readonly raw: Uint8Array;
  /** Octets in its middle that were not recorded. */
  readonly omitted: number;
  readonly wireAt: WireTime;
  readonly shownAt: StoryTime;
}

/** The folded state of the world. Structurally shared between steps; bounded, so a long trace stays light. */
export interface State {
  readonly letters: readonly Letter[];
  readonly hosts: Readonly<Record<HostId, HostState>>;
  readonly connections: readonly OpenConnection[];
  /** The letter the story is about now. */
  readonly focus: string | null;
  /** The world as it is now: edited, and with the faults that are in force. */
  readonly world: PublicWorld;
  /** Microseconds by which world time has been moved on so far. */
  readonly jumped: number;
  readonly queue: readonly QueueEntry[];
  readonly cache: readonly CacheEntry[];
}

/** One entry of the conversation: a command, a reply, a message, a datagram or something a server did off the wire. */
export interface Line {
  readonly index: number;
  readonly step: number;
  readonly beat: number;
  readonly shownAt: StoryTime;
  readonly wireAt: WireTime;
  readonly seq: number;
  /** The connection or exchange it crossed; '' for what happened off the wire. */
  readonly connection: ConnectionId;
  readonly protocol: Protocol;
  readonly from: Side | 'aside';
  readonly client: HostId;
  readonly server: HostId;
  readonly port: number;
  /** As sent, without the last CRLF; several lines of one reply joined by LF. A message's content is summed up: "✉ 612 bytes · Subject: Lunch?". */
  readonly text: string;
  /** The very bytes, terminators and dot-stuffing included. Empty for asides. */
  readonly bytes: Uint8Array;
  /** Octets at its beginning that frame it and are not of it: 2 for DNS over TCP, its length (RFC 1035 §4.2.2). */
  readonly framing: number;
  /** Octets of it that crossed and were not recorded, because the connection had become too big. */
  readonly omitted: number;
  readonly role: 'command' | 'reply' | 'content' | 'question' | 'answer' | 'aside';
  readonly verdict: Outcome;
  readonly letter: string | null;
}

export interface Chapter {
  readonly kind: ChapterKind;
  readonly title: string;
  readonly run: number;
  readonly start: StoryTime;
  readonly end: StoryTime;
}

/** One journey: from pressing Send (or from an outside client's call) to the next one. */
export interface Run {
  readonly index: number;
  readonly title: string;
  readonly start: StoryTime;
  readonly end: StoryTime;
  readonly firstBeat: number;
  readonly lastBeat: number;
}

/** Everything a viewer needs, as a value that never changes. The story of a longer trace is another one; what was there for t is the same in both. */
export interface Story {
  readonly header: TraceHeader;
  readonly beats: readonly Beat[];
  readonly steps: readonly Step[];
  readonly lines: readonly Line[];
  readonly chapters: readonly Chapter[];
  readonly runs: readonly Run[];
  readonly inbox: readonly InboxEntry[];
  /** The scripts by which parts of it are told, in the order they began. */
  readonly scripts: readonly ToldScript[];
  readonly start: State;
  readonly end: StoryTime;
  /** The last seq folded in. */
  readonly seq: number;
}

/** The picture at one moment: a pure function of story and t. */
export interface Scene {
  readonly at: StoryTime;
  readonly wireAt: WireTime;
  readonly beat: Beat | null;
  readonly step: Step | null;
  readonly run: Run | null;
  /** "Step 5 of 14" within the run; both 0 before the first beat. */
  readonly stepNumber: number;
  readonly stepCount: number;
  readonly chapter: ChapterKind | null;
  readonly caption: Caption | null;
  readonly state: State;
  /** What flies now, or null while nothing does. `progress` runs 0..1. */
  readonly motion: (Motion & { readonly start: StoryTime; readonly end: StoryTime; readonly progress: number }) | null;
  readonly lit: readonly HostId[];
  readonly litCable: Cable | null;
  readonly lineCount: number;
  /** Index of the marked line, or -1. */
  readonly currentLine: number;
  readonly inboxCount: number;
}
