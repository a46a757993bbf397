/** Brings what a source tells into the store: makes the story, and decides where a viewer who just came stands in it. */

import { standingAfter, troubleSentence } from '../../shared/explain/troubles.ts';
import { createStoryteller, type Storyteller } from '../../shared/reading/storyteller.ts';
import type { Story } from '../../shared/story/story.ts';
import { unreadSentence } from '../../shared/trace/codec.ts';
import type { TraceEvent } from '../../shared/trace/event.ts';
import type { TraceHeader } from '../../shared/trace/header.ts';
import { type Place, savedPlace } from '../player/place.ts';
import { SLICE, soon } from '../source/slices.ts';
import type { Sink } from '../source/source.ts';
import { forgetMoment, momentInHash } from '../url.ts';
import { hearWorld } from './keeper.ts';
import { grow, open, openAtStart } from './opening.ts';
import { isRushing } from './rush.ts';
import { player } from './store.ts';
import { setSpeed } from './travel.ts';
import { notify, setHolding, setSource, setTroubles } from './view.ts';

const playsByItself = (): boolean => !player.getState().reducedMotion;

/** What a live source tells of: one's own world, or a room where a story of this name is performed. */
export interface Performance {
  readonly room: string | null;
  readonly story: string | null;
}

/** Counts what has been shown: a feed with slices yet to do, in whose place something else is shown, stops. */
let feeds = 0;

/** Events that are told without looking at the clock. */
const AT_ONCE = 32;
/** Milliseconds between two pictures of a story that grows faster than it can be told. */
const GROWS_EVERY = 200;

/** What has come and has not been told yet. */
class Backlog {
  private batches: (readonly TraceEvent[])[] = [];
  /** So much of the first batch has been told. */
  private told = 0;

  get isEmpty(): boolean {
    return this.batches.length === 0;
  }

  add(events: readonly TraceEvent[]): void {
    if (events.length > 0) this.batches.push(events);
  }

  next(): readonly TraceEvent[] {
    const [first = []] = this.batches;
    const events = first.slice(this.told, this.told + AT_ONCE);
    this.told += events.length;
    if (this.told >= first.length) {
      this.batches.shift();
      this.told = 0;
    }
    return events;
  }

  clear(): void {
    this.batches = [];
    this.told = 0;
  }
}

/**
 * A sink for a live source. History lands the viewer where they were; else at its end, or, where a story is told, at its start,
 * from which it plays. What comes after grows the story.
 */
export function liveFeed({ room, story: told }: Performance): Sink {
  feeds += 1;
  const mine = feeds;
  const backlog = new Backlog();
  let teller: Storyteller | null = null;
  let history = 0;
  let name = '';
  let returning: Place | null = null;
  let landed = false;
  let over = false;
  /** Nothing more will come, for now or for ever. */
  let gone = false;
  /** The seq up to which the page has been shown it. */
  let shown = 0;
  let grownAt = 0;
  let working = false;
  let later: ReturnType<typeof setTimeout> | null = null;

  /** A trouble stands on the page until it is over; that it is over is said once, to whoever is there. */
  const hear = (trouble: TraceEvent & { readonly kind: 'room.trouble' }, isNow: boolean): void => {
    const standing = standingAfter(player.getState().troubles, trouble);
    setTroubles(standing);
    if (isNow && !standing.includes(trouble)) notify(troubleSentence(trouble));
  };

  const land = (storyteller: Storyteller): void => {
    const { story } = storyteller;
    const moment = momentInHash();
    const place = returning?.trace === name ? returning : null;
    landed = true;
    shown = story.seq;
    if (moment !== null) open(story, name, moment, false, true);
    else if (place !== null && told !== null)
      open(story, name, place.t, (place.playing || place.atEnd) && playsByItself());
    else if (place !== null && !place.atEnd) open(story, name, place.t, place.playing && playsByItself());
    else if (told !== null) openAtStart(story, name);
    else open(story, name, story.end, false);
    if (place !== null) setSpeed(place.speed);
    returning = null;
  };

  /** A told story is first shown once there is something to see of it: its first step, or the moment that the address names. */
  const isThere = ({ seq, end }: Storyteller): boolean =>
    seq >= history && (over || (end > 0 && end >= (momentInHash() ?? 0)));

  const tell = (storyteller: Storyteller, events: readonly TraceEvent[]): void => {
    // Why a story broke off: whoever performs it has nothing else to say.
    if (told !== null) for (const event of events) if (event.kind === 'marker') notify(event.label);
    for (const event of events) if (event.kind === 'room.trouble') hear(event, event.seq > history);
    over ||= events.some(event => event.kind === 'story.ended');
    const past = landed || told !== null ? events : events.filter(event => event.seq <= history);
    storyteller.add(past);
    if (past.length === events.length && (landed || told !== null || storyteller.seq < history)) return;
    // Whoever looks at their own world lands where history ends, before anything of now is told.
    if (!landed) land(storyteller);
    storyteller.add(events.slice(past.length));
  };

  /** One slice of what has come; the next one once the page has been let in. */
  const work = (): void => {
    working = false;
    if (later !== null) clearTimeout(later);
    later = null;
    if (mine !== feeds || teller === null) return;
    const began = performance.now();
    for (let next = backlog.next(); next.length > 0; next = backlog.next()) {
      tell(teller, next);
      if (performance.now() - began >= SLICE) break;
    }
    const waits = !backlog.isEmpty;
    if (!landed) {
      // What is known of a story whose server has gone is shown, whether or not it is all that was waited for.
      if ((told !== null && isThere(teller)) || (gone && !waits)) land(teller);
    } else if (teller.seq !== shown) {
      const early = waits || isRushing() ? grownAt + GROWS_EVERY - began : 0;
      if (early <= 0) {
        grownAt = began;
        shown = teller.seq;
        grow(teller.story);
      } else if (!waits) later ??= setTimeout(work, early);
    }
    if (!waits) return;
    working = true;
    soon(work);
  };

  return {
    begin(trace: string, header: TraceHeader, last: number): void {
      backlog.clear();
      teller = createStoryteller(header);
      name = trace;
      history = last;
      returning = savedPlace();
      landed = false;
      over = false;
      gone = false;
      shown = 0;
      setTroubles([]);
      if (last === 0 && told === null) land(teller);
    },
    events(events: readonly TraceEvent[]): void {
      backlog.add(events);
      if (!working) work();
    },
    unread(count): void {
      notify(unreadSentence('this world', { unread: count }));
    },
    status(status, why): void {
      setSource({ kind: 'live', status, room, story: told, ...(why !== undefined && { why }) });
      gone = status === 'away' || status === 'ended';
      if (gone && !working) work();
    },
    holding: setHolding,
    world: hearWorld,
  };
}

/**
 * Shows a whole recording from its start; it plays unless the address names a moment or the viewer wants little motion.
 * `returning`: from where this tab was in it before a reload. `told`: the name of the story that it is one of, or null.
 */
export function openRecording(name: string, story: Story, returning: boolean, told: string | null): void {
  feeds += 1;
  const moment = momentInHash();
  const trace = `${story.header.createdAt} ${name}`;
  const place = returning ? savedPlace() : null;
  setSource({ kind: 'recorded', name, story: told });
  setTroubles([]);
  if (moment !== null) open(story, trace, moment, false, true);
  else if (place?.trace === trace) open(story, trace, place.t, place.playing && playsByItself());
  else open(story, trace, 0, playsByItself());
}

/** Forgets the moment named in the address as soon as the viewer has gone on to another one. */
export function forgetMomentOnceLeft(): () => void {
  return player.subscribe((state, before) => {
    const moved = state.clock !== before.clock && state.story === before.story;
    if (moved && Math.abs(state.clock.at - (momentInHash() ?? state.clock.at)) > 1) forgetMoment();
    else if (moved && state.playing) forgetMoment();
  });
}
