/** `mailscope send --story`: a story in a room of its own, its conversation on the terminal, part by part. */

import { createTranscript } from '../../shared/export/terminal.ts';
import { createStoryteller } from '../../shared/reading/storyteller.ts';
import { openRoom } from '../rooms/room.ts';
import { promised } from '../stories/check.ts';
import { performStory, roomFor, StoryFailure } from '../stories/perform.ts';
import { readStory } from '../stories/story-file.ts';
import { findStory } from './story-source.ts';
import { reserve, writeTrace } from './trace-output.ts';
import type { TellArguments } from './usage.ts';

/** Resolves with the exit status: 0 when every part was told. Throws CliError. */
export async function tell(args: TellArguments, print: (line: string) => void): Promise<number> {
  const { name, said, source } = await findStory(args.story);
  const read = readStory(source, name);
  if (!read.ok) {
    for (const { line, message } of read.problems) print(`${said}:${line}: ${message}`);
    return 1;
  }
  if (args.output !== null) await reserve(args.output);
  const room = await openRoom(roomFor(read.story));
  try {
    const storyteller = createStoryteller(room.recorder.header);
    const transcribe = createTranscript(print);
    const stop = room.recorder.watch(notice => {
      if (notice.kind === 'events') transcribe(storyteller.append(notice.events));
    });
    const failure = await performStory(room, read.story).then(
      () => null,
      (error: unknown) => {
        if (error instanceof StoryFailure) return error;
        throw error;
      },
    );
    stop();
    storyteller.append(room.recorder.events(storyteller.story.seq + 1));
    const told = storyteller.finish();
    transcribe(told);
    print('');
    const { header } = room.recorder;
    const problems = failure === null ? promised({ header, events: room.recorder.events(1), told }) : [failure];
    for (const { line, message } of problems) print(`${said}:${line}: ${message}`);
    const { parts } = read.story.script;
    if (problems.length === 0) print(`All ${parts.length} parts of “${name}” were told.`);
    if (args.output !== null) await writeTrace(room.recorder, args.output);
    return problems.length === 0 ? 0 : 1;
  } finally {
    await room.close();
  }
}
