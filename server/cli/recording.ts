/** Finds the recording that a person names: a file, standard input, or one that comes with mailscope. */
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { createStoryteller } from '../../shared/reading/storyteller.ts';
import type { Story } from '../../shared/story/story.ts';
import { decodeTrace, unreadSentence } from '../../shared/trace/codec.ts';
import { storyRecording } from '../stories/library.ts';
import { CliError } from './parse.ts';

export interface FoundRecording {
  /** A name for what is made from it: "run" of run.trace.ndjson. */
  readonly stem: string;
  /** As its file has it. */
  readonly trace: string;
  readonly story: Story;
  /** What could not be read of it, in a sentence; null where all could. */
  readonly gaps: string | null;
}

/** The codec's own bound, and room for characters of more than one octet. */
const LARGEST = 256 * 1024 * 1024;

const isFile = (said: string): boolean => /[./\\]/.test(said);

async function textOf(said: string): Promise<string> {
  if (said === '-') return readText(process.stdin);
  if (!isFile(said)) {
    const recorded = await storyRecording(said);
    if (recorded !== null) return recorded;
    throw new CliError(
      1,
      `There is no story “${said}”; mailscope story list has them all, and a file is named as in ./${said}.trace.ndjson.`,
    );
  }
  try {
    if ((await stat(said)).size > LARGEST) throw new CliError(1, `The trace ${said} is larger than 256 MiB.`);
    return await readFile(said, 'utf8');
  } catch (error) {
    if (error instanceof CliError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new CliError(1, `The trace ${said} cannot be read (${code}).`);
  }
}

/** Throws CliError with exit 1; a trace that is wrong is named with the line. */
export async function findRecording(said: string): Promise<FoundRecording> {
  const trace = await textOf(said);
  const name = said === '-' ? 'standard input' : said;
  const decoded = decodeTrace(trace);
  if (!decoded.ok) throw new CliError(1, `${name}:${decoded.line}: ${decoded.message}.`);
  const teller = createStoryteller(decoded.header);
  teller.append(decoded.events);
  const stem = said === '-' ? 'run' : basename(said).replace(/(?:\.trace)?\.(?:ndjson|json)$|\.[^.]*$/, '') || 'run';
  return { stem, trace, story: teller.finish(), gaps: unreadSentence(name, decoded) };
}
