/** Options as node:util reads them, with its complaints turned into one sentence. */
import type { ParseArgsConfig } from 'node:util';
import { parseArgs } from 'node:util';

/** Wrong usage: exit 2. Anything else the outside got wrong: exit 1. */
export class CliError extends Error {
  readonly exit: 1 | 2;
  constructor(exit: 1 | 2, message: string) {
    super(message);
    this.name = 'CliError';
    this.exit = exit;
  }
}

export const text = { type: 'string' } as const;
export const flag = { type: 'boolean', default: false } as const;
export const ASKING = { help: { ...flag, short: 'h' }, version: flag } as const;

export function parse<const T extends NonNullable<ParseArgsConfig['options']>>(args: readonly string[], options: T) {
  return withWords(args, options, false).values;
}

export function withWords<const T extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: T,
  allowPositionals: boolean,
) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const valueless = /^Option '(?:-\w, )?(--[\w-]+).*argument (?:is ambiguous|missing)/.exec(error.message)?.[1];
    if (valueless !== undefined) throw new CliError(2, `${valueless} needs a value; see mailscope --help.`);
    const [sentence] = error.message.split(/\. (?=To specify|This command)|\n/, 1);
    throw new CliError(2, `${sentence?.replace(/\.$/, '')}; see mailscope --help.`);
  }
}

const SIZES: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };

/** "64M", "64MB", "1G" or "0" in octets; throws CliError with exit 2. */
export function octets(option: string, given: string, least: number): number {
  const [, count = '', unit = '-'] = /^(\d{1,9})([KMG]?)B?$/i.exec(given) ?? [];
  const value = Number(count) * (SIZES[unit.toUpperCase()] ?? Number.NaN);
  if (value >= least && value <= 2 ** 50) return value;
  const atLeast = least === 0 ? '' : ` of at least ${least / 2 ** 20}M`;
  throw new CliError(2, `--${option} needs a size${atLeast}, such as 64M or 1G, not “${given}”.`);
}
