/** The attributes of `<mail-flow>` that are its properties too, as those of a media element are. */
import { settingsFrom } from './draw/attributes.ts';

/** A class to build on; made when asked for, because a server has no `HTMLElement`. */
export function reflectingElement() {
  return class extends HTMLElement {
    get src(): string {
      return this.getAttribute('src') ?? '';
    }
    set src(src: string) {
      this.setAttribute('src', src);
    }
    get autoplay(): boolean {
      return settingsFrom(name => this.getAttribute(name)).autoplay;
    }
    set autoplay(on: boolean) {
      this.toggleAttribute('autoplay', on);
    }
    get loop(): boolean {
      return settingsFrom(name => this.getAttribute(name)).loop;
    }
    set loop(on: boolean) {
      this.toggleAttribute('loop', on);
    }
  };
}
