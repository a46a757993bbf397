/** The command line: the only reader of arguments and environment; what goes wrong outside is one sentence on stderr. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { visible } from '../shared/visible.ts';
import { assertNever } from '../shared/world/world.ts';
import { ROOT } from './base/root.ts';
import { HELP } from './cli/help.ts';
import { CliError, readArguments } from './cli/usage.ts';
import { DataFolderError } from './disk/data-folder.ts';
import { PortError } from './network/port-error.ts';

/** What a file, a letter or a server brings into a line must not command the terminal. */
const print = (line: string): void => {
  process.stdout.write(`${visible(line)}\n`);
};
/** An export is what it is: each of them sees to its own text. */
const printRaw = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
const say = (sentence: string): void => {
  process.stderr.write(`mailscope: ${visible(sentence)}\n`);
};

async function version(): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : '';
}

async function run(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const args = readArguments(argv, env);
  switch (args.command) {
    case 'help':
      process.stdout.write(HELP);
      return 0;
    case 'version':
      print(await version());
      return 0;
    case 'send':
      return (await import('./cli/send.ts')).send(args, print);
    case 'tell':
      return (await import('./cli/tell.ts')).tell(args, print);
    case 'story':
      return (await import('./cli/story.ts')).story(args, print);
    case 'export':
      return (await import('./cli/export.ts')).exportRun(args, printRaw, say);
    case 'serve':
      return (await import('./cli/serve.ts')).serve(args, print, say);
    default:
      return assertNever(args);
  }
}

/** Resolves with the exit status: 0 done, 1 the outside is to blame, 2 wrong usage. Rejects only for a mistake of ours. */
export async function main(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  // A reader that has gone (`| head`) is no reason to fail.
  process.stdout.on('error', () => undefined);
  try {
    return await run(argv, env);
  } catch (error) {
    if (error instanceof CliError || error instanceof PortError || error instanceof DataFolderError) {
      say(error.message);
      return error instanceof CliError ? error.exit : 1;
    }
    throw error;
  }
}
