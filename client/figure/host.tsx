/** The part of `<mail-flow>` behind its public face: it keeps the figure drawn into the element's shadow, and in step with the page around it. */
import type { ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { assertNever } from '../../shared/world/world.ts';
import type { ActOn } from '../player/keys.ts';
import { nextSpeed } from '../player/transport.ts';
import { FigureControl } from './control.ts';
import { type Settings, settingsFrom } from './draw/attributes.ts';
import { Figure } from './draw/Figure.tsx';
import { partOf } from './draw/keys.ts';
import { onThemeAround, themeAround } from './draw/theme.ts';
import type { FetchTeller } from './load-source.ts';
import type { FigureStep, Place } from './place.ts';
import { figureSheet } from './sheets.ts';
import { onPageVisibility, onStillPreferred, watchSight } from './visibility.ts';

/** What buttons and keys ask of the element itself: a page may have put its own in their place. */
interface Playable extends HTMLElement {
  toggle(): void;
  seek(place: Place): boolean;
  next(): void;
  prev(): void;
  setSpeed(speed: number): void;
}

export class FigureHost {
  readonly control: FigureControl;
  readonly #element: Playable;
  readonly #root: { render(drawn: ReactNode): void };
  #ends: (() => void)[] = [];
  #attached = false;
  #due = false;
  /** Its address was given, the same one too. */
  #srcGiven = false;
  /** Its text lies open over the picture. */
  #reading = false;

  constructor(element: Playable, fetchTeller: FetchTeller) {
    this.#element = element;
    this.control = new FigureControl(
      fetchTeller,
      (type, step) => this.#dispatch(type, step),
      () => this.#draw(),
    );
    const shadow = element.attachShadow({ mode: 'open', delegatesFocus: true });
    shadow.adoptedStyleSheets = [figureSheet()];
    this.#root = createRoot(shadow);
  }

  attach(): void {
    const { control } = this;
    this.#attached = true;
    control.player.setAwake(document.visibilityState === 'visible');
    this.#ends = [
      onThemeAround(() => this.#draw()),
      onStillPreferred(() => this.#apply()),
      onPageVisibility(seen => control.player.setAwake(seen)),
      watchSight(this.#element, { near: () => control.want(), sight: inSight => control.see(inSight) }),
    ];
    const root = this.#element.getRootNode();
    control.attach(root instanceof ShadowRoot ? root : document, this.settings());
  }

  detach(): void {
    this.#attached = false;
    for (const end of this.#ends) end();
    this.control.detach();
  }

  /** Several at once are one change. */
  attributeChanged(name: string): void {
    this.#srcGiven ||= name === 'src';
    if (!this.#attached || this.#due) return;
    this.#due = true;
    queueMicrotask(() => this.#apply());
  }

  settings(): Settings {
    return settingsFrom(name => this.#element.getAttribute(name));
  }

  /** `text`: a recording itself, in place of `src`. Answers whether it is shown. */
  load(text: string | null): Promise<boolean> {
    // It is being loaded here, whatever became of it before.
    this.#srcGiven = false;
    return this.control.load(text, this.settings());
  }

  #apply(): void {
    this.#due = false;
    const again = this.#srcGiven;
    this.#srcGiven = false;
    this.control.apply(this.settings(), again);
  }

  #dispatch(type: string, step: FigureStep | null): void {
    // An error that bubbled would look like one of the page's own.
    const init = { bubbles: type !== 'error', composed: type !== 'error' };
    const detail = type === 'error' ? this.control.failure : type === 'stepchange' ? step : null;
    this.#element.dispatchEvent(new CustomEvent(type, { ...init, detail }));
  }

  #act(act: ActOn<'figure'>, key = ''): void {
    const element = this.#element;
    const { control } = this;
    switch (act) {
      case 'toggle':
        element.toggle();
        break;
      case 'next':
        element.next();
        break;
      case 'previous':
        element.prev();
        break;
      case 'part':
        element.seek({ percent: partOf(key) * 100 });
        break;
      case 'pace':
        element.setSpeed(nextSpeed(control.player.speed(), key === '<' ? -1 : 1));
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
    if (!on) this.#element.focus({ preventScroll: true });
  }

  #grow(): void {
    const element = this.#element;
    const done = document.fullscreenElement === element ? document.exitFullscreen() : element.requestFullscreen();
    // Refused where a frame may not: then the figure stays as large as it is.
    done.catch(() => undefined);
  }

  #draw(): void {
    if (!this.#attached) return;
    const { player, settings, failure } = this.control;
    this.#root.render(
      <Figure
        player={player}
        settings={settings}
        theme={settings.theme === 'auto' ? themeAround(this.#element) : settings.theme}
        still={this.control.isStill()}
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
}
