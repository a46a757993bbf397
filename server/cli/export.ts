/** `mailscope export`: what is in a recording, as a file that somebody else can use. */
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeTold } from '../../shared/compact/told.ts';
import { emlsOf } from '../../shared/export/eml.ts';
import { ladderMermaid } from '../../shared/export/ladder-mermaid.ts';
import { ladderSvg } from '../../shared/export/ladder-svg.ts';
import { selfContainedPage } from '../../shared/export/page.ts';
import { transcriptMarkdown, transcriptText } from '../../shared/export/transcript.ts';
import { type Span, spanOf } from '../../shared/story/span.ts';
import { assertNever } from '../../shared/world/world.ts';
import { type ExportArguments, type FilmFormat, isFilm } from './export-usage.ts';
import { figureScript } from './figure-script.ts';
import { CliError } from './parse.ts';
import { type FoundRecording, findRecording } from './recording.ts';

const sha256 = async (text: string): Promise<string> => createHash('sha256').update(text, 'utf8').digest('base64');

async function textIn(
  {
    format,
    from,
    until,
    theme,
  }: ExportArguments & { readonly format: Exclude<ExportArguments['format'], 'eml' | FilmFormat> },
  { story, trace }: FoundRecording,
  span: Span,
  say: (sentence: string) => void,
): Promise<string> {
  switch (format) {
    case 'html':
      return selfContainedPage({
        story,
        trace,
        script: await figureScript(say),
        span,
        from,
        to: until,
        theme,
        autoplay: false,
        hash: sha256,
      });
    case 'text':
      return transcriptText(story, span);
    case 'markdown':
      return transcriptMarkdown(story, span);
    case 'mermaid':
      return ladderMermaid(story, span);
    case 'ladder':
      return ladderSvg(story, span, theme === 'dark' ? 'dark' : 'light');
    case 'told':
      return writeTold(story, span);
    default:
      return assertNever(format);
  }
}

/** What the file system says against it is one sentence. */
async function written(what: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new CliError(1, `${what} cannot be written (${code}).`);
  }
}

async function writeLetters(
  { story }: FoundRecording,
  span: Span,
  folder: string,
  print: (line: string) => void,
): Promise<void> {
  const letters = emlsOf(story, span);
  if (letters.length === 0) throw new CliError(1, 'No letter crosses as a whole in that part of the recording.');
  await written(folder, async () => {
    await mkdir(folder, { recursive: true });
    for (const { name, bytes } of letters) await writeFile(join(folder, name), bytes);
  });
  for (const { name, added } of letters)
    print(`${join(folder, name)}${added.length === 0 ? '' : `  new in it: ${added.join(', ')}`}`);
}

/** Where it is one, progress is written over and over on one line of the terminal. */
function progressOn({ stderr }: NodeJS.Process): (done: number, of: number, what: string) => void {
  let last = 0;
  return (done, of, what) => {
    const now = performance.now();
    if (!stderr.isTTY || (done < of && now - last < 100)) return;
    last = now;
    stderr.write(`\r${what} ${done} of ${of}${done < of ? '' : '\n'}`);
  };
}

async function writeFilm(
  { output, theme, look, from, until }: ExportArguments,
  { trace, stem }: FoundRecording,
  format: FilmFormat,
  print: (line: string) => void,
  say: (sentence: string) => void,
): Promise<void> {
  const onProgress = progressOn(process);
  const light = theme === 'dark' ? 'dark' : 'light';
  const { exportFilm } = await import('./film.ts');
  const bytes = await exportFilm({ trace, format, from, until, theme: light, ...look, onProgress, say });
  if (output === '-') process.stdout.write(bytes);
  else {
    const file = output ?? `${stem}${format === 'sheet' ? '-steps.png' : `.${format}`}`;
    await written(file, () => writeFile(file, bytes));
    print(file);
  }
}

/** Resolves with the exit status. Throws CliError. */
export async function exportRun(
  args: ExportArguments,
  print: (line: string) => void,
  say: (sentence: string) => void,
): Promise<number> {
  const found = await findRecording(args.run);
  if (found.gaps !== null) say(found.gaps);
  const part = spanOf(found.story, args.from, args.until);
  if (!part.ok) throw new CliError(args.from === null && args.until === null ? 1 : 2, part.message);
  const { format, output } = args;
  if (format === 'eml') {
    await writeLetters(found, part.span, output ?? `${found.stem}-letters`, print);
    return 0;
  }
  if (isFilm(format)) {
    await writeFilm(args, found, format, print, say);
    return 0;
  }
  const text = await textIn({ ...args, format }, found, part.span, say);
  if (output === null || output === '-') print(text.replace(/\n$/, ''));
  else await written(output, () => writeFile(output, text));
  return 0;
}
