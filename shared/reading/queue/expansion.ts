/** Words for a letter that an alias, a list or a backup exchanger sends on. */
import { captions } from '../../explain/captions.ts';
import { called } from '../../explain/words/wording.ts';
import type { TraceEvent } from '../../trace/event.ts';
import { assertNever } from '../../world/world.ts';
import type { ReadingContext } from '../occurrences/reading-context.ts';

type Expanded = Extract<TraceEvent, { kind: 'mail.expanded' }>;

/** Caption and line of a letter that is sent on. */
export function expansionOf(context: ReadingContext, event: Expanded) {
  const host = called(context.world, event.host);
  const { address, recipients } = event;
  const shown =
    recipients.length > 5
      ? `${recipients.slice(0, 4).join(', ')} and ${recipients.length - 4} more`
      : recipients.join(', ');
  switch (event.as) {
    case 'alias':
      return { caption: captions.alias(host, address, recipients), text: `${address} is an alias of ${shown}` };
    case 'list':
      return { caption: captions.list(host, address, recipients), text: `${address} is a list: ${shown}` };
    case 'backup':
      return { caption: captions.backup(host), text: `no mailbox here: kept for a better exchanger` };
    default:
      return assertNever(event.as);
  }
}
