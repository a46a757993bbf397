/** What one puts into an article to have a figure there: a frame, the element, or a picture that leads to it. Pure. */
import { escaped } from '../../shared/export/html.ts';
import type { Theme } from '../../shared/export/transcript-html.ts';

/** Where the run can be had from: a story of this site's, an address, or only from what its viewer saves. */
export type Home =
  | { readonly kind: 'story'; readonly site: string; readonly name: string }
  | { readonly kind: 'address'; readonly site: string; readonly address: string }
  | { readonly kind: 'saved'; readonly stem: string };

export interface Figure {
  readonly home: Home;
  readonly title: string;
  /** Names of beats; null is where the run begins, or ends. */
  readonly from: string | null;
  readonly to: string | null;
  readonly theme: Theme;
  readonly autoplay: boolean;
}

/** As they are saved: the page that needs nothing, and the run for the element. */
export const savedPage = (stem: string): string => `${stem}.html`;
export const savedRun = (stem: string): string => `${stem}.told.json`;

/** The page that shows it: where a link leads. `moment` in seconds of story time; null is its start. */
export function linkTo(home: Home, moment: number | null): string {
  if (home.kind === 'saved') return savedPage(home.stem);
  const query = new URLSearchParams(home.kind === 'story' ? { story: home.name } : { trace: home.address });
  return `${home.site}?${query}${moment === null ? '' : `#t=${Math.round(moment * 10) / 10}`}`;
}

const settingsOf = ({ from, to, theme, autoplay }: Figure): readonly (readonly [string, string])[] => [
  ...(from === null ? [] : [['from', from] as const]),
  ...(to === null ? [] : [['to', to] as const]),
  ...(theme === 'auto' ? [] : [['theme', theme] as const]),
  ...(autoplay ? [['autoplay', '1'] as const] : []),
];

const attributes = (all: readonly (readonly [string, string])[]): string =>
  all.map(([name, value]) => ` ${name}="${escaped(value)}"`).join('');

function frameAddress(figure: Figure): string {
  const { home } = figure;
  // The page that one has saved holds its settings itself.
  if (home.kind === 'saved') return savedPage(home.stem);
  const source = home.kind === 'story' ? { story: home.name } : { trace: new URL(home.address, home.site).href };
  const query = new URLSearchParams(source);
  for (const [name, value] of settingsOf(figure)) query.set(name, value);
  return `${home.site}embed?${query}`;
}

/** As high as a figure is in an article's column; on a phone it stands upright. */
const SHAPE = 'display: block; width: 100%; aspect-ratio: 680 / 518; min-height: 480px; border: 0';

export const frameSnippet = (figure: Figure): string =>
  `<iframe${attributes([
    ['src', frameAddress(figure)],
    ['title', figure.title],
    ['loading', 'lazy'],
    ['allow', 'fullscreen *'],
    ['style', SHAPE],
  ])}></iframe>`;

const scriptAddress = ({ home }: Figure): string =>
  home.kind === 'saved' ? 'mail-flow.js' : `${home.site}embed/mail-flow.js`;

function runAddress({ home }: Figure): string {
  if (home.kind === 'saved') return savedRun(home.stem);
  if (home.kind === 'address') return new URL(home.address, home.site).href;
  return `${home.site}stories/${encodeURIComponent(home.name)}.told.json`;
}

/** What a reader without script, or of a feed, gets. */
function fallback({ home, title }: Figure): string {
  const words = `${escaped(title)}: watch it step by step`;
  return home.kind === 'saved'
    ? `<p>${words}, where scripts may run.</p>`
    : `<a href="${escaped(linkTo(home, null))}">${words}</a>`;
}

export const elementSnippet = (figure: Figure): string =>
  `<script type="module" src="${escaped(scriptAddress(figure))}"></script>
<mail-flow${attributes([['src', runAddress(figure)], ...settingsOf(figure), ['title', figure.title]])}>
  ${fallback(figure)}
</mail-flow>`;

/** Where neither script nor frame is let in, a still that leads to the player: the picture that one saves, in Markdown. */
export const stillSnippet = ({ home, title }: Figure, stem: string): string =>
  `[![${title.replaceAll(/[[\]\\]/g, '\\$&')}](${stem}.png)](${linkTo(home, null)})`;
