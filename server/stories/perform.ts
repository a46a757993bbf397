/** Performs a story in a room of its own: one deed after the other, each done when everybody has finished with it. */
import { assertNever } from '../../shared/world/world.ts';
import type { Room, RoomOptions } from '../rooms/room.ts';
import { isWrong, type Wrong } from './deeds/cast.ts';
import type { Act, Deed } from './deeds/deeds.ts';
import { createStillness, type Stillness } from './stillness.ts';
import type { StoryFile } from './story-file.ts';

/** A deed that could not be done: `line` is where it stands. */
export class StoryFailure extends Error {
  readonly line: number;
  constructor(line: number, message: string) {
    super(message);
    this.name = 'StoryFailure';
    this.line = line;
  }
}

export interface Performance {
  /** Told of each deed before it is done. */
  readonly onDeed?: (deed: Deed) => void;
  /** Breaks the story off; the promise rejects with its reason. */
  readonly signal?: AbortSignal;
}

/** What a room must be like so that a story goes the same way each time. */
export const roomFor = ({ world }: Pick<StoryFile, 'world'>): RoomOptions => ({
  world,
  data: null,
  ports: null,
  abreast: 1,
});

/** Milliseconds of real time; those in which a viewer holds the wire are not counted. */
const MOST_TIME = 60_000;
/** Appointments that one wait may come to. */
const MOST_STOPS = 2_000;

/**
 * Resolves once everything is done and quiet, and all of it is recorded. Rejects with StoryFailure. The clock of the world stands
 * still meanwhile and moves by waits alone: a deed that nothing but time can finish moves it on to what comes next.
 */
export async function performStory(room: Room, story: StoryFile, { onDeed, signal }: Performance = {}): Promise<void> {
  let line = 1;
  let left = MOST_TIME;
  let looked = performance.now();
  const allowed = (): void => {
    signal?.throwIfAborted();
    const now = performance.now();
    if (!room.brake.state().on) left -= now - looked;
    looked = now;
    if (left < 0) throw new StoryFailure(line, `this takes more than ${MOST_TIME / 1000} seconds of real time.`);
  };
  const stillness = createStillness(room, allowed);
  const stage = new Stage(room, story, stillness, deed => {
    line = deed.line;
    onDeed?.(deed);
  });
  const release = room.clock.hold();
  room.recorder.append({ kind: 'story.begun', name: story.name, source: story.source });
  try {
    await stage.perform(story.deeds);
    await stage.end();
  } finally {
    stillness.close();
    release();
    if (signal?.aborted !== true) room.recorder.append({ kind: 'story.ended', name: story.name });
    await room.recorder.flush();
  }
}

class Stage {
  private readonly room: Room;
  private readonly story: StoryFile;
  private readonly stillness: Stillness;
  private readonly tell: (deed: Deed) => void;
  /** What has been begun, and where. */
  private readonly begun: { readonly line: number; readonly work: Promise<unknown> }[] = [];

  constructor(room: Room, story: StoryFile, stillness: Stillness, tell: (deed: Deed) => void) {
    this.room = room;
    this.story = story;
    this.stillness = stillness;
    this.tell = tell;
  }

  async perform(deeds: readonly Deed[]): Promise<void> {
    for (const deed of deeds) {
      this.tell(deed);
      await this.one(deed);
    }
  }

  /** Whatever was begun is waited for. */
  async end(): Promise<void> {
    for (const { line, work } of this.begun) await this.finish(line, work);
    await this.stillness.reached();
  }

  private async one(deed: Deed): Promise<void> {
    const { line } = deed;
    switch (deed.kind) {
      case 'send':
      case 'send-again':
      case 'collect':
      case 'call':
      case 'flush':
        return this.finish(line, this.start(line, deed));
      case 'begin': {
        const work = this.start(line, deed.act);
        // Heard of at the end, where it is waited for.
        work.catch(() => undefined);
        this.begun.push({ line, work });
        await this.stillness.reached();
        return;
      }
      case 'together':
        return this.finish(line, Promise.all(deed.acts.map(act => this.start(line, act))));
      case 'repeat':
        for (let time = 0; time < deed.times; time += 1) await this.perform(deed.deeds);
        return;
      case 'change': {
        const next = meant(line, deed.change(this.room.world, this.story.world));
        if (next.world !== this.room.world) await this.room.change(next.world, next.edit);
        await this.stillness.reached();
        return;
      }
      case 'wait':
        return this.wait(line, deed.for);
      default:
        return assertNever(deed);
    }
  }

  /** Resolves when it is done; who is meant is looked up at once. */
  private async start(line: number, act: Act): Promise<unknown> {
    const { room } = this;
    const { world } = room;
    switch (act.kind) {
      case 'send': {
        const letter = meant(line, act.letter(world));
        return room.send(letter)?.finished ?? nobody(line, letter.from.address);
      }
      case 'send-again': {
        const { address } = meant(line, act.user(world));
        const letters = (await room.unsent(address)) ?? nobody(line, address);
        if (letters.length === 0) throw new StoryFailure(line, `nothing waits in the outbox of ${address}.`);
        for (const { id } of letters) await room.resend(address, id);
        return undefined;
      }
      case 'collect': {
        const { address } = meant(line, act.user(world));
        return room.collect(address, act.wishes) ?? nobody(line, address);
      }
      case 'call': {
        const { server, port, ...words } = meant(line, act.call(world));
        return room.call(server, port, words) ?? nobody(line, server);
      }
      case 'flush':
        return Promise.all([...room.queues().values()].map(queue => queue.flush()));
      default:
        return assertNever(act);
    }
  }

  /** Where nothing but time can help, it is moved on to what comes next. */
  private async finish(line: number, work: Promise<unknown>): Promise<void> {
    let done = false;
    const settled = work.finally(() => {
      done = true;
    });
    settled.catch(() => undefined);
    while (!done) {
      const still = await this.stillness.reached(() => done);
      if (still !== 'over' && !this.toNext())
        throw new StoryFailure(line, 'nothing happens any more, and this is not done.');
    }
    await settled;
    await this.stillness.reached();
  }

  /** False where nobody waits for anything. */
  private toNext(): boolean {
    const next = this.room.clock.next();
    if (next !== null) this.room.clock.jump(next.in);
    return next !== null;
  }

  private async wait(line: number, until: Extract<Deed, { kind: 'wait' }>['for']): Promise<void> {
    const { clock, recorder } = this.room;
    await this.stillness.reached();
    if (typeof until === 'number') {
      const goal = clock.now().getTime() + until * 1000;
      for (let stops = 0; stops < MOST_STOPS && clock.now().getTime() < goal; stops += 1) {
        const way = goal - clock.now().getTime();
        clock.jump(Math.min(way, clock.next()?.in ?? way));
        await this.stillness.reached();
      }
      return;
    }
    const from = recorder.length + 1;
    const letters = (): boolean => [...this.room.queues().values()].some(queue => queue.entries().length > 0);
    const attempted = (): boolean => recorder.events(from).some(event => event.kind === 'mail.attempted');
    if (until === 'attempt' && !letters()) throw new StoryFailure(line, 'no letter waits in a queue.');
    for (let stops = 0; stops < MOST_STOPS; stops += 1) {
      if (until === 'empty-queue' && !letters()) return;
      if (!this.toNext()) throw new StoryFailure(line, 'nobody waits for anything.');
      await this.stillness.reached();
      if (until === 'next' || (until === 'attempt' && attempted())) return;
    }
    throw new StoryFailure(line, `after ${MOST_STOPS} moments it has not come to that.`);
  }
}

function meant<T extends object>(line: number, found: T | Wrong): T {
  if (isWrong(found)) throw new StoryFailure(line, found.wrong);
  return found;
}

function nobody(line: number, name: string): never {
  throw new StoryFailure(line, `there is nobody called ${name} in this world.`);
}
