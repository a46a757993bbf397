/** The way of a viewer from what they asked for to everything: a page of history at a time, the next once the last has left. */
import type { WebSocket } from 'ws';
import type { ToServer } from '../../../shared/api/live.ts';
import type { RoomRecorder } from '../../record/recorder.ts';
import { createTurns } from '../limits/turns.ts';
import type { History } from './history.ts';
import type { WorldNews } from './world-news.ts';

export interface Reader {
  readonly socket: WebSocket;
  /** What they asked to watch, and are not told yet. */
  asked: Extract<ToServer, { readonly type: 'watch' }> | null;
  /** `idle`: has been told nothing yet. `reading`: gets history, a page at a time. `live`: has everything. */
  stage: 'idle' | 'reading' | 'live';
  /** The next seq to send while `reading`. */
  next: number;
  /** Messages of history that are on their way: nothing more of it is sent until they have left. */
  leaving: number;
  /** Has been told of the world, and wants to hear more. */
  world: boolean;
}

export interface HistoryTurns<Who> {
  /** They have asked for something. */
  want(reader: Who): void;
  stop(): void;
}

export interface HistoryTurnsOptions<Who> {
  readonly recorder: Pick<RoomRecorder, 'id' | 'length'>;
  readonly history: History;
  readonly news: WorldNews | null;
  readonly isHere: (reader: Who) => boolean;
}

export function createHistoryTurns<Who extends Reader>({
  recorder,
  history,
  news,
  isHere,
}: HistoryTurnsOptions<Who>): HistoryTurns<Who> {
  /** What they asked for, and a page of history, so a long trace never waits in memory. Answers the octets. */
  const turns = createTurns((reader: Who): number => {
    if (!isHere(reader) || reader.leaving > 0) return 0;
    let octets = 0;
    if (reader.asked !== null) {
      const { trace, from, world = false } = reader.asked;
      reader.asked = null;
      reader.stage = 'reading';
      reader.next = trace === recorder.id ? Math.min(from, recorder.length + 1) : 1;
      octets += send(reader, history.traceMessage());
      reader.world = world && news !== null;
      if (world && news !== null) octets += send(reader, Buffer.from(news.whole()));
    }
    if (reader.stage !== 'reading') return octets;
    const { message, next } = history.page(reader.next);
    reader.next = next;
    // What is sent to all has yet to be sent, too; the browser ignores a seq it knows.
    if (next > recorder.length) reader.stage = 'live';
    if (message.length > 0) octets += send(reader, message);
    return octets;
  });

  /** Answers the message's octets. */
  function send(reader: Who, message: Uint8Array): number {
    reader.leaving += 1;
    reader.socket.send(message, { binary: false }, error => {
      reader.leaving -= 1;
      if (error || reader.leaving > 0) return;
      if (reader.asked !== null || reader.stage === 'reading') turns.want(reader);
    });
    return message.length;
  }

  return turns;
}
