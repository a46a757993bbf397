/** `mailscope send`: one letter, one room of its own, the conversation on the terminal. */

import { text as readText } from 'node:stream/consumers';
import { causeText } from '../../shared/explain/causes.ts';
import { createTranscript } from '../../shared/export/terminal.ts';
import { createStoryteller } from '../../shared/reading/storyteller.ts';
import { parseDraft } from '../mail-client/draft.ts';
import type { Journey } from '../rooms/journey.ts';
import { openRoom } from '../rooms/room.ts';
import { reserve, writeTrace } from './trace-output.ts';
import type { SendArguments } from './usage.ts';
import { CliError } from './usage.ts';
import { loadWorld } from './world-file.ts';

/** One sentence a recipient, and whether all of them have it. */
function verdictOf({ submission, fates }: Journey): { readonly delivered: boolean; readonly sentences: string[] } {
  if ('kind' in submission) return { delivered: false, sentences: [`Not sent: ${causeText(submission.cause)}`] };
  const refused = submission.recipients.filter(({ verdict }) => verdict !== 'accepted');
  const sentences = refused.map(({ recipient, cause }) => `Refused for ${recipient}: ${causeText(cause)}`);
  for (const fate of fates)
    switch (fate.kind) {
      case 'stored':
        sentences.push(`Delivered to ${fate.mailbox}.`);
        break;
      case 'bounced':
        sentences.push(`Given up for ${fate.recipient} (${fate.status}): ${causeText(fate.cause)}`);
        break;
      case 'deferred':
        sentences.push(`Not delivered to ${fate.recipient} yet (${fate.status}): ${causeText(fate.cause)}`);
        break;
    }
  const delivered = refused.length === 0 && fates.length > 0 && fates.every(fate => fate.kind === 'stored');
  return { delivered, sentences };
}

/** Resolves with the exit status: 0 when every recipient has the letter. Throws CliError. */
export async function send(args: SendArguments, print: (line: string) => void): Promise<number> {
  const world = await loadWorld(args.world);
  const body = args.body === '-' ? await readText(process.stdin) : args.body;
  const read = parseDraft({ from: args.from, to: args.to, subject: args.subject, text: body });
  if (!read.ok) throw new CliError(2, read.message);
  if (args.output !== null) await reserve(args.output);
  const room = await openRoom({ world, data: null, ports: null, outside: args.outside, retry: args.retry });
  try {
    const storyteller = createStoryteller(room.recorder.header);
    const transcribe = createTranscript(print);
    const stop = room.recorder.watch(notice => {
      if (notice.kind === 'events') transcribe(storyteller.append(notice.events));
    });
    const sent = room.send(read.draft, { collect: true });
    if (sent === null) throw new CliError(2, `There is no user ${read.draft.from.address} in this world.`);
    const journey = await sent.finished;
    await room.recorder.flush();
    stop();
    storyteller.append(room.recorder.events(storyteller.story.seq + 1));
    transcribe(storyteller.finish());
    const { delivered, sentences } = verdictOf(journey);
    print('');
    for (const sentence of sentences) print(sentence);
    if (args.output !== null) await writeTrace(room.recorder, args.output);
    return delivered ? 0 : 1;
  } finally {
    await room.close();
  }
}
