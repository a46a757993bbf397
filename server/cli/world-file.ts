/** Reads a world from a file, or says in one sentence on which line it is wrong. */
import { findNodeAtLocation, type ParseError, parse, parseTree, printParseErrorCode } from 'jsonc-parser';
import { blueAndGreen } from '../../shared/world/presets.ts';
import { type Remark, remarks } from '../../shared/world/remarks.ts';
import { validateWorld } from '../../shared/world/validate.ts';
import type { World } from '../../shared/world/world.ts';
import { nestsTooDeep, OddFileError, readRegular } from '../disk/regular-file.ts';
import { checkZones } from '../dns/respond.ts';
import { CliError } from './usage.ts';

const LARGEST = 4 * 1024 * 1024;

const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;

/** Where in the text the member at `path` ("hosts.3.id") stands, or the nearest one around it that is there. */
function lineOf(text: string, path: string): number {
  const tree = parseTree(text);
  const steps = path === '' ? [] : path.split('.').map(step => (/^\d+$/.test(step) ? Number(step) : step));
  for (let depth = steps.length; tree !== undefined && depth > 0; depth -= 1) {
    const node = findNodeAtLocation(tree, steps.slice(0, depth));
    if (node !== undefined) return lineAt(text, node.offset);
  }
  return 1;
}

/** An MX that leads nowhere. What else is odd about a world is said on its page, and may be meant. */
const isMisledMx =
  (world: World) =>
  ({ path }: Remark): boolean => {
    const [, zone, record] = /^zones\.(\d+)\.records\.(\d+)$/.exec(path) ?? [];
    return world.zones[Number(zone)]?.records[Number(record)]?.type === 'MX';
  };

/** "ValueExpected" as a person says it. */
const inWords = (code: string): string => code.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();

/** Null gives the default world. Throws CliError with exit 1. */
export async function loadWorld(file: string | null): Promise<World> {
  if (file === null) return blueAndGreen;
  let text: string;
  try {
    const content = await readRegular(file, { follow: true, most: LARGEST });
    if (content.length > LARGEST) throw new CliError(1, `The world ${file} is larger than 4 MiB.`);
    text = content.toString('utf8').replace(/^\ufeff/, '');
  } catch (error) {
    if (error instanceof CliError) throw error;
    if (error instanceof OddFileError) throw new CliError(1, `The world ${file} cannot be read: ${error.what}.`);
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new CliError(1, `The world ${file} cannot be read (${code}).`);
  }
  const wrong = (path: string, message: string): CliError =>
    new CliError(
      1,
      `The world ${file} is not right, line ${lineOf(text, path)}${path === '' ? '' : ` (${path})`}: ${message}.`,
    );
  if (nestsTooDeep(text)) throw new CliError(1, `The world ${file} is not right: it nests deeper than any world does.`);
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { disallowComments: true });
  const [first] = errors;
  if (first !== undefined)
    throw new CliError(
      1,
      `The world ${file} is not JSON, line ${lineAt(text, first.offset)}: ${inWords(printParseErrorCode(first.error))}.`,
    );
  const result = validateWorld(value);
  if (!result.ok) throw wrong(result.path, result.message);
  const [remark] = result.world.mistakes === 'deliberate' ? [] : remarks(result.world).filter(isMisledMx(result.world));
  if (remark !== undefined)
    throw wrong(remark.path, `${remark.message.replace(/\.$/, '')}; if that is meant, say "mistakes": "deliberate"`);
  try {
    checkZones(result.world.zones);
  } catch (error) {
    if (error instanceof RangeError) throw wrong('zones', error.message);
    throw error;
  }
  return result.world;
}
