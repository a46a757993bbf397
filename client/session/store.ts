/** What the page knows: the story, where the viewer is in it, and what they look at. No React, no frames, no network, no storage in here. */
import { createStore } from 'zustand/vanilla';
import type { Trouble } from '../../shared/explain/troubles.ts';
import type { ToldScript } from '../../shared/story/script.ts';
import type { Scene, Story, StoryTime } from '../../shared/story/story.ts';
import type { HostId } from '../../shared/world/world.ts';
import type { Draft, Theme } from '../player/place.ts';
import type { Answers, Asked } from '../player/questions.ts';
import { AT_REST, type Playback } from '../player/transport.ts';
import type { Holding } from '../source/source.ts';
import type { Inspect } from '../stage/plan/inspect.ts';

/**
 * Where the trace comes from, and the name of the story it tells, or null. `room`: the one where a story is performed, null is
 * one's own world. `away`: the server does not answer; `ended`: that room is no more. What is seen is kept either way.
 */
export type SourceState =
  | {
      readonly kind: 'live';
      readonly status: 'connecting' | 'live' | 'away' | 'ended';
      readonly room: string | null;
      readonly story: string | null;
      /** Why it is away, where more is known than that. */
      readonly why?: string;
    }
  | { readonly kind: 'recorded'; readonly name: string; readonly story: string | null };

export type PanelTab = 'story' | 'conversation' | 'message' | 'dns' | 'queue' | 'inbox' | 'transcript';
/** What the DNS panel shows: what was asked, the zones that answer, or what the resolvers remember. */
export type DnsView = 'questions' | 'zones' | 'cache';
export type OpenDialog =
  | { readonly kind: 'compose'; readonly draft: Partial<Draft> | null }
  | { readonly kind: 'connect' }
  | { readonly kind: 'world' }
  | { readonly kind: 'stranger'; readonly server: HostId | null }
  | { readonly kind: 'help' }
  /** What is shown, for somebody else: a link, a figure for an article, files. */
  | { readonly kind: 'share' }
  /** A picture or a film of beats [first, last]; `link` is where a still leads. */
  | { readonly kind: 'film'; readonly first: number; readonly last: number; readonly link: string | null }
  /** The source of a story, to be changed and run: one that this page has been told. */
  | { readonly kind: 'yours'; readonly script: ToldScript };

/** What the viewer asked the servers for and has not seen begin: play from there as soon as the story has it. */
type Awaiting = { readonly run: number } | { readonly after: StoryTime };

/** Every field is a value that never changes: whoever keeps one keeps what was so then. */
export interface Player extends Playback {
  readonly story: Story | null;
  readonly scene: Scene | null;
  readonly awaiting: Awaiting | null;
  /** It plays because something began while the viewer waited for it, and they have moved nowhere since. */
  readonly follows: boolean;
  /** The page had fallen far behind and jumped to the newest: from where, how many beats it left out, and when it did so last (milliseconds of its own clock). */
  readonly jumped: { readonly from: StoryTime; readonly beats: number; readonly at: number } | null;
  /** The question that stands in the caption's place; while there is one, nothing plays. */
  readonly asked: Asked | null;
  /** What the viewer said to the questions of this trace. */
  readonly answers: Answers;
  /** Where the next question stands: the clock goes no further before it is asked. Null where none is ahead. */
  readonly gate: StoryTime | null;
  /** The last beat that the viewer has seen of this trace, or -1. */
  readonly reached: number;
  /** A told story's notes are open under its captions. */
  readonly notes: boolean;
  readonly source: SourceState;
  /** Null while that is not known: no live world, or its server is away. */
  readonly holding: Holding | null;
  /** The name of the trace, for coming back to the same place. */
  readonly trace: string | null;
  readonly reducedMotion: boolean;
  readonly theme: Theme;
  readonly letterKeys: boolean;
  readonly tab: PanelTab;
  readonly dnsView: DnsView;
  readonly inspect: Inspect | null;
  readonly dialog: OpenDialog | null;
  /** The gallery of stories stands in place of the page. */
  readonly gallery: boolean;
  /** The story is shown to a room, beat by beat, and the page around it is gone. */
  readonly presenting: boolean;
  /** A sentence to the viewer about something that did not work. */
  readonly notice: string | null;
  /** What the room of a live world could not do and cannot do yet. */
  readonly troubles: readonly Trouble[];
  /** Whose inbox is open: an address. */
  readonly reader: string | null;
}

export const initial: Player = {
  ...AT_REST,
  story: null,
  scene: null,
  awaiting: null,
  follows: false,
  jumped: null,
  asked: null,
  answers: {},
  gate: null,
  reached: -1,
  notes: false,
  source: { kind: 'live', status: 'connecting', room: null, story: null },
  holding: null,
  trace: null,
  reducedMotion: false,
  theme: 'light',
  letterKeys: true,
  tab: 'conversation',
  dnsView: 'questions',
  inspect: null,
  dialog: null,
  gallery: false,
  presenting: false,
  notice: null,
  troubles: [],
  reader: null,
};

export const player = createStore<Player>(() => initial);
