/** Which shows run: a few at once, each until its speaker ends it or nobody has been there for a while. */
import { SHOW_ENDED } from '../../shared/api/show.ts';
import { realTiming, type Timing } from './pace.ts';
import { newId, newSecret } from './secret.ts';
import { createShow, type Show } from './show.ts';

const MOST_SHOWS = 8;
/** Milliseconds with nobody there after which a show ends. */
const DESERTED = 10 * 60_000;
/** Milliseconds without a word from anybody. */
const SILENT = 4 * 3_600_000;
const GOING_AWAY = 1001;

/** There is no place for one more. The message is one sentence, for whoever wanted it. */
export class ShowsFullError extends Error {
  constructor() {
    super(`There are ${MOST_SHOWS} shows, and somebody is at each; end one of them and try again.`);
    this.name = 'ShowsFullError';
  }
}

export interface Shows {
  /** Begins one. Where there is no place, the one longest deserted goes; throws ShowsFullError where there is none. */
  begin(): Show;
  find(id: string): Show | null;
  /** Its speaker has had enough, or it is of no use any more. */
  end(id: string): void;
  /** Whether one of them shows this room now; null is the main one. */
  showsRoom(room: string | null): boolean;
  /** Told when `showsRoom` may answer otherwise. */
  onShown(listener: () => void): void;
  /** Ends them all, because the server ends. */
  close(): void;
}

interface Running {
  readonly show: Show;
  present: number;
  /** When the last sign came. */
  sign: number;
  forget: () => void;
}

export function createShows(timing: Timing = realTiming): Shows {
  const running = new Map<string, Running>();
  const listeners: (() => void)[] = [];
  const tellShown = (): void => {
    for (const listener of listeners) listener();
  };

  function end(id: string, code: number, reason: string): void {
    const one = running.get(id);
    if (one === undefined) return;
    running.delete(id);
    one.forget();
    one.show.close(code, reason);
    tellShown();
  }

  /** Looks again when it may be over; a sign meanwhile only moves the moment on, for there may be sixty of them a second. */
  function watch(id: string, one: Running): void {
    one.forget();
    const patience = one.present === 0 ? DESERTED : SILENT;
    const left = one.sign + patience - timing.now();
    if (left <= 0) end(id, SHOW_ENDED, 'the show has ended');
    else one.forget = timing.after(left, () => watch(id, one));
  }

  function makePlace(): void {
    if (running.size < MOST_SHOWS) return;
    const [longest] = [...running]
      .filter(([, { present }]) => present === 0)
      .toSorted(([, one], [, other]) => one.sign - other.sign);
    if (longest === undefined) throw new ShowsFullError();
    end(longest[0], SHOW_ENDED, 'the show has ended');
  }

  return {
    begin() {
      makePlace();
      const id = newId();
      const show = createShow({
        id,
        secret: newSecret(),
        timing,
        onShown: tellShown,
        onSign(present) {
          one.sign = timing.now();
          const turned = (one.present === 0) !== (present === 0);
          one.present = present;
          if (turned && running.has(id)) watch(id, one);
        },
      });
      const one: Running = { show, present: 0, sign: timing.now(), forget: () => undefined };
      running.set(id, one);
      watch(id, one);
      return show;
    },
    find: id => running.get(id)?.show ?? null,
    end: id => end(id, SHOW_ENDED, 'the show has ended'),
    showsRoom: room =>
      [...running.values()].some(({ show }) => {
        const shown = show.shown();
        return shown?.kind === 'room' && shown.room === room;
      }),
    onShown(listener) {
      listeners.push(listener);
    },
    close() {
      for (const id of [...running.keys()]) end(id, GOING_AWAY, 'the server ends');
    },
  };
}
