/** What every page to be read has around it: head, the way to the other stories, and where it all comes from. */
import { escaped, plain } from '../../../shared/export/html.ts';

export interface Frame {
  readonly title: string;
  readonly description: string;
  /** The way from the page to the folder of the built site: "../../". */
  readonly root: string;
  /** The style sheet, from that folder: "assets/reading-1a2b3c4d.css". */
  readonly css: string;
  /** Where in the site it stands: what leads on from here. */
  readonly nav: string;
  readonly main: string;
  /** Whether it has notes for the margin; default false. */
  readonly notes?: boolean;
}

const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect x='2' y='6' width='28' height='20' rx='4' fill='%23fffaf0' stroke='%232458c5' stroke-width='2.5'/%3E%3Cpath d='M4 9l12 9 12-9' fill='none' stroke='%23c8402f' stroke-width='2.5'/%3E%3C/svg%3E";

/** Also where the files lie on a server that sends no policy. */
const POLICY =
  "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'";

/** What a search engine shows under the title. */
export function summary(text: string, most = 158): string {
  const whole = plain(text);
  if (whole.length <= most) return whole;
  return `${whole.slice(0, whole.lastIndexOf(' ', most - 1))}…`;
}

export const framed = ({ title, description, root, css, nav, main, notes = false }: Frame): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escaped(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="description" content="${escaped(description)}">
<title>${escaped(title)}</title>
<link rel="icon" href="${escaped(ICON)}">
<link rel="stylesheet" href="${escaped(`${root}${css}`)}">
</head>
<body>
<header class="header">
<p class="logo"><a href="${escaped(root)}">mail<b>scope</b></a></p>
<nav class="ways" aria-label="Stories">${nav}</nav>
</header>
<main${notes ? ' class="with-notes"' : ''}>
${main}
</main>
<footer>
<p class="origin">Nothing here is made up: every line of a conversation crossed a TCP or UDP socket between the servers that <a href="${escaped(root)}">mailscope</a> runs. The names and addresses are those kept for examples, so that they are nobody’s.</p>
</footer>
</body>
</html>
`;
