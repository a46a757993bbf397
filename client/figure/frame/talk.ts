/** The figure and the page around its frame: calls in, answers and events out. */
import { type MailFlow, obey } from './figure.ts';
import { answerMessage, eventMessage, type FrameEvent, readMessage } from './messages.ts';

/** A page that follows the time hears of it four times a second at most. */
const BETWEEN = 250;

/** What the element calls it, and what the page hears. */
const EVENTS: Readonly<Record<string, FrameEvent>> = {
  loadeddata: 'ready',
  play: 'play',
  playing: 'playing',
  pause: 'pause',
  ended: 'ended',
  stepchange: 'stepchange',
  timeupdate: 'timeupdate',
  error: 'error',
};

/** These alone change what a page would show beside the figure. */
const CHANGES: readonly string[] = ['loadeddata', 'play', 'pause', 'ended', 'stepchange', 'ratechange', 'error'];

const inFrame = (): boolean => window.parent !== window;

/** The height that it would take by itself at this width: as it has no height of its own for a moment, which is never painted. */
function heightOf(figure: HTMLElement): number {
  const given = figure.style.getPropertyValue('--mail-flow-height');
  figure.style.setProperty('--mail-flow-height', 'initial');
  const height = Math.ceil(figure.getBoundingClientRect().height);
  figure.style.setProperty('--mail-flow-height', given);
  return height;
}

/** Tells the page around us what happens. Whoever frames us may hear it: it is about a recording that any page could load. */
export function speak(figure: MailFlow): void {
  if (!inFrame()) return;
  const say = (event: FrameEvent, more: object = {}): void =>
    window.parent.postMessage(eventMessage(event, figure.getState(), more), '*');

  let told = Number.NEGATIVE_INFINITY;
  for (const [type, event] of Object.entries(EVENTS)) {
    figure.addEventListener(type, happened => {
      if (event === 'timeupdate') {
        if (performance.now() - told < BETWEEN) return;
        told = performance.now();
      }
      const detail: unknown = happened instanceof CustomEvent ? happened.detail : null;
      say(event, event === 'stepchange' && typeof detail === 'object' && detail !== null ? { step: detail } : {});
    });
  }
  for (const type of CHANGES) figure.addEventListener(type, () => say('statechange'));

  let height = 0;
  const measure = (): void => {
    const now = heightOf(figure);
    if (now === height || now === 0) return;
    height = now;
    say('height', { height });
  };
  new ResizeObserver(measure).observe(figure);
  // Captions that come or go change it at the same width.
  new MutationObserver(() => requestAnimationFrame(measure)).observe(figure, {
    attributes: true,
    attributeFilter: ['captions', 'controls', 'view'],
  });
}

/**
 * Does what the page around us asks. Its origin is not asked for: a call can only play, move and load what any page may
 * read anyway; there is nothing of the visitor's here, and this page has no origin with which it could ask for it (see the
 * sandbox in server/web/guard.ts). Reveal's bare words are taken from the parent alone, as reveal sends them.
 */
export function listen(figure: MailFlow): void {
  addEventListener('message', event => {
    const { data, source }: { data: unknown; source: MessageEventSource | null } = event;
    if (source === null || source === window) return;
    const bare = typeof data === 'string' && !data.trimStart().startsWith('{');
    if (bare && source !== window.parent) return;
    const message = readMessage(data);
    if (message === null) return;
    const answer = (outcome: { readonly result: unknown } | { readonly error: string }): void => {
      if (message.id !== null) source.postMessage(answerMessage(message.id, outcome), { targetOrigin: '*' });
    };
    if (message.kind === 'wrong') {
      answer({ error: message.message });
      return;
    }
    obey(figure, message.call).then(
      result => answer({ result }),
      (error: unknown) => answer({ error: error instanceof Error ? error.message : String(error) }),
    );
  });
}
