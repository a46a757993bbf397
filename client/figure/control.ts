/** What one figure knows and does, apart from being an element: what it opened, what is asked of it, whether it is seen. */
import { type Span, spanOf } from '../../shared/story/span.ts';
import type { Beat, Story } from '../../shared/story/story.ts';
import { settled } from '../player/navigate.ts';
import { FASTEST, type Settings, SLOWEST, settingsFrom } from './draw/attributes.ts';
import { beatAt, createFigurePlayer } from './draw/figure-player.ts';
import { type FetchTeller, openSource, openText } from './open.ts';
import { beatOf, type FigureStep, momentIn, type Place, stepOf } from './place.ts';
import { momentOf, posterOf } from './poster.ts';
import { prefersStill } from './sight.ts';

interface Opened {
  readonly story: Story;
  readonly span: Span;
}

export class FigureControl {
  readonly player = createFigurePlayer(happening => this.#tell(happening, this.step()));
  settings: Settings = settingsFrom(() => null);
  opened: Opened | null = null;
  /** Why nothing can be shown, in a sentence. */
  failure: string | null = null;

  readonly #fetchTeller: FetchTeller;
  readonly #tell: (type: string, step: FigureStep | null) => void;
  readonly #draw: () => void;
  /** Where its `src` is looked for, when that is of the page itself. */
  #page: Document | ShadowRoot | null = null;
  /** What was given instead of an address. */
  #text: string | null = null;
  #loading: AbortController | null = null;
  /** What was asked for before there was anything to do it with. */
  #later: (() => void)[] = [];
  /** It has come near, or something was asked of it. */
  #wanted = false;
  #inSight = false;
  /** It plays because its page wants it to, and nobody else: also again, when it comes back into sight. */
  #byItself = false;

  constructor(fetchTeller: FetchTeller, tell: (type: string, step: FigureStep | null) => void, draw: () => void) {
    this.#fetchTeller = fetchTeller;
    this.#tell = tell;
    this.#draw = draw;
  }

  isStill(): boolean {
    const { motion } = this.settings;
    return motion === 'reduce' || (motion === 'auto' && prefersStill());
  }

  /** Where it is; null where nothing is loaded. */
  step(): FigureStep | null {
    if (this.opened === null) return null;
    const { story, span } = this.opened;
    const beat = beatAt(story, span, this.player.moment());
    return beat === null ? null : stepOf(span, beat);
  }

  attach(page: Document | ShadowRoot, settings: Settings): void {
    this.#page = page;
    this.apply(settings);
  }

  detach(): void {
    this.#page = null;
    this.see(false);
    this.#loading?.abort();
    if (this.opened === null) this.#loading = null;
  }

  /** Something is asked of it, or it has come near: then it fetches what it shows. */
  want(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    if (this.#page !== null) void this.#load();
  }

  /** Does it now, or as soon as there is something to do it with. */
  when(act: () => void): void {
    if (this.opened !== null) act();
    else {
      this.#later.push(act);
      this.want();
    }
  }

  play(): void {
    this.when(() => {
      this.#byItself = !this.#inSight;
      if (this.#inSight) this.player.play();
    });
  }

  pause(): void {
    this.#byItself = false;
    if (this.opened === null) this.#later.push(() => this.pause());
    else this.player.pause();
  }

  seek(place: Place): boolean {
    if (this.opened === null) {
      this.when(() => void this.seek(place));
      return true;
    }
    const { story, span } = this.opened;
    const beat = beatOf(story, span, place);
    const still = beat !== null && this.isStill() && !this.player.shown().playing;
    const t = still ? settled(beat) : momentIn(story, span, place);
    if (t !== null) this.player.seek(t);
    return t !== null;
  }

  playRange(from: string | number, to: string | number, loop: boolean): boolean {
    if (this.opened === null) {
      this.when(() => void this.playRange(from, to, loop));
      return true;
    }
    const { story, span } = this.opened;
    const first = beatOf(story, span, from);
    const last = first === null ? null : beatOf(story, span, to, first.index);
    if (first === null || last === null || last.index < first.index) return false;
    this.player.playRange({ first: first.index, last: last.index, start: first.start, end: last.end }, loop);
    return true;
  }

  setSpeed(speed: number): void {
    if (!(speed >= SLOWEST && speed <= FASTEST)) return;
    this.player.setSpeed(speed);
    this.#draw();
  }

  /** Nobody sees it: no time passes. Whoever has started it by hand starts it again by hand. */
  see(inSight: boolean): void {
    this.#inSight = inSight;
    const { playing } = this.player.shown();
    if (inSight && this.#byItself && !playing) this.player.play();
    else if (!inSight && playing) this.player.pause();
  }

  /** Takes over what its author has written, and does what has changed. `again`: the address was given anew, which is tried again where it failed. */
  apply(after: Settings, again = false): void {
    const before = this.settings;
    this.settings = after;
    const still = this.isStill();
    this.player.setStill(still);
    this.player.setLoop(after.loop);
    if (after.speed !== before.speed) this.player.setSpeed(after.speed);
    if (after.autoplay && !before.autoplay) this.#autoplay();
    const another = after.src !== before.src || (again && this.failure !== null);
    if (another) this.#text = null;
    if (another || (this.#wanted && this.#loading === null)) this.#reload();
    else if (this.opened !== null && (after.from !== before.from || after.to !== before.to))
      this.#open(this.opened.story);
    else if (this.opened !== null && (after.step !== before.step || after.poster !== before.poster))
      this.#stand(this.opened, after.step !== before.step);
    // The wish for no motion may come while it plays by itself.
    if (still && this.#byItself) this.pause();
    this.#draw();
  }

  /** `text`: a recording itself, in place of `src`. Answers whether it is shown. */
  load(text: string | null, settings: Settings): Promise<boolean> {
    this.#text = text;
    this.settings = settings;
    this.#wanted = true;
    return this.#load();
  }

  #reload(): void {
    if (this.#wanted && this.#page !== null) void this.#load();
  }

  async #load(): Promise<boolean> {
    this.#loading?.abort();
    const loading = new AbortController();
    this.#loading = loading;
    const { src } = this.settings;
    if (src === null && this.#text === null) {
      this.#close(null);
      return false;
    }
    this.#tell('loadstart', null);
    const found = await (this.#text === null
      ? openSource(src ?? '', this.#page ?? document, this.#fetchTeller, loading.signal)
      : openText(this.#text, this.#fetchTeller));
    if (loading.signal.aborted) return false;
    return found.ok ? this.#open(found.story) : this.#fail(found.message);
  }

  #close(failure: string | null): void {
    this.opened = null;
    this.failure = failure;
    this.player.close();
    this.#draw();
  }

  #fail(message: string): false {
    this.#later = [];
    this.#close(message);
    this.#tell('error', null);
    return false;
  }

  #open(story: Story): boolean {
    const { from, to } = this.settings;
    const found = spanOf(story, from, to);
    if (!found.ok) return this.#fail(found.message);
    this.failure = null;
    this.opened = { story, span: found.span };
    this.player.open(story, found.span);
    this.#stand(this.opened, true);
    this.#draw();
    this.#tell('loadeddata', this.step());
    this.#tell('canplay', this.step());
    for (const act of this.#later.splice(0)) act();
    if (this.settings.autoplay) this.#autoplay();
    return true;
  }

  /** Where it stands before it is played: at its `step`, else at its beginning behind a poster. */
  #stand({ story, span }: Opened, stepped: boolean): void {
    const { step, poster } = this.settings;
    const seen = (beat: Beat) => (this.isStill() ? settled(beat) : momentOf(story, beat));
    const at = step === null ? null : beatOf(story, span, step);
    if (at !== null && stepped) this.player.stand(at.start, seen(at), true);
    else if (!this.player.shown().begun) {
      const picture = poster === null ? null : beatOf(story, span, poster);
      this.player.stand(span.start, picture === null ? posterOf(story, span) : seen(picture), false);
    }
  }

  /** Never where the viewer wants no motion, and not before it is seen. */
  #autoplay(): void {
    this.want();
    if (this.isStill()) return;
    this.#byItself = true;
    if (this.#inSight && this.opened !== null) this.player.play();
  }
}
