/** The held wire of a room, as those who watch see it and let it go; one that the last of them left held is let go by itself. */
import type { Holding } from '../../../shared/api/live.ts';
import type { Room } from '../../rooms/room.ts';
import { createPace, realTiming } from '../../shows/pace.ts';
import { FRAME } from './live-frames.ts';

export interface LiveHold {
  /** As it is now, as a message. */
  message(): string;
  hold(on: boolean): void;
  release(): void;
  /** The last viewer has left. */
  abandon(): void;
  stop(): void;
}

export interface LiveHoldOptions {
  readonly room: Pick<Room, 'recorder' | 'brake'>;
  /** Milliseconds for which a wire stays held with nobody there to let it go. */
  readonly unattended: number;
  /** Whether there is still nobody. */
  readonly isEmpty: () => boolean;
  /** Told whenever it has changed. */
  readonly onChange: (message: string) => void;
}

export function createLiveHold({ room, unattended, isEmpty, onChange }: LiveHoldOptions): LiveHold {
  const { recorder, brake } = room;
  /** Chunks that viewers have let go one by one. */
  let gone = 0;
  let abandoned: NodeJS.Timeout | null = null;

  const message = (): string => {
    const holding: Holding = { type: 'holding', ...brake.state(), gone, seq: recorder.length };
    return JSON.stringify(holding);
  };
  const changes = createPace(() => onChange(message()), FRAME, realTiming);
  const stopListening = brake.onChange(changes.soon);

  return {
    message,
    hold: brake.hold,
    release() {
      gone += 1;
      brake.release();
    },
    abandon() {
      if (!brake.state().on || abandoned !== null) return;
      abandoned = setTimeout(() => {
        abandoned = null;
        if (isEmpty()) brake.hold(false);
      }, unattended);
      abandoned.unref();
    },
    stop() {
      stopListening();
      changes.stop();
      if (abandoned !== null) clearTimeout(abandoned);
    },
  };
}
