/** A story in words as HTML: for a page of its own, or to be put into somebody's article. No script, no class of the host's is needed. */
import { PROTOCOLS } from '../protocols.ts';
import type { Span } from '../story/span.ts';
import type { Beat, Line, Story } from '../story/story.ts';
import { plain } from '../story/words.ts';
import { recordedOn, shownSpan, titleOf } from './facts.ts';
import { escaped, paragraphs, references, words } from './html.ts';
import { beatsWithLines, worldAfter } from './parties.ts';
import { PAGE_STYLE, TRANSCRIPT_STYLE } from './style.ts';
import { clocksOf, provenance } from './transcript.ts';
import { linesText } from './wire-text.ts';

export type Theme = 'auto' | 'light' | 'dark';

/** As CSS and a browser have it. */
export const schemeOf = (theme: Theme): string => (theme === 'auto' ? 'light dark' : theme);

function outcomeOf(beat: Beat): string {
  if (beat.name === 'queue.deferred') return ' <span class="waits">◷ waits</span>';
  return beat.failed ? ' <span class="failed">✕ fails</span>' : '';
}

function section(story: Story, beat: Beat, lines: readonly Line[], number: number, level: number): string {
  const { protocol, title, body, references: rules } = beat.caption;
  const said = linesText(worldAfter(story, beat), lines, `What was said: ${plain(title)}`);
  return `<li class="beat">
<h${level}><span class="number">${number}.</span> ${words(title)}</h${level}>
<p class="mark"><span class="tag ${protocol}">${PROTOCOLS[protocol].name}</span> <span>${escaped(clocksOf(story, beat))}</span>${outcomeOf(beat)}</p>
${paragraphs(body)}
${references(rules)}
${said === '' ? '' : `<div class="wire">${said}</div>`}
</li>`;
}

/** One `<section class="mailscope-transcript">`, for an article, which brings its own style. `level`: of its heading. */
export function transcriptFragment(
  story: Story,
  asked: Span | null = null,
  level: 1 | 2 = 2,
  heading = titleOf(story, shownSpan(story, asked)),
): string {
  const span = shownSpan(story, asked);
  const beats = beatsWithLines(story, span).map(({ beat, lines }, at) =>
    section(story, beat, lines, at + 1, level + 1),
  );
  return `<section class="mailscope-transcript" lang="en">
<h${level}>${escaped(heading)}</h${level}>
<p class="provenance">${escaped(provenance(story, span, 'in italics'))}</p>
<ol class="beats">
${beats.join('\n')}
</ol>
</section>
`;
}

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** A page of its own, with nothing to load. */
export function transcriptHtml(story: Story, asked: Span | null = null, theme: Theme = 'auto'): string {
  const title = titleOf(story, shownSpan(story, asked));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escaped(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="${schemeOf(theme)}">
<meta name="description" content="${escaped(`What crossed the wire, step by step. Recorded from real sockets on ${recordedOn(story.header)}.`)}">
<title>${escaped(title)} · transcript</title>
<style>:root{color-scheme:${schemeOf(theme)}}</style>
<style>${PAGE_STYLE}${TRANSCRIPT_STYLE}</style>
</head>
<body>
<main>
${transcriptFragment(story, asked, 1)}</main>
</body>
</html>
`;
}
