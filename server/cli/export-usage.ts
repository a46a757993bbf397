/** What a person can type after `mailscope export`. */
import { ASKING, CliError, text, withWords } from './parse.ts';

/** By what comes of them: a text, which goes to standard output unless a file is named, or a folder of letters. */
export const FORMATS = ['html', 'text', 'markdown', 'mermaid', 'ladder', 'told', 'eml'] as const;
export type Format = (typeof FORMATS)[number];

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
}

const EXPORT = { ...ASKING, to: text, output: { ...text, short: 'o' }, from: text, until: text, theme: text } as const;

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
  return { command: 'export', run, format, output, from, until, theme };
}
