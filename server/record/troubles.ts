/** What the keeper of a room must hear: said at once, and recorded so that page and transcript show it too. */
import { type Trouble, troubleSentence } from '../../shared/explain/troubles.ts';
import type { Recorder } from './recorder.ts';

type ReportTrouble = (trouble: Trouble) => void;

export interface Troubles {
  readonly report: ReportTrouble;
  /** Records from now on, and what was reported before there was a trace. */
  recordIn(recorder: Recorder): void;
}

/** `say` gets one sentence for each, such as for stderr. */
export function createTroubles(say: (sentence: string) => void): Troubles {
  let recorder: Recorder | null = null;
  let early: Trouble[] = [];
  return {
    report(trouble) {
      say(troubleSentence(trouble));
      if (recorder === null) early.push(trouble);
      else recorder.append({ kind: 'room.trouble', ...trouble });
    },
    recordIn(next) {
      recorder = next;
      for (const trouble of early) next.append({ kind: 'room.trouble', ...trouble });
      early = [];
    },
  };
}
