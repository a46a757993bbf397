/** All stories as one page to be read: grouped, each with what it is about and how long it takes. */
import type { CatalogueEntry } from '../../../shared/api/catalogue.ts';
import { escaped, paragraphsOf, words } from '../../../shared/export/html.ts';
import { framed } from './text-frame.ts';
import { heading } from './text-page.ts';

/** One story as it is listed. */
type Listed = Pick<CatalogueEntry, 'name' | 'title' | 'intro' | 'group' | 'beats' | 'questions'>;

const counted = (n: number, one: string): string => (n === 1 ? `1 ${one}` : `${n} ${one}s`);

const entry = ({ name, title, intro, beats, questions }: Listed): string => `<li>
<h3><a href="${escaped(`${encodeURIComponent(name)}/`)}">${words(title)}</a></h3>
<p>${words(paragraphsOf(intro)[0] ?? '')}</p>
<p class="size">${counted(beats, 'step')}${questions > 0 ? ` · ${counted(questions, 'question')}` : ''}</p>
</li>`;

function groupOf(group: string, at: number, stories: readonly Listed[]): string {
  const own = stories.filter(story => story.group === group);
  if (own.length === 0) return '';
  return `<section aria-labelledby="group-${at}">
<h2 id="group-${at}">${escaped(heading(group))}</h2>
<ol>
${own.map(entry).join('\n')}
</ol>
</section>`;
}

/** The page, as stories/index.html. */
export const listPage = (groups: readonly string[], stories: readonly Listed[], css: string): string =>
  framed({
    title: 'Stories · mailscope',
    description:
      'What happens when you press Send, and what when it goes wrong: stories to read, each with the lines that really crossed the wire.',
    root: '../',
    css,
    nav: '<a href="../?stories">Watch the stories</a>',
    main: `<div class="opening">
<h1>Stories</h1>
<p>What happens when you press Send, and what when it goes wrong. Each of these ran on real servers; each is here in words, with the lines that crossed the wire. You can also <a href="../?stories">watch them</a>.</p>
</div>
<div class="shelf">
${groups.map((group, at) => groupOf(group, at, stories)).join('\n')}
</div>`,
  });
