/** The files that a run can be saved as, made in the page from what it has; nothing is asked of a server but the player's script. */

import { writeTold } from '../../shared/compact/told.ts';
import { emlsOf } from '../../shared/export/eml.ts';
import { fileStem, titleOf } from '../../shared/export/facts.ts';
import { ladderMermaid } from '../../shared/export/ladder-mermaid.ts';
import { ladderSvg } from '../../shared/export/ladder-svg.ts';
import { selfContainedPage } from '../../shared/export/page.ts';
import { transcriptMarkdown, transcriptText } from '../../shared/export/transcript.ts';
import { type Theme, transcriptHtml } from '../../shared/export/transcript-html.ts';
import type { Span } from '../../shared/story/span.ts';
import type { Story } from '../../shared/story/story.ts';
import { assertNever } from '../../shared/world/world.ts';
import { recordingAsText } from '../session/session.ts';
import { shownRoomApi } from '../session/shown-room.ts';
import { player } from '../session/store.ts';
import type { Answer } from '../source/api.ts';
import { siteAddress } from '../url.ts';
import { savedPage, savedRun } from './snippets.ts';

/** What is to be saved, and how it is to look. */
export interface Chosen {
  readonly story: Story;
  readonly span: Span;
  readonly from: string | null;
  readonly to: string | null;
  readonly theme: Theme;
  readonly autoplay: boolean;
}

export type Kind =
  | 'page'
  | 'recording'
  | 'told'
  | 'script'
  | 'transcript-html'
  | 'transcript-markdown'
  | 'transcript-text'
  | 'ladder-svg'
  | 'ladder-mermaid';

interface Saved {
  readonly name: string;
  readonly type: string;
  readonly content: string | Uint8Array;
}

const no = (message: string): Answer<never> => ({ ok: false, message, code: '' });

/** The recording of what is shown. While a world runs it is asked of its server, as far as it has come. */
async function traceShown(): Promise<Answer<string>> {
  const text = recordingAsText();
  if (text !== null) return { ok: true, value: text };
  return player.getState().source.kind === 'live'
    ? shownRoomApi().trace()
    : no('The recording of what is shown is not here.');
}

async function scriptOf(file: string): Promise<Answer<string>> {
  const address = `${siteAddress()}embed/${file}`;
  try {
    const response = await fetch(address);
    const isScript = /javascript/.test(response.headers.get('content-type') ?? 'javascript');
    if (response.ok && isScript) return { ok: true, value: await response.text() };
  } catch {
    return no('The player’s script could not be fetched: the server does not answer.');
  }
  return no(`This site does not have embed/${file}, the player’s script. “npm run build” makes it, in dist/embed.`);
}

/** crypto.subtle is there on https and on one's own machine only. */
async function sha256(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return btoa(String.fromCharCode(...digest));
}

async function page(chosen: Chosen): Promise<Answer<string>> {
  const { subtle } = crypto as Partial<Crypto>;
  if (subtle === undefined)
    return no('This page is not served securely (https), so it cannot make that file; “mailscope export” can.');
  const [trace, script] = await Promise.all([traceShown(), scriptOf('mail-flow-all.js')]);
  if (!trace.ok) return trace;
  if (!script.ok) return script;
  return {
    ok: true,
    value: await selfContainedPage({ ...chosen, trace: trace.value, script: script.value, hash: sha256 }),
  };
}

export const stemOf = (story: Story, span: Span): string => fileStem(titleOf(story, span));

/** The file that is asked for, or why it cannot be had. */
async function fileOf(kind: Kind, chosen: Chosen): Promise<Answer<Saved>> {
  const { story, span, theme } = chosen;
  const stem = stemOf(story, span);
  const made = (name: string, type: string, content: string): Answer<Saved> => ({
    ok: true,
    value: { name, type, content },
  });
  const got = (answer: Answer<string>, name: string, type: string): Answer<Saved> =>
    answer.ok ? made(name, type, answer.value) : answer;
  switch (kind) {
    case 'page':
      return got(await page(chosen), savedPage(stem), 'text/html');
    case 'recording':
      return got(await traceShown(), `${stem}.trace.ndjson`, 'application/x-ndjson');
    case 'script':
      return got(await scriptOf('mail-flow.js'), 'mail-flow.js', 'text/javascript');
    case 'told':
      return made(savedRun(stem), 'application/json', writeTold(story));
    case 'transcript-html':
      return made(`${stem}-transcript.html`, 'text/html', transcriptHtml(story, span, theme));
    case 'transcript-markdown':
      return made(`${stem}.md`, 'text/markdown', transcriptMarkdown(story, span));
    case 'transcript-text':
      return made(`${stem}.txt`, 'text/plain', transcriptText(story, span));
    case 'ladder-svg':
      return made(`${stem}-ladder.svg`, 'image/svg+xml', ladderSvg(story, span, inkOf(theme)));
    case 'ladder-mermaid':
      return made(`${stem}.mmd`, 'text/plain', ladderMermaid(story, span));
    default:
      return assertNever(kind);
  }
}

const inkOf = (theme: Theme): 'light' | 'dark' => (theme === 'auto' ? player.getState().theme : theme);

/** Milliseconds after which no browser still reads a file that it was given to save. */
const READ = 60_000;

/** Hands the browser a file to save. */
export function save({ name, type, content }: Saved): void {
  const part = typeof content === 'string' ? content : new Uint8Array(content);
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([part], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), READ);
}

/** Answers the name of what was saved, or a sentence why not. */
export async function saveAs(kind: Kind, chosen: Chosen): Promise<Answer<string>> {
  const file = await fileOf(kind, chosen);
  if (!file.ok) return file;
  save(file.value);
  return { ok: true, value: file.value.name };
}

export const lettersOf = ({ story, span }: Pick<Chosen, 'story' | 'span'>) => emlsOf(story, span);
