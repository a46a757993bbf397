/** `<mail-flow>`: what an author and a script may ask of a figure. */

import type { FigureControl } from './control.ts';
import { ATTRIBUTES } from './draw/attributes.ts';
import { FigureHost } from './host.tsx';
import { type FetchTeller, isText } from './load-source.ts';
import { type FigureStep, type Place, stepsOf } from './place.ts';
import { reflectingElement } from './reflected.ts';

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

/** What there is to keep of `element`, as it answers itself. */
function stateOf(
  element: Pick<FigureState, 'currentTime' | 'duration' | 'ended'> & {
    readonly steps: readonly FigureStep[];
    readonly paused: boolean;
    readonly playbackRate: number;
  },
  control: FigureControl,
): FigureState {
  const { steps, currentTime, duration, ended, paused, playbackRate } = element;
  const step = control.step();
  return {
    loaded: control.opened !== null,
    playing: !paused,
    ended,
    currentTime,
    duration,
    step: step?.index ?? 0,
    steps: steps.length,
    name: step?.name ?? '',
    title: step?.title ?? '',
    speed: playbackRate,
    error: control.failure,
  };
}

/** The class of the element; `fetchTeller` gives what tells recordings. */
export function mailFlowElement(fetchTeller: FetchTeller) {
  return class MailFlow extends reflectingElement() {
    static readonly observedAttributes = ATTRIBUTES;

    readonly #host = new FigureHost(this, fetchTeller);
    readonly #control = this.#host.control;

    connectedCallback(): void {
      this.#host.attach();
    }
    disconnectedCallback(): void {
      this.#host.detach();
    }
    attributeChangedCallback(name: string): void {
      this.#host.attributeChanged(name);
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
      return this.#host.load(text);
    }
    /** Plays from the beginning of one step to the end of another. Answers whether there are such steps. */
    playRange(from: string | number, to: string | number, loop = false): boolean {
      return this.#control.playRange(from, to, loop);
    }
    getState(): FigureState {
      return stateOf(this, this.#control);
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
  };
}
