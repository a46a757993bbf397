/** Brings what a source tells into the store: makes the story, and decides where a viewer who just came stands in it. */
import { createStoryteller, type Storyteller } from '../../shared/story/storyteller.ts';
import type { TraceEvent } from '../../shared/trace/event.ts';
import type { TraceHeader } from '../../shared/trace/header.ts';
import type { Sink } from '../source/source.ts';
import { forgetMoment, momentInHash } from '../url.ts';
import { type Place, savedPlace } from './place.ts';
import { grow, open, player, setHolding, setSource, setSpeed } from './store.ts';

const playsByItself = (): boolean => !player.getState().reducedMotion;

/** A sink for a live source. History lands the viewer where they were, else at the end; what comes after grows the story. */
export function liveFeed(): Sink {
  let teller: Storyteller | null = null;
  let history = 0;
  let name = '';
  let returning: Place | null = null;

  const land = (storyteller: Storyteller): void => {
    const { story } = storyteller;
    const moment = momentInHash();
    const place = returning?.trace === name ? returning : null;
    if (moment !== null) open(story, name, moment, false, true);
    else if (place !== null && !place.atEnd) open(story, name, place.t, place.playing && playsByItself());
    else open(story, name, story.end, false);
    if (place !== null) setSpeed(place.speed);
    returning = null;
  };

  return {
    begin(trace: string, header: TraceHeader, last: number): void {
      teller = createStoryteller(header);
      name = trace;
      history = last;
      returning = savedPlace();
      if (last === 0) land(teller);
    },
    events(events: readonly TraceEvent[]): void {
      if (teller === null || events.length === 0) return;
      const before = teller.story.seq;
      const past = history > before ? events.filter(event => event.seq <= history) : [];
      if (past.length > 0) {
        teller.append(past);
        if (teller.story.seq >= history) land(teller);
      }
      const present = past.length > 0 ? events.slice(past.length) : events;
      if (present.length > 0) grow(teller.append(present));
    },
    status(status): void {
      setSource({ kind: 'live', status });
    },
    holding: setHolding,
  };
}

/**
 * Shows a whole recording from its start; it plays unless the address names a moment or the viewer wants little motion.
 * `returning`: from where this tab was in it before a reload.
 */
export function openRecording(
  name: string,
  header: TraceHeader,
  events: readonly TraceEvent[],
  returning: boolean,
): void {
  const teller = createStoryteller(header);
  teller.append(events);
  const story = teller.finish();
  const moment = momentInHash();
  const trace = `${header.createdAt} ${name}`;
  const place = returning ? savedPlace() : null;
  setSource({ kind: 'recorded', name });
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
