/** A show by real sockets: somebody who attends and notes what they hear, and a line that can be made narrow. */
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import WebSocket from 'ws';
import { type Cue, type FromShow, parseFromShow } from '../../../shared/api/show.ts';

export const cueAt = (beat: number, shown: Cue['shown'] = { kind: 'room', room: null }): Cue => ({
  shown,
  beat,
  at: beat * 1000,
  playing: false,
  speed: 1,
  blank: false,
  pointer: null,
});

/** A WebSocket that notes what it hears. */
export class Ear<T> {
  readonly heard: T[] = [];
  readonly closed: Promise<number>;
  readonly socket: WebSocket;
  private readonly waiting: (() => void)[] = [];
  constructor(socket: WebSocket, read: (text: string) => T | null) {
    this.socket = socket;
    socket.on('message', data => {
      const message = read(String(data));
      if (message !== null) this.heard.push(message);
      for (const look of this.waiting.splice(0)) look();
    });
    this.closed = new Promise(resolve => socket.once('close', resolve));
  }
  say(message: unknown): void {
    this.socket.send(JSON.stringify(message));
  }
  /** Resolves with the first such message, heard already or still to come. */
  async hears(wanted: (message: T) => boolean): Promise<T> {
    for (;;) {
      const found = this.heard.find(wanted);
      if (found !== undefined) return found;
      await new Promise<void>(resolve => this.waiting.push(resolve));
    }
  }
}

/** A way to somebody that takes nothing more while it is blocked. */
export class NarrowLine extends Duplex {
  private readonly inner: Duplex;
  private blocked = false;
  private go = (): void => undefined;
  constructor(inner: Duplex) {
    super({ allowHalfOpen: false });
    this.inner = inner;
    inner.on('data', (chunk: Buffer) => this.push(chunk));
    inner.on('end', () => this.push(null));
    inner.on('error', error => this.destroy(error));
    inner.on('close', () => this.destroy());
  }
  block(on: boolean): void {
    this.blocked = on;
    if (on) return;
    this.go();
    this.go = () => undefined;
  }
  override _read(): void {
    this.inner.resume();
  }
  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    if (this.blocked) this.go = () => this.inner.write(chunk, done);
    else this.inner.write(chunk, done);
  }
  override _final(done: () => void): void {
    this.inner.end(done);
  }
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.inner.destroy();
    done(error);
  }
}

/** Calls the door at `base`, as a page of its own does. */
export async function dial<T>(base: string, path: string, read: (text: string) => T | null): Promise<Ear<T>> {
  const { host, origin } = new URL(base);
  const ear = new Ear(new WebSocket(`ws://${host}${path}`, { origin }), read);
  await once(ear.socket, 'open');
  return ear;
}
/** Joins the show, and has been told where it is. */
export async function attend(base: string, id: string, secret: string | null): Promise<Ear<FromShow>> {
  const ear = await dial(base, `/api/show?id=${id}`, parseFromShow);
  ear.say({ type: 'join', secret });
  await ear.hears(({ type }) => type === 'cue');
  return ear;
}
export const atBeat = (beat: number) => (message: FromShow) => message.type === 'cue' && message.cue?.beat === beat;
export const cuesOf = ({ heard }: Ear<FromShow>) => heard.flatMap(each => (each.type === 'cue' ? [each.cue] : []));
