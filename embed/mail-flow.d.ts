/** `<mail-flow>`: a run of letters through real mail servers, as a figure. Importing the script defines the element. */

/** A step of the figure. `index` counts from 1; `name` is stable ("mx-question"); `start` is in seconds of the figure. */
export interface MailFlowStep {
  readonly index: number;
  readonly name: string;
  readonly title: string;
  readonly start: number;
}

/** A number counts the figure's own steps from 1; a string is such a number or the name of a step. */
export type MailFlowPlace = number | string | { readonly ms: number } | { readonly percent: number };

/** Times are in seconds; `step` is 0 and `duration` NaN while nothing is loaded. */
export interface MailFlowState {
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

/** Named as a media element's, and `stepchange` when another step is shown. All but `error` bubble. */
export interface MailFlowEventMap {
  loadstart: CustomEvent<null>;
  loadeddata: CustomEvent<null>;
  canplay: CustomEvent<null>;
  play: CustomEvent<null>;
  playing: CustomEvent<null>;
  pause: CustomEvent<null>;
  ended: CustomEvent<null>;
  seeking: CustomEvent<null>;
  seeked: CustomEvent<null>;
  /** At most four times a second. */
  timeupdate: CustomEvent<null>;
  ratechange: CustomEvent<null>;
  stepchange: CustomEvent<MailFlowStep | null>;
  /** Its detail is one sentence for a person. */
  error: CustomEvent<string>;
}

/**
 * What an author may write on it; each attribute in any case. `src`: the address of a `.told.json` or a `.trace.ndjson`, or "#id" of an
 * element whose text is one. Switches that are on by themselves are switched off by "off".
 */
export interface MailFlowAttributes {
  src?: string;
  /** Stands at this step, paused: its number or its name. */
  step?: string | number;
  /** Shows only the part from this step on. */
  from?: string | number;
  /** Shows only the part up to this step. */
  to?: string | number;
  /** The step whose picture is shown before anything has been played. */
  poster?: string | number;
  autoplay?: boolean | string;
  loop?: boolean | string;
  /** 0.1 to 16; 1 where it is absent. */
  speed?: string | number;
  controls?: 'on' | 'off' | (string & {});
  captions?: 'on' | 'off' | (string & {});
  keys?: 'on' | 'off' | (string & {});
  view?: 'map' | 'split' | 'ladder';
  theme?: 'auto' | 'light' | 'dark';
  motion?: 'auto' | 'reduce' | 'full';
  lang?: string;
  title?: string;
}

export interface HTMLMailFlowElement extends HTMLElement {
  src: string;
  autoplay: boolean;
  loop: boolean;
  /** Seconds of the figure. */
  currentTime: number;
  playbackRate: number;
  readonly duration: number;
  readonly paused: boolean;
  readonly ended: boolean;
  readonly steps: readonly MailFlowStep[];
  /** From 1; 0 while nothing is loaded. */
  readonly currentStep: number;

  play(): void;
  pause(): void;
  toggle(): void;
  next(): void;
  prev(): void;
  /** Answers whether there is such a place; true while nothing is loaded, and it is gone to then. */
  seek(place: MailFlowPlace): boolean;
  setSpeed(speed: number): void;
  /** An address, or a recording itself. Answers whether it is shown. */
  load(source: string): Promise<boolean>;
  /** Plays from the beginning of one step to the end of another. Answers whether there are such steps. */
  playRange(from: string | number, to: string | number, loop?: boolean): boolean;
  getState(): MailFlowState;

  addEventListener<Type extends keyof MailFlowEventMap>(
    type: Type,
    listener: (this: HTMLMailFlowElement, event: MailFlowEventMap[Type]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<Type extends keyof MailFlowEventMap>(
    type: Type,
    listener: (this: HTMLMailFlowElement, event: MailFlowEventMap[Type]) => unknown,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void;
}

declare global {
  interface HTMLElementTagNameMap {
    'mail-flow': HTMLMailFlowElement;
  }
}
