/** What the viewer is told when something does not go well: refused, deferred, lost, given up. */
import type { Caption, Protocol } from '../story/story.ts';
import type { HostId } from '../world/world.ts';
import { rfc } from './references.ts';
import { called, caption, type Hosts, sentence, stated } from './wording.ts';

/** Captions by what went wrong; each takes the names it speaks of. */
export const setbacks = {
  /** From the third refusal of one transaction on. */
  refusedAgain: (server: string): Caption =>
    caption(
      'smtp',
      'And so on, one answer for each',
      `${sentence(server)} answers every recipient on its own. Those it refuses are lost to this letter, those it accepts will get it.`,
      rfc(5321, '3.3'),
    ),
  refused: (protocol: Protocol, reply: string, who: string, permanent: boolean, meaning: string): Caption =>
    caption(
      protocol,
      `“${reply}”`,
      `${sentence(who)} says no. ${meaning} ${protocol === 'pop3' ? '' : permanent ? 'The first digit, **5**, means for good: trying again would change nothing.' : 'The first digit, **4**, means not now: the sender keeps the letter and tries again.'}`.trim(),
      protocol === 'pop3' ? rfc(1939, '3') : rfc(5321, '4.2.1'),
    ),
  refusedConnection: (from: string, server: string): Caption =>
    caption(
      'smtp',
      `${sentence(server)} does not answer`,
      `${sentence(from)} calls, and nobody picks up. Nothing has been said about the letter, so the next server on the list may be tried.`,
      rfc(5321, '5.1'),
    ),
  deferred: (host: string, reason: string): Caption =>
    caption(
      'smtp',
      'Not now: the letter waits',
      `${sentence(host)} keeps it in the queue and will try again. ${stated(reason)}`,
      rfc(5321, '4.5.4.1'),
    ),
  gaveUp: (host: string, reason: string): Caption =>
    caption(
      'smtp',
      'It cannot be delivered',
      `${sentence(host)} gives up on it. ${stated(reason)} By the rules it now owes the sender a report; this one does not write it yet.`,
      rfc(5321, '6.1'),
    ),
  clientFailed: (world: Hosts, client: HostId, reason: string): Caption =>
    caption('smtp', `${sentence(called(world, client))} could not go on`, stated(reason)),
  lost: (protocol: Protocol): Caption =>
    caption(
      protocol,
      'The line drops',
      protocol === 'pop3'
        ? 'The connection is gone and **QUIT** was never said. So nothing is removed: what was fetched is still in the mailbox.'
        : 'The connection is gone in the middle. What was not acknowledged did not happen.',
      protocol === 'pop3' ? rfc(1939, '6') : rfc(5321, '3.8'),
    ),
  recovered: (host: string): Caption =>
    caption(
      'smtp',
      'Back from the disk',
      `${sentence(host)} was restarted and finds this letter in its queue, where it was written before the 250.`,
      rfc(5321, '6.1'),
    ),
  noSuchName: (name: string): Caption =>
    caption(
      'dns',
      `“There is no ${name}”`,
      '**NXDOMAIN**: neither this name nor anything below it exists. That is final, so nobody will try again tomorrow.',
      rfc(2308, '2.1'),
      rfc(5321, '5.1'),
    ),
  dnsTrouble: (rcode: string): Caption =>
    caption(
      'dns',
      `“${rcode}”`,
      'The DNS server cannot or will not answer. “I do not know” is not “no”: the letter waits and the question is asked again later.',
      rfc(5321, '5.1'),
    ),
  nullMx: (domain: string): Caption =>
    caption(
      'dns',
      `“${domain} takes no mail”`,
      'The only MX record names nobody: a **null MX**. It says plainly that no mail is accepted, so there is no use in trying.',
      rfc(7505, '3'),
    ),
  tooLong: (): Caption =>
    caption(
      'store',
      'And so on',
      'This trace is longer than anybody would watch. What follows is in the file, but it is not shown.',
    ),
} as const;
