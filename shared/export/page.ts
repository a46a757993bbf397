/** A run as one HTML file that needs nothing and nobody: recording, player and transcript are in it. Opens from a disk. */
import type { Span } from '../story/span.ts';
import type { Story } from '../story/story.ts';
import { fileStem, recordedOn, shownSpan, titleOf } from './facts.ts';
import { escaped } from './html.ts';
import { PAGE_STYLE, TRANSCRIPT_STYLE } from './style.ts';
import { schemeOf, type Theme, transcriptFragment } from './transcript-html.ts';

export interface PageParts {
  /** Told from `trace`, for what is there to be read. */
  readonly story: Story;
  /** The recording as its file has it. */
  readonly trace: string;
  /** dist/embed/mail-flow-all.js */
  readonly script: string;
  readonly span: Span | null;
  /** Names of the beats between which it plays, as the element takes them; null is the beginning, or the end. */
  readonly from: string | null;
  readonly to: string | null;
  readonly theme: Theme;
  readonly autoplay: boolean;
  /** SHA-256 of the text in UTF-8, in base64: the page's policy lets exactly these scripts and styles in. */
  readonly hash: (text: string) => Promise<string>;
}

/** JSON as the content of a script element: nothing in it ends the element, or opens another. The same values are read from it. */
const jsonInScript = (json: string): string => json.replaceAll('<', '\\u003c');

/**
 * JavaScript as the content of a script element. Such a character stands in a string, a template or a regular expression, where
 * the escape means the same. Line ends are what an HTML parser makes of them, so that the hash is that of what the browser sees.
 */
const codeInScript = (code: string): string =>
  code
    .replace(/\r\n?/g, '\n')
    .replaceAll('\0', '\\x00')
    .replace(/<(?=!--|\/?script)/gi, '\\x3c');

/** Offers the recording for download, and folds the transcript up now that there is a player; in somebody's frame, only the figure is there. */
const OWN_SCRIPT = `
const text = document.getElementById('run').textContent;
const link = document.getElementById('recording');
link.href = URL.createObjectURL(new Blob([text], { type: 'application/x-ndjson' }));
link.parentElement.hidden = false;
document.getElementById('read').open = false;
document.documentElement.classList.toggle('framed', self !== top);
`;

const OWN_STYLE = `
mail-flow{display:block;max-width:100%}
mail-flow:not(:defined){padding:22px;border:1px solid var(--line);border-radius:14px;background:var(--paper-2)}
h1+mail-flow{margin-top:16px}
.framed body::before,.framed h1,.framed #read,.framed footer{display:none}
.framed body{background:transparent}
.framed main{max-width:none;padding:0}
.framed h1+mail-flow{margin:0}
#read{margin:22px 0 0}
#read>summary{padding:8px 0;color:var(--smtp-ink);font-weight:550;cursor:pointer}
`;

/** Attributes of the element; null is one that is left out, '' one that is only there. */
const attributes = (all: Readonly<Record<string, string | null>>): string =>
  Object.entries(all)
    .map(([name, value]) => (value === null ? '' : value === '' ? ` ${name}` : ` ${name}="${escaped(value)}"`))
    .join('');

/** The whole file; ends in a newline. */
export async function selfContainedPage(parts: PageParts): Promise<string> {
  const { story, theme, hash } = parts;
  const span = shownSpan(story, parts.span);
  const title = titleOf(story, span);
  const player = codeInScript(parts.script);
  const style = `:root{color-scheme:${schemeOf(theme)}}${PAGE_STYLE}${TRANSCRIPT_STYLE}${OWN_STYLE}`.replace(
    /:root\{color-scheme:light dark;/,
    ':root{',
  );
  const [playerHash, ownHash, styleHash] = await Promise.all([hash(player), hash(OWN_SCRIPT), hash(style)]);
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${playerHash}' 'sha256-${ownHash}'`,
    `style-src 'sha256-${styleHash}'`,
    'img-src data: blob:',
    'font-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const when = recordedOn(story.header);
  const { from, to, autoplay } = parts;
  const settings = attributes({
    src: '#run',
    from,
    to,
    theme: theme === 'auto' ? null : theme,
    autoplay: autoplay ? '' : null,
    title,
  });
  return `<!doctype html>
<html lang="en"${theme === 'auto' ? '' : ` data-theme="${theme}"`}>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escaped(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="${schemeOf(theme)}">
<meta name="description" content="${escaped(`${title}: what crossed the wire, step by step. Recorded from real sockets on ${when}.`)}">
<meta name="generator" content="mailscope">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
<mail-flow${settings}>
<p>This figure plays where scripts may run. What happens in it is told below, step by step.</p>
</mail-flow>
<details id="read" open>
<summary>Read it: every step in words, with the lines that crossed</summary>
${transcriptFragment(story, parts.span, 2, 'In words')}</details>
</main>
<footer>
<p>Nothing here is made up: this was recorded from real TCP and UDP sockets on ${escaped(when)}, between servers that <b>mailscope</b> ran on one machine. The names and addresses are those kept for examples. Time is slowed down, so that you can watch. This file asks nobody for anything.</p>
<p hidden><a id="recording" download="${escaped(fileStem(title))}.trace.ndjson">Save the recording</a>, to be opened with mailscope.</p>
</footer>
<script type="application/x-ndjson" id="run">${jsonInScript(parts.trace)}</script>
<script>${player}</script>
<script>${OWN_SCRIPT}</script>
</body>
</html>
`;
}
