/** A process that runs the default world and kills itself at a moment it is told: `queue-kill` starts it, bundled, again and again. */
import { openRoom } from '../server/rooms/room.ts';
import { blueAndGreen } from '../shared/world/presets.ts';

/** What it reads, one line of JSON: how many facts it lives to see, and how many turns of the event loop after that. */
export interface Sentence {
  readonly data: string;
  readonly facts: number;
  readonly turns: number;
}
/** What it prints when it listens, one line of JSON. */
export interface Listening {
  readonly port: number;
}

async function live({ data, facts, turns }: Sentence): Promise<void> {
  const room = await openRoom({
    world: blueAndGreen,
    data,
    ports: { host: '127.0.0.1', submission: 0, smtp: 0, pop3: 0, dns: 0 },
    recording: false,
    retry: { after: [1] },
  });
  let left = facts;
  const die = (after: number): void => {
    if (after === 0) process.kill(process.pid, 'SIGKILL');
    else setImmediate(() => die(after - 1));
  };
  room.recorder.watch(notice => {
    if (notice.kind !== 'events' || left <= 0) return;
    left -= notice.events.length;
    if (left <= 0) die(turns);
  });
  const listening: Listening = { port: room.published?.submission.port ?? 0 };
  process.stdout.write(`${JSON.stringify(listening)}\n`);
}

// It is started ahead of its time, and lives from the moment it is told how long.
process.stdin.once('data', line => void live(JSON.parse(String(line)) as Sentence));
