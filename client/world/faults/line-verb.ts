/** Which moment of a conversation a line belongs to: the one at which a fault would have to strike to change it. Pure. */

import type { LineAt, LineVerb } from '../../../shared/faults/fields.ts';
import { dialogueAt, LINE_PORTS, PROTOCOLS } from '../../../shared/protocols.ts';
import type { Line, Story } from '../../../shared/story/story.ts';

const portOf = (line: Line): LineAt['port'] | null => LINE_PORTS.find(port => port === line.port) ?? null;

function verbOf(command: Line): LineVerb | null {
  if (command.role === 'content') return 'END-OF-DATA';
  const word = (/^\S*/.exec(command.text)?.[0] ?? '').toUpperCase();
  const verb = dialogueAt(command.port)?.verbs[word]?.like ?? word;
  return PROTOCOLS[command.protocol].moments.find(moment => moment === verb) ?? null;
}

/** A server answers in the order in which it was asked, after it has said its greeting (RFC 2920 §3.1); so the n-th reply answers the n-th command. */
function answeredBy(story: Story, reply: Line): LineVerb | null {
  let replies = 0;
  const commands: Line[] = [];
  for (const line of story.lines) {
    if (line.connection !== reply.connection) continue;
    if (line.from === 'client') commands.push(line);
    if (line.from !== 'server' || line.role !== 'reply') continue;
    if (line === reply) break;
    replies += 1;
  }
  if (replies === 0) return 'GREETING';
  const command = commands[replies - 1];
  return command === undefined ? null : verbOf(command);
}

/** Null where no fault can strike: DNS, what a server did off the wire, and commands that faults do not know. */
export function momentOf(
  story: Story,
  line: Line,
): (Pick<LineAt, 'server' | 'verb' | 'port'> & { readonly client: string }) | null {
  const port = portOf(line);
  if (port === null || line.from === 'aside' || PROTOCOLS[line.protocol].moments.length === 0) return null;
  const verb = line.from === 'client' ? verbOf(line) : line.role === 'reply' ? answeredBy(story, line) : null;
  return verb === null ? null : { server: line.server, client: line.client, port, verb };
}
