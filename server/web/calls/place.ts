/** Which of our addresses shows which run: what oEmbed is asked about, and what the head of a page says of itself. Pure. */
import { FIGURE_OPTIONS, type FigureAddress, readFigure } from '../../../shared/api/figure.ts';

/** A page that shows one run; or the site itself, or its list of stories, where `source` is null. */
export interface Place extends FigureAddress {
  readonly page: 'site' | 'stories' | 'text' | 'figure';
}

const TEXT = /^\/stories\/([a-z0-9-]+)\/?(?:index\.html)?$/;

/** What is at this path of ours with this query and hash ("a=b" without their marks); null where that is no page. */
export function placeAt(path: string, query: string, hash = ''): Place | null {
  const said = [new URLSearchParams(query), new URLSearchParams(hash)] as const;
  if (path === '/' || path === '/index.html') return { page: 'site', ...readFigure(...said) };
  if (path === '/embed' || path === '/embed.html') return { page: 'figure', ...readFigure(...said) };
  if (path === '/stories' || path === '/stories/' || path === '/stories/index.html')
    return { page: 'stories', source: null, options: new Map() };
  const [, name] = TEXT.exec(path) ?? [];
  if (name === undefined) return null;
  return { page: 'text', source: { kind: 'story', name }, options: readFigure(...said).options };
}

/** The address of the figure, from the site's: "embed?story=…". */
export function figurePath({ source, options }: FigureAddress): string {
  const query = new URLSearchParams();
  if (source?.kind === 'story') query.set('story', source.name);
  if (source?.kind === 'trace') query.set('trace', source.address);
  for (const option of FIGURE_OPTIONS) {
    const value = options.get(option);
    if (value !== undefined) query.set(option, value);
  }
  return `embed?${query}`;
}
