/** The figure that fills this page, as what it was asked in its address and by messages. It knows the element by its public methods alone. */
import type { FigureAddress, FigureOption } from '../../../shared/api/figure.ts';
import { momentOf } from '../../../shared/api/figure.ts';
import { assertNever } from '../../../shared/world/world.ts';
import type { Place } from '../place.ts';
import { fetchable } from './address.ts';
import type { Call } from './messages.ts';

/** `<mail-flow>`, as far as a frame needs it (docs/embed.md). */
export interface MailFlow extends HTMLElement {
  play(): void;
  pause(): void;
  toggle(): void;
  next(): void;
  prev(): void;
  seek(place: Place): boolean;
  setSpeed(speed: number): void;
  load(given: string): Promise<boolean>;
  playRange(from: string | number, to: string | number, loop?: boolean): boolean;
  getState(): { readonly loaded: boolean; readonly error: string | null };
  readonly steps: readonly object[];
}

const isMailFlow = (element: Element | null): element is MailFlow => element !== null && 'getState' in element;

/** The one of this page, once its script has run. Never resolves where that cannot be loaded: then the page's sentence stays. */
export async function figureHere(): Promise<MailFlow> {
  await customElements.whenDefined('mail-flow');
  const element = document.querySelector('mail-flow');
  if (!isMailFlow(element)) throw new Error('embed.html has no <mail-flow>');
  return element;
}

const STORY = /^[a-z0-9][a-z0-9-]*$/;

/** Where the run lies that was asked for; null where that is nowhere. */
function fileOf({ source }: FigureAddress): string | null {
  if (source === null) return null;
  if (source.kind === 'trace') return fetchable(source.address);
  return STORY.test(source.name) ? fetchable(`stories/${source.name}.told.json`) : null;
}

const NOT_ATTRIBUTES: readonly FigureOption[] = ['t'];

/** Answers false where the address names no run. */
export function show(figure: MailFlow, address: FigureAddress): boolean {
  const file = fileOf(address);
  if (file === null) return false;
  for (const [option, value] of address.options)
    if (!NOT_ATTRIBUTES.includes(option)) figure.setAttribute(option, value);
  figure.setAttribute('src', file);
  const t = momentOf(address.options.get('t') ?? '');
  if (t !== null) figure.seek({ ms: t });
  return true;
}

/** To another place of the same run, where it stands still. */
export function move(figure: MailFlow, { options }: FigureAddress): void {
  const step = options.get('step');
  const t = momentOf(options.get('t') ?? '');
  if (step === undefined && t === null) return;
  figure.pause();
  figure.seek(step ?? { ms: t ?? 0 });
}

/** Does what a message asks for; resolves with what it is answered. Throws where that cannot be done. */
export async function obey(figure: MailFlow, call: Call): Promise<unknown> {
  const unless = (done: boolean, sentence: string): void => {
    if (!done) throw new Error(sentence);
  };
  switch (call.method) {
    case 'play':
    case 'pause':
    case 'toggle':
    case 'next':
    case 'prev':
      figure[call.method]();
      break;
    case 'getState':
      break;
    case 'getSteps':
      return figure.steps;
    case 'seek':
      unless(figure.seek(call.place), 'This run has no such place.');
      break;
    case 'setSpeed':
      figure.setSpeed(call.speed);
      break;
    case 'setTheme':
      figure.setAttribute('theme', call.theme);
      break;
    case 'setCaptions':
      figure.setAttribute('captions', call.on ? '1' : '0');
      break;
    case 'load': {
      const recording = call.given.trimStart().startsWith('{');
      const given = recording ? call.given : fetchable(call.given);
      unless(given !== null, 'That is no address of a recording.');
      unless(await figure.load(given ?? ''), figure.getState().error ?? 'It cannot be shown.');
      break;
    }
    case 'playRange':
      unless(figure.playRange(call.from, call.to, call.loop), 'This run has no such steps.');
      break;
    default:
      return assertNever(call);
  }
  return figure.getState();
}
