/** Reads a world from a file, or says in one sentence where it is wrong. */
import { readFile, stat } from 'node:fs/promises';
import { blueAndGreen } from '../../shared/world/presets.ts';
import { validateWorld } from '../../shared/world/validate.ts';
import type { World } from '../../shared/world/world.ts';
import { checkZones } from '../dns/respond.ts';
import { CliError } from './usage.ts';

const LARGEST = 4 * 1024 * 1024;

/** The line of a text in which JSON.parse gave up, as far as its message tells. */
function lineOf(text: string, error: unknown): string {
  const position = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
  if (position === undefined) return '';
  return ` (line ${text.slice(0, Number(position)).split('\n').length})`;
}

/** Null gives the default world. Throws CliError with exit 1. */
export async function loadWorld(file: string | null): Promise<World> {
  if (file === null) return blueAndGreen;
  let text: string;
  try {
    if ((await stat(file)).size > LARGEST) throw new CliError(1, `The world ${file} is larger than 4 MiB.`);
    text = (await readFile(file, 'utf8')).replace(/^\ufeff/, '');
  } catch (error) {
    if (error instanceof CliError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new CliError(1, `The world ${file} cannot be read (${code}).`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new CliError(1, `The world ${file} is not JSON${lineOf(text, error)}.`);
  }
  const result = validateWorld(value);
  if (!result.ok) {
    const where = result.path === '' ? '' : ` at ${result.path}`;
    throw new CliError(1, `The world ${file} is not right${where}: ${result.message}.`);
  }
  try {
    checkZones(result.world.zones);
  } catch (error) {
    if (error instanceof RangeError) throw new CliError(1, `The world ${file} is not right: ${error.message}.`);
    throw error;
  }
  return result.world;
}
