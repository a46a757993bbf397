/** A process that runs the default world and kills itself at a moment it is told: `queue-kill` starts it, bundled, again and again. */
import { ANY_PORTS } from '../../server/rooms/publish.ts';
import { silentRecording } from '../../server/rooms/recording.ts';
import { openRoom } from '../../server/rooms/room.ts';
import { blueAndGreen } from '../../shared/world/presets.ts';

/** What it reads, one line of JSON: how many letters it lives to queue, how many facts to see after those, and how many turns of the event loop after that. */
export interface Sentence {
  readonly data: string;
  readonly letters: number;
  readonly facts: number;
  readonly turns: number;
}
/** What it prints when it listens, one line of JSON. */
export interface Listening {
  readonly port: number;
}

async function live({ data, letters, facts, turns }: Sentence): Promise<void> {
  const room = await openRoom({
    world: blueAndGreen,
    data,
    ports: ANY_PORTS,
    recording: silentRecording,
    retry: { after: [1] },
  });
  let lettersLeft = letters;
  let factsLeft = facts;
  const die = (after: number): void => {
    if (after === 0) process.kill(process.pid, 'SIGKILL');
    else setImmediate(() => die(after - 1));
  };
  room.recorder.watch(notice => {
    if (notice.kind !== 'events' || factsLeft < 0) return;
    for (const event of notice.events)
      if (lettersLeft === 0) factsLeft -= 1;
      // What an earlier life left is no news.
      else if (event.kind === 'mail.queued' && event.connection !== undefined) lettersLeft -= 1;
    if (factsLeft < 0) die(turns);
  });
  const listening: Listening = { port: room.published?.submission.port ?? 0 };
  process.stdout.write(`${JSON.stringify(listening)}\n`);
}

// It is started ahead of its time, and lives from the moment it is told how long.
process.stdin.once('data', line => void live(JSON.parse(String(line)) as Sentence));
