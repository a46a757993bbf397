/** What crossed the wire in one beat, as a script of who says what: for reading, without any animation. */
import type { Beat, Line, Story } from '../story/story.ts';
import type { PublicWorld } from '../world/world.ts';
import { escaped } from './html.ts';
import { letterText, truncate } from './line-text.ts';
import { called, conversationOf, speakerOf, worldAfter } from './parties.ts';

/** A beat that says more than this is folded up, so that the words stay the story. Rows of text. */
const SHORT = 8;
/** The rest is in the recording. */
const MOST_LINES = 60;
const MOST_CHARACTERS = 1200;

function saying(line: Line): string {
  const text = escaped(truncate(line.text, MOST_CHARACTERS));
  if (line.from === 'aside') return `<em>${text}</em>`;
  if (line.role !== 'content' || line.bytes.length === 0) return `<pre>${text}</pre>`;
  return `<details><summary>${text}</summary><pre>${escaped(letterText(line))}</pre></details>`;
}

function spoken(world: PublicWorld, line: Line): string {
  const kind = [line.from, `of-${line.protocol}`, ...(line.verdict === 'no' || line.verdict === 'wait' ? ['bad'] : [])];
  return `<li class="${kind.join(' ')}"><span class="who">${escaped(speakerOf(world, line))}</span>${saying(line)}</li>`;
}

/** "Alice’s mail client calls Outgoing server, smtp.blue.example, port 587". */
function heading(world: PublicWorld, line: Line): string {
  const [client, server] = [called(world, line.client), called(world, line.server)];
  const address = server === line.server ? `port ${line.port}` : `${line.server}, port ${line.port}`;
  return `<p class="ends">${escaped(client)} <span aria-hidden="true">→</span><span class="sr-only">to</span> ${escaped(server)} <small>${escaped(address)}</small></p>`;
}

/** Lines in the order in which they crossed, parted where another conversation begins. */
function conversations(lines: readonly Line[]): readonly (readonly Line[])[] {
  const parted: Line[][] = [];
  let open: string | null = null;
  for (const line of lines) {
    const own = line.from === 'aside' ? null : conversationOf(line);
    const last = parted.at(-1);
    // What happens off the wire ends no conversation.
    if (last === undefined || (own !== null && open !== null && own !== open)) parted.push([line]);
    else last.push(line);
    open = own ?? open;
  }
  return parted;
}

const rows = (line: Line): number => line.text.split('\n').length;

/** The lines of one beat, unfolded; '' where nothing was said. `label` names the list for who does not see where it stands. */
export function linesText(world: PublicWorld, all: readonly Line[], label: string): string {
  const lines = all.slice(0, MOST_LINES);
  const lists = conversations(lines).map(own => {
    const first = own.find(line => line.from !== 'aside');
    const items = own.map(line => spoken(world, line)).join('\n');
    return `${first === undefined ? '' : heading(world, first)}<ol aria-label="${escaped(label)}">\n${items}\n</ol>`;
  });
  const rest = all.length - lines.length;
  return `${lists.join('\n')}${rest > 0 ? `<p class="more">${rest} more lines are in the recording.</p>` : ''}`;
}

/** As `linesText`, folded up where it is long. */
export function wireText(story: Story, beat: Beat, label: string): string {
  const all = story.lines.filter(line => line.beat === beat.index);
  if (all.length === 0) return '';
  const body = linesText(worldAfter(story, beat), all, label);
  const height = all.slice(0, MOST_LINES).reduce((sum, line) => sum + rows(line), 0);
  if (height <= SHORT) return `<div class="wire">${body}</div>`;
  const crossed = all.filter(line => line.from !== 'aside').length;
  return `<details class="wire"><summary>What crossed the wire: ${crossed === 1 ? 'one line' : `${crossed} lines`}</summary>${body}</details>`;
}
