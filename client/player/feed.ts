/** Brings what a source tells into the store: makes the story, and decides where a viewer who just came stands in it. */

import { standingAfter, troubleSentence } from '../../shared/explain/troubles.ts';
import { createStoryteller, type Storyteller } from '../../shared/story/storyteller.ts';
import { unreadSentence } from '../../shared/trace/codec.ts';
import type { TraceEvent } from '../../shared/trace/event.ts';
import type { TraceHeader } from '../../shared/trace/header.ts';
import type { Sink } from '../source/source.ts';
import { forgetMoment, momentInHash } from '../url.ts';
import { grow, open, openAtStart } from './opening.ts';
import { type Place, savedPlace } from './place.ts';
import { notify, player, setHolding, setSource, setSpeed, setTroubles } from './store.ts';

const playsByItself = (): boolean => !player.getState().reducedMotion;

/** What a live source tells of: one's own world, or a room where a story of this name is performed. */
export interface Performance {
  readonly room: string | null;
  readonly story: string | null;
}

/**
 * A sink for a live source. History lands the viewer where they were; else at its end, or, where a story is told, at its start,
 * from which it plays. What comes after grows the story.
 */
export function liveFeed({ room, story: told }: Performance): Sink {
  let teller: Storyteller | null = null;
  let history = 0;
  let name = '';
  let returning: Place | null = null;
  let landed = false;
  let over = false;

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
  const isThere = ({ story }: Storyteller): boolean =>
    told === null || over || (story.end > 0 && story.end >= (momentInHash() ?? 0));

  return {
    begin(trace: string, header: TraceHeader, last: number): void {
      teller = createStoryteller(header);
      name = trace;
      history = last;
      returning = savedPlace();
      landed = false;
      over = false;
      setTroubles([]);
      if (last === 0 && told === null) land(teller);
    },
    events(events: readonly TraceEvent[]): void {
      if (teller === null || events.length === 0) return;
      // Why a story broke off: whoever performs it has nothing else to say.
      if (told !== null) for (const event of events) if (event.kind === 'marker') notify(event.label);
      for (const event of events) if (event.kind === 'room.trouble') hear(event, event.seq > history);
      const past = landed ? [] : told === null ? events.filter(event => event.seq <= history) : events;
      if (past.length > 0) {
        teller.append(past);
        over ||= past.some(event => event.kind === 'story.ended');
        if (teller.story.seq >= history && isThere(teller)) land(teller);
      }
      const present = events.slice(past.length);
      if (present.length > 0) grow(teller.append(present));
    },
    unread(count): void {
      notify(unreadSentence('this world', count));
    },
    status(status, why): void {
      setSource({ kind: 'live', status, room, story: told, ...(why !== undefined && { why }) });
      // What is known of a story whose server has gone is shown, whether or not it is all that was waited for.
      if ((status === 'away' || status === 'ended') && teller !== null && !landed) land(teller);
    },
    holding: setHolding,
  };
}

/**
 * Shows a whole recording from its start; it plays unless the address names a moment or the viewer wants little motion.
 * `returning`: from where this tab was in it before a reload. `told`: the name of the story that it is one of, or null.
 */
export function openRecording(
  name: string,
  header: TraceHeader,
  events: readonly TraceEvent[],
  returning: boolean,
  told: string | null,
): void {
  const teller = createStoryteller(header);
  teller.append(events);
  const story = teller.finish();
  const moment = momentInHash();
  const trace = `${header.createdAt} ${name}`;
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
