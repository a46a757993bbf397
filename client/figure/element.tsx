/** `<mail-flow>`: what an author and a script may ask of a figure, and how it hears of the page around it. */
import type { ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { assertNever } from '../../shared/world/world.ts';
import type { ActOn } from '../player/keys.ts';
import { nextSpeed } from '../player/transport.ts';
import { FigureControl } from './control.ts';
import { ATTRIBUTES, type Settings, settingsFrom } from './draw/attributes.ts';
import { Figure } from './draw/Figure.tsx';
import { partOf } from './draw/keys.ts';
import { onThemeAround, themeAround } from './draw/theme.ts';
import { type FetchTeller, isText } from './open.ts';
import { type FigureStep, type Place, stepsOf } from './place.ts';
import { figureSheet } from './sheets.ts';
import { onPageSeen, onStillPreferred, watchSight } from './sight.ts';

/** What a page beside the figure would keep of it. Times in seconds of the figure; `step` is 0 where nothing is loaded. */
interface FigureState {
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

/** The class of the element; `fetchTeller` gives what tells recordings. */
export function mailFlowElement(fetchTeller: FetchTeller) {
  return class MailFlow extends HTMLElement {
    static readonly observedAttributes = ATTRIBUTES;

    readonly #control = new FigureControl(
      fetchTeller,
      (type, step) => this.#tell(type, step),
      () => this.#draw(),
    );
    readonly #root: { render(drawn: ReactNode): void };
    #ends: (() => void)[] = [];
    #attached = false;
    #due = false;
    /** Its address was given, the same one too. */
    #srcGiven = false;
    /** Its text lies open over the picture. */
    #reading = false;

    constructor() {
      super();
      const shadow = this.attachShadow({ mode: 'open', delegatesFocus: true });
      shadow.adoptedStyleSheets = [figureSheet()];
      this.#root = createRoot(shadow);
    }

    connectedCallback(): void {
      const control = this.#control;
      this.#attached = true;
      control.player.setAwake(document.visibilityState === 'visible');
      this.#ends = [
        onThemeAround(() => this.#draw()),
        onStillPreferred(() => this.#apply()),
        onPageSeen(seen => control.player.setAwake(seen)),
        watchSight(this, { near: () => control.want(), sight: inSight => control.see(inSight) }),
      ];
      const root = this.getRootNode();
      control.attach(root instanceof ShadowRoot ? root : document, this.#read());
    }

    disconnectedCallback(): void {
      this.#attached = false;
      for (const end of this.#ends) end();
      this.#control.detach();
    }

    /** Several at once are one change. */
    attributeChangedCallback(name: string): void {
      this.#srcGiven ||= name === 'src';
      if (!this.#attached || this.#due) return;
      this.#due = true;
      queueMicrotask(() => this.#apply());
    }

    // What it can be asked for, as a script would ask a film.

    play(): void {
      this.#control.play();
    }
    pause(): void {
      this.#control.pause();
    }
    toggle(): void {
      if (this.paused) this.play();
      else this.pause();
    }
    next(): void {
      this.#control.when(() => this.#control.player.step(1));
    }
    prev(): void {
      this.#control.when(() => this.#control.player.step(-1));
    }
    /** Answers whether there is such a place; before anything is loaded, true. */
    seek(place: Place): boolean {
      return this.#control.seek(place);
    }
    /** 0.1 to 16; anything else changes nothing. */
    setSpeed(speed: number): void {
      this.#control.setSpeed(speed);
    }
    /** An address, or a recording itself. Answers whether it is shown. */
    load(given: string): Promise<boolean> {
      const text = isText(given) ? given : null;
      if (text === null) this.setAttribute('src', given);
      // It is being loaded here, whatever became of it before.
      this.#srcGiven = false;
      return this.#control.load(text, this.#read());
    }
    /** Plays from the beginning of one step to the end of another. Answers whether there are such steps. */
    playRange(from: string | number, to: string | number, loop = false): boolean {
      return this.#control.playRange(from, to, loop);
    }
    getState(): FigureState {
      const { steps, currentTime, duration, ended, paused, playbackRate } = this;
      const step = this.#control.step();
      return {
        loaded: this.#control.opened !== null,
        playing: !paused,
        ended,
        currentTime,
        duration,
        step: step?.index ?? 0,
        steps: steps.length,
        name: step?.name ?? '',
        title: step?.title ?? '',
        speed: playbackRate,
        error: this.#control.failure,
      };
    }

    get steps(): readonly FigureStep[] {
      const { opened } = this.#control;
      return opened === null ? [] : stepsOf(opened.story, opened.span);
    }
    /** From 1; 0 where nothing is loaded. */
    get currentStep(): number {
      return this.#control.step()?.index ?? 0;
    }
    get currentTime(): number {
      const { opened, player } = this.#control;
      return opened === null ? 0 : Math.max(0, player.moment() - opened.span.start) / 1000;
    }
    set currentTime(seconds: number) {
      this.seek({ ms: seconds * 1000 });
    }
    /** Not a number where nothing is loaded. */
    get duration(): number {
      const { opened } = this.#control;
      return opened === null ? Number.NaN : (opened.span.end - opened.span.start) / 1000;
    }
    get paused(): boolean {
      return !this.#control.player.shown().playing;
    }
    get ended(): boolean {
      return this.#control.player.shown().ended;
    }
    get playbackRate(): number {
      return this.#control.player.speed();
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

    #apply(): void {
      this.#due = false;
      const again = this.#srcGiven;
      this.#srcGiven = false;
      this.#control.apply(this.#read(), again);
    }

    #tell(type: string, step: FigureStep | null): void {
      // An error that bubbled would look like one of the page's own.
      const init = { bubbles: type !== 'error', composed: type !== 'error' };
      const detail = type === 'error' ? this.#control.failure : type === 'stepchange' ? step : null;
      this.dispatchEvent(new CustomEvent(type, { ...init, detail }));
    }

    #act(act: ActOn<'figure'>, key = ''): void {
      const { playbackRate } = this;
      switch (act) {
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
          this.seek({ percent: partOf(key) * 100 });
          break;
        case 'pace':
          this.setSpeed(nextSpeed(playbackRate, key === '<' ? -1 : 1));
          break;
        case 'fullscreen':
          this.#grow();
          break;
        case 'help':
          this.#showText(!this.#reading);
          break;
        default:
          assertNever(act);
      }
    }

    /** Opens its text, or closes it and is a picture again, with the focus on it. */
    #showText(on: boolean): void {
      this.#reading = on;
      this.#draw();
      if (!on) this.focus({ preventScroll: true });
    }

    #grow(): void {
      const done = document.fullscreenElement === this ? document.exitFullscreen() : this.requestFullscreen();
      // Refused where a frame may not: then the figure stays as large as it is.
      done.catch(() => undefined);
    }

    #draw(): void {
      if (!this.#attached) return;
      const { player, settings, failure } = this.#control;
      this.#root.render(
        <Figure
          player={player}
          settings={settings}
          theme={settings.theme === 'auto' ? themeAround(this) : settings.theme}
          still={this.#control.isStill()}
          failure={failure}
          reading={this.#reading}
          grows={document.fullscreenEnabled}
          act={(act, key) => this.#act(act, key)}
          goTo={t => {
            player.seek(t);
            if (this.#reading) this.#showText(false);
          }}
        />,
      );
    }
  };
}
