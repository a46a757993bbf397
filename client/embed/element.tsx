/** `<mail-flow>`: what an author and a script may ask of a figure, and how it hears of the page around it. */
import { createRoot } from 'react-dom/client';
import { type Span, spanOf } from '../../shared/story/span.ts';
import type { Beat, Story } from '../../shared/story/story.ts';
import { assertNever } from '../../shared/world/world.ts';
import { settled } from '../player/navigate.ts';
import { ATTRIBUTES, FASTEST, type Settings, SLOWEST, settingsFrom } from './attributes.ts';
import { Figure } from './Figure.tsx';
import { beatAt, createFigurePlayer } from './figure-player.ts';
import type { Act } from './keys.ts';
import { type FetchTeller, isText, openSource, openText } from './open.ts';
import { beatOf, type FigureStep, momentIn, type Place, stepOf, stepsOf } from './place.ts';
import { momentOf, posterOf } from './poster.ts';
import { figureSheet } from './sheets.ts';
import { onPageSeen, onStillPreferred, prefersStill, watchSight } from './sight.ts';
import { onThemeAround, themeAround } from './theme.ts';

/** What a page beside the figure would keep of it. Times in seconds of the figure; `step` is 0 where nothing is loaded. */
export interface FigureState {
  readonly loaded: boolean;
  readonly playing: boolean;
  readonly ended: boolean;
  readonly currentTime: number;
  readonly duration: number;
  readonly step: number;
  readonly steps: number;
  readonly name: string;
  readonly title: string;
  readonly speed: number;
  readonly error: string | null;
}

const SPEEDS = [0.25, 0.5, 1, 1.5, 2, 4];

interface Opened {
  readonly story: Story;
  readonly span: Span;
}

/** The class of the element; `fetchTeller` gives what tells recordings. */
export function mailFlowElement(fetchTeller: FetchTeller) {
  return class MailFlow extends HTMLElement {
    static readonly observedAttributes = ATTRIBUTES;

    readonly #player = createFigurePlayer(happening => this.#tell(happening));
    readonly #root: { render(drawn: React.ReactNode): void };
    #settings: Settings = settingsFrom(() => null);
    #opened: Opened | null = null;
    #failure: string | null = null;
    /** What was given to `load` instead of an address. */
    #text: string | null = null;
    #loading: AbortController | null = null;
    /** What was asked for before there was anything to do it with. */
    #later: (() => void)[] = [];
    #ends: (() => void)[] = [];
    #attached = false;
    #due = false;
    /** It has come near, or something was asked of it. */
    #wanted = false;
    #inSight = false;
    /** It plays because it was told to by its page: also again, when it comes back into sight. */
    #byItself = false;
    #reading = false;

    constructor() {
      super();
      const shadow = this.attachShadow({ mode: 'open', delegatesFocus: true });
      shadow.adoptedStyleSheets = [figureSheet()];
      this.#root = createRoot(shadow);
    }

    connectedCallback(): void {
      this.#attached = true;
      this.#player.setAwake(document.visibilityState === 'visible');
      this.#ends = [
        onThemeAround(() => this.#draw()),
        onStillPreferred(() => this.#draw()),
        onPageSeen(seen => this.#player.setAwake(seen)),
        watchSight(this, { near: () => this.#want(), sight: inSight => this.#see(inSight) }),
      ];
      this.#apply();
    }

    disconnectedCallback(): void {
      this.#attached = false;
      for (const end of this.#ends) end();
      this.#see(false);
      this.#loading?.abort();
    }

    /** Several at once are one change. */
    attributeChangedCallback(): void {
      if (!this.#attached || this.#due) return;
      this.#due = true;
      queueMicrotask(() => this.#apply());
    }

    // What it can be asked for as a script would ask a film.

    play(): void {
      this.#when(() => {
        this.#byItself = !this.#inSight;
        if (this.#inSight) this.#player.play();
      });
    }
    pause(): void {
      this.#byItself = false;
      this.#player.pause();
    }
    toggle(): void {
      if (this.paused) this.play();
      else this.pause();
    }
    next(): void {
      this.#when(() => this.#player.step(1));
    }
    prev(): void {
      this.#when(() => this.#player.step(-1));
    }
    /** Answers whether there is such a place; before anything is loaded, true. */
    seek(place: Place): boolean {
      if (this.#opened === null) {
        this.#when(() => void this.seek(place));
        return true;
      }
      const { story, span } = this.#opened;
      const beat = beatOf(story, span, place);
      const still = beat !== null && this.#isStill() && this.paused;
      const t = still ? settled(beat) : momentIn(story, span, place);
      if (t === null) return false;
      this.#player.seek(t);
      return true;
    }
    setSpeed(speed: number): void {
      if (!(speed >= SLOWEST && speed <= FASTEST)) return;
      this.#player.setSpeed(speed);
      this.#draw();
    }
    /** An address, or a recording itself. Answers whether it is shown. */
    load(given: string): Promise<boolean> {
      this.#text = isText(given) ? given : null;
      if (this.#text === null) this.setAttribute('src', given);
      this.#wanted = true;
      this.#settings = this.#read();
      return this.#load();
    }
    /** Plays from the beginning of one step to the end of another. Answers whether there are such steps. */
    playRange(from: string | number, to: string | number, loop = false): boolean {
      if (this.#opened === null) {
        this.#when(() => void this.playRange(from, to, loop));
        return true;
      }
      const { story, span } = this.#opened;
      const first = beatOf(story, span, from);
      const last = beatOf(story, span, to, first?.index);
      if (first === null || last === null || last.index < first.index) return false;
      this.#player.playRange({ first: first.index, last: last.index, start: first.start, end: last.end }, loop);
      return true;
    }
    getState(): FigureState {
      const { steps, currentStep, currentTime, duration, ended, paused } = this;
      const step = steps[currentStep - 1];
      return {
        loaded: this.#opened !== null,
        playing: !paused,
        ended,
        currentTime,
        duration,
        step: currentStep,
        steps: steps.length,
        name: step?.name ?? '',
        title: step?.title ?? '',
        speed: this.playbackRate,
        error: this.#failure,
      };
    }

    get steps(): readonly FigureStep[] {
      return this.#opened === null ? [] : stepsOf(this.#opened.story, this.#opened.span);
    }
    /** From 1; 0 where nothing is loaded. */
    get currentStep(): number {
      return this.#step()?.index ?? 0;
    }
    get currentTime(): number {
      return this.#opened === null ? 0 : Math.max(0, this.#player.moment() - this.#opened.span.start) / 1000;
    }
    set currentTime(seconds: number) {
      this.seek({ ms: seconds * 1000 });
    }
    get duration(): number {
      return this.#opened === null ? Number.NaN : (this.#opened.span.end - this.#opened.span.start) / 1000;
    }
    get paused(): boolean {
      return !this.#player.shown().playing;
    }
    get ended(): boolean {
      return this.#player.shown().ended;
    }
    get playbackRate(): number {
      return this.#player.speed();
    }
    set playbackRate(speed: number) {
      this.setSpeed(speed);
    }
    get src(): string {
      return this.getAttribute('src') ?? '';
    }
    set src(src: string) {
      this.setAttribute('src', src);
    }
    get autoplay(): boolean {
      return this.#read().autoplay;
    }
    set autoplay(on: boolean) {
      this.toggleAttribute('autoplay', on);
    }
    get loop(): boolean {
      return this.#read().loop;
    }
    set loop(on: boolean) {
      this.toggleAttribute('loop', on);
    }

    #read(): Settings {
      return settingsFrom(name => this.getAttribute(name));
    }

    #isStill(): boolean {
      const { motion } = this.#settings;
      return motion === 'reduce' || (motion === 'auto' && prefersStill());
    }

    #step(): FigureStep | null {
      if (this.#opened === null) return null;
      const { story, span } = this.#opened;
      const beat = beatAt(story, span, this.#player.moment());
      return beat === null ? null : stepOf(span, beat);
    }

    #tell(type: string): void {
      // An error that bubbled would look like one of the page's own.
      const init = { bubbles: type !== 'error', composed: type !== 'error' };
      const detail = type === 'stepchange' ? this.#step() : type === 'error' ? this.#failure : null;
      this.dispatchEvent(new CustomEvent(type, { ...init, detail }));
    }

    /** Does it now, or as soon as there is something to do it with; and then that is fetched. */
    #when(act: () => void): void {
      if (this.#opened !== null) act();
      else {
        this.#later.push(act);
        this.#want();
      }
    }

    #want(): void {
      if (this.#wanted) return;
      this.#wanted = true;
      if (this.#attached) void this.#load();
    }

    #see(inSight: boolean): void {
      this.#inSight = inSight;
      if (inSight && this.#byItself && this.paused) this.#player.play();
      // Nobody sees it: no time passes. Who has started it by hand starts it again by hand.
      else if (!inSight && !this.paused) this.#player.pause();
    }

    #apply(): void {
      this.#due = false;
      const [before, after] = [this.#settings, this.#read()];
      this.#settings = after;
      if (after.speed !== before.speed) this.#player.setSpeed(after.speed);
      this.#player.setLoop(after.loop);
      if (after.autoplay && !before.autoplay) {
        this.#wanted = true;
        this.#autoplay();
      }
      const another = after.src !== before.src;
      if (another) this.#text = null;
      if (this.#wanted && (another || this.#loading === null)) void this.#load();
      else if (this.#opened !== null && (after.from !== before.from || after.to !== before.to))
        this.#open(this.#opened.story);
      else if (this.#opened !== null && (after.step !== before.step || after.poster !== before.poster))
        this.#stand(this.#opened, after.step !== before.step);
      this.#draw();
    }

    async #load(): Promise<boolean> {
      this.#loading?.abort();
      const { src } = this.#settings;
      if (src === null && this.#text === null) return false;
      const loading = new AbortController();
      this.#loading = loading;
      this.#tell('loadstart');
      const root = this.getRootNode();
      const page = root instanceof ShadowRoot ? root : document;
      const found = await (this.#text === null
        ? openSource(src ?? '', page, fetchTeller, loading.signal)
        : openText(this.#text, fetchTeller));
      if (loading.signal.aborted) return false;
      if (!found.ok) return this.#fail(found.message);
      return this.#open(found.story);
    }

    #fail(message: string): false {
      this.#opened = null;
      this.#later = [];
      this.#failure = message;
      this.#player.close();
      this.#draw();
      this.#tell('error');
      return false;
    }

    #open(story: Story): boolean {
      const { from, to } = this.#settings;
      const found = spanOf(story, from, to);
      if (!found.ok) return this.#fail(found.message);
      this.#failure = null;
      this.#opened = { story, span: found.span };
      this.#player.open(story, found.span);
      this.#stand(this.#opened, true);
      this.#draw();
      this.#tell('loadeddata');
      this.#tell('canplay');
      for (const act of this.#later.splice(0)) act();
      this.#autoplay();
      return true;
    }

    /** Where it stands before it is played: at its `step`, else at its beginning behind a poster. */
    #stand({ story, span }: Opened, stepped: boolean): void {
      const { step, poster } = this.#settings;
      const seen = (beat: Beat) => (this.#isStill() ? settled(beat) : momentOf(story, beat));
      const at = step === null ? null : beatOf(story, span, step);
      if (at !== null && stepped) this.#player.stand(at.start, seen(at), true);
      else if (!this.#player.shown().begun) {
        const picture = poster === null ? null : beatOf(story, span, poster);
        this.#player.stand(span.start, picture === null ? posterOf(story, span) : seen(picture), false);
      }
    }

    /** Never where the viewer wants no motion, and not before it is seen. */
    #autoplay(): void {
      if (!this.#settings.autoplay || this.#isStill()) return;
      this.#byItself = true;
      if (this.#inSight && this.#opened !== null) this.#player.play();
    }

    #act(act: Act): void {
      const { playbackRate } = this;
      switch (act.kind) {
        case 'toggle':
          this.toggle();
          break;
        case 'next':
          this.next();
          break;
        case 'previous':
          this.prev();
          break;
        case 'part':
          this.seek({ percent: act.fraction * 100 });
          break;
        case 'faster':
          this.setSpeed(SPEEDS.find(speed => speed > playbackRate) ?? playbackRate);
          break;
        case 'slower':
          this.setSpeed(SPEEDS.findLast(speed => speed < playbackRate) ?? playbackRate);
          break;
        case 'fullscreen':
          this.#grow();
          break;
        case 'help':
          this.#reading = !this.#reading;
          this.#draw();
          break;
        default:
          assertNever(act);
      }
    }

    #grow(): void {
      const done = document.fullscreenElement === this ? document.exitFullscreen() : this.requestFullscreen();
      // Refused where a frame may not: then the figure stays as large as it is.
      done.catch(() => undefined);
    }

    #draw(): void {
      if (!this.#attached) return;
      const still = this.#isStill();
      this.#player.setStill(still);
      if (still && this.#byItself) this.pause();
      this.#root.render(
        <Figure
          player={this.#player}
          settings={this.#settings}
          theme={this.#settings.theme === 'auto' ? themeAround(this) : this.#settings.theme}
          still={still}
          failure={this.#failure}
          reading={this.#reading}
          grows={document.fullscreenEnabled}
          act={act => this.#act(act)}
          goTo={t => this.#player.seek(t)}
        />,
      );
    }
  };
}
