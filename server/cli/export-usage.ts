/** What a person can type after `mailscope export`. */
import { ASKING, CliError, flag, text, withWords } from './parse.ts';

const FILM_FORMATS = ['gif', 'mp4', 'webm', 'png', 'sheet', 'svg'] as const;
export type FilmFormat = (typeof FILM_FORMATS)[number];

export const isFilm = (format: string): format is FilmFormat => FILM_FORMATS.some(each => each === format);

/**
 * By what comes of them: a text, which goes to standard output unless a file is named, a folder of letters, or a picture or film,
 * which needs a Chromium.
 */
const FORMATS = ['html', 'text', 'markdown', 'mermaid', 'ladder', 'told', 'eml', ...FILM_FORMATS] as const;
type Format = (typeof FORMATS)[number];

const THEMES = ['auto', 'light', 'dark'] as const;

export interface ExportArguments {
  readonly command: 'export';
  /** A file, "-" for standard input, or the name of a story that comes with mailscope. */
  readonly run: string;
  readonly format: Format;
  /** Null or "-" is standard output. */
  readonly output: string | null;
  /** Names of the first and the last beat; null is where the run begins, or ends. */
  readonly from: string | null;
  readonly until: string | null;
  readonly theme: (typeof THEMES)[number];
  /** Of a picture or a film. */
  readonly look: Look;
}

interface Look {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  readonly speed: number;
  /** Null is what suits the format. */
  readonly fps: number | null;
  readonly captions: boolean;
}

const LOOKS = { size: text, speed: text, fps: text, 'no-captions': flag } as const;
const EXPORT = {
  ...ASKING,
  to: text,
  output: { ...text, short: 'o' },
  from: text,
  until: text,
  theme: text,
  ...LOOKS,
} as const;

/** Null where help or the version is asked for. Throws CliError with exit 2. */
export function exportArguments(args: readonly string[]): ExportArguments | 'help' | 'version' {
  const { values, positionals } = withWords(args, EXPORT, true);
  if (values.help || values.version) return values.help ? 'help' : 'version';
  const [run, another] = positionals;
  if (run === undefined || run === '')
    throw new CliError(2, 'mailscope export needs a recording: a *.trace.ndjson, "-", or the name of a story.');
  if (another !== undefined) throw new CliError(2, `mailscope export takes one recording; “${another}” is another.`);
  const format = FORMATS.find(each => each === values.to);
  if (format === undefined)
    throw new CliError(
      2,
      `mailscope export needs --to with one of ${FORMATS.join(', ')}${values.to === undefined ? '' : `, not “${values.to}”`}.`,
    );
  const theme = THEMES.find(each => each === (values.theme ?? 'auto'));
  if (theme === undefined) throw new CliError(2, `--theme is one of ${THEMES.join(', ')}, not “${values.theme}”.`);
  for (const name of ['output', 'from', 'until'] as const)
    if (values[name] === '') throw new CliError(2, `--${name} needs a value; see mailscope --help.`);
  const { output = null, from = null, until = null } = values;
  if (format === 'eml' && output === '-') throw new CliError(2, 'Letters are several files: -o names a folder.');
  const idle = (['size', 'speed', 'fps', 'no-captions'] as const).find(name => values[name]);
  if (!isFilm(format) && idle !== undefined)
    throw new CliError(2, `--${idle} is of a picture or a film, --to ${FILM_FORMATS.join(', ')}.`);
  return { command: 'export', run, format, output, from, until, theme, look: lookOf(format, values) };
}

type Looks = { readonly [Name in 'size' | 'speed' | 'fps']?: string | undefined } & { readonly 'no-captions': boolean };

/** How large it is where nobody says: a film as a column of an article is wide, everything else as a screen. */
const SIZES: Partial<Record<Format, string>> = { gif: '680x480' };

function lookOf(format: Format, { size = SIZES[format] ?? '1280x720', speed = '1', fps, ...rest }: Looks): Look {
  const [, width, height] = /^(\d{3,4})x(\d{3,4})$/i.exec(size) ?? [];
  if (width === undefined || height === undefined)
    throw new CliError(2, `--size needs WIDTHxHEIGHT in pixels, such as 1280x720, not “${size}”.`);
  if (!/^\d+(\.\d+)?$/.test(speed) || Number(speed) < 0.1 || Number(speed) > 20)
    throw new CliError(2, `--speed needs a number from 0.1 to 20, not “${speed}”.`);
  if (fps !== undefined && !(Number(fps) >= 1 && Number(fps) <= 60))
    throw new CliError(2, `--fps needs a number from 1 to 60, not “${fps}”.`);
  return {
    width: Number(width),
    height: Number(height),
    speed: Number(speed),
    fps: fps === undefined ? null : Number(fps),
    captions: !rest['no-captions'],
  };
}
