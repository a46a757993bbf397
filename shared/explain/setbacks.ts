/** What the viewer is told when something does not go well on the way: not reached, lost, not found. */
import type { Protocol } from '../protocols.ts';
import type { Caption } from '../story/story.ts';
import type { Cause } from '../trace/cause.ts';
import type { HostId } from '../world/world.ts';
import { causeText, stated } from './causes.ts';
import { rfc } from './words/references.ts';
import { called, caption, type Hosts, sentence } from './words/wording.ts';

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
  /** Nobody picks up, or the call is turned away: `how` the call failed. */
  refusedConnection: (from: string, server: string, how: 'refused' | 'silent' | 'off'): Caption =>
    how === 'silent'
      ? caption(
          'smtp',
          `${sentence(server)} does not answer`,
          `${sentence(from)} calls and waits, and hears neither yes nor no. After half a minute it **times out** and tries the next server on the list.`,
          rfc(5321, '4.5.3.2'),
          rfc(5321, '5.1'),
        )
      : caption(
          'smtp',
          how === 'off' ? `${sentence(server)} is switched off` : `${sentence(server)} turns the call away`,
          `${sentence(from)} calls, and nobody picks up: **connection refused**. Nothing has been said about the letter, so the next server on the list may be tried.`,
          rfc(5321, '5.1'),
        ),
  /** DNS, or whoever wrote it, names an address that is nobody's. */
  calledNowhere: (from: string, address: string, cause: Cause): Caption =>
    caption(
      'smtp',
      `Nobody is at ${address}`,
      `${sentence(from)} calls **${address}**, and the call leads nowhere: ${causeText(cause).replace(/\.$/, '')}. Nothing has been said about the letter, so the next address on the list may be tried.`,
      rfc(5321, '5.1'),
    ),
  clientFailed: (world: Hosts, client: HostId, cause: Cause): Caption =>
    caption('smtp', `${sentence(called(world, client))} could not go on`, stated(cause)),
  lost: (protocol: Protocol): Caption =>
    caption(
      protocol,
      'The line drops',
      protocol === 'pop3'
        ? 'The connection is gone and **QUIT** was never said. So nothing is removed: what was fetched is still in the mailbox.'
        : 'The connection is gone in the middle. What was not acknowledged did not happen.',
      protocol === 'pop3' ? rfc(1939, '6') : rfc(5321, '3.8'),
    ),
  goodbyeLost: (): Caption =>
    caption(
      'pop3',
      'The goodbye gets lost',
      '**QUIT** was said, so what was marked is removed; only the answer never came. The client cannot know, and finds out the next time.',
      rfc(1939, '6'),
    ),
  /** Before the dot that ends a letter. */
  lostInLetter: (server: string): Caption =>
    caption(
      'smtp',
      'The line breaks in mid-letter',
      `Half a letter is no letter: ${server} has not seen the **dot** at its end and throws away what it has. The sender still has the whole.`,
      rfc(5321, '3.8'),
      rfc(5321, '4.1.1.4'),
    ),
  /** After the dot and before the 250. */
  lostAfterLetter: (server: string, from: string): Caption =>
    caption(
      'smtp',
      'Nobody knows whether it arrived',
      `The letter crossed, but the answer of ${server} did not. Without a 250 ${from} is still responsible and must send it again: rather a **duplicate** than a loss.`,
      rfc(5321, '4.2.5'),
      rfc(1047),
    ),
  secondCopy: (owner: string): Caption =>
    caption(
      'store',
      `A second copy for ${owner}`,
      'The same **Message-ID** lies there already: the first one did arrive, only its 250 got lost. No server throws the second away.',
      rfc(5321, '6.1'),
      rfc(1047),
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
  /** The question was asked before, and nothing came back. */
  dnsSilence: (asker: string, name: string): Caption =>
    caption(
      'dns',
      'No answer: asked once more',
      `A postcard may get lost, and nobody tells. ${sentence(asker)} **times out** and asks again about ${name}; where all stay unanswered, the letter waits.`,
      rfc(1035, '4.2.1'),
      rfc(5321, '5.1'),
    ),
  dnsTruncated: (name: string): Caption =>
    caption(
      'dns',
      '“There is more: ask over TCP”',
      `The answer about ${name} does not fit, and the packet says so with one bit, **TC**. So the same question goes over a connection.`,
      rfc(7766, '5'),
      rfc(1035, '4.2.1'),
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
