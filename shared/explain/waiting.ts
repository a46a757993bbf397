/** What the viewer is told of letters that wait, go on, split and come home as reports, and of time that is moved on. */
import type { Caption } from '../story/story.ts';
import type { Cause } from '../trace/cause.ts';
import { stated } from './causes.ts';
import { rfc } from './words/references.ts';
import { nthAttempt, span } from './words/spans.ts';
import { caption, sentence } from './words/wording.ts';

export type ReportAction = 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded';

/** Five days, as RFC 5321 §4.5.4.1 has it: the reason names the queue's own span. */
const EXPIRED = '4.4.7';

/** A give-up by status: what the queue found out on its own, or was told. */
const GIVE_UPS: Readonly<Record<string, readonly [title: string, why: string, number: number, section: string]>> = {
  '5.1.1': ['Nobody lives there', 'The next server knows no such mailbox, and that is final.', 3463, '3.2'],
  '5.1.2': ['No such domain', 'A domain that does not exist today is taken for a slip of the pen.', 5321, '5.1'],
  '5.1.10': ['That domain wants no mail', 'A null MX says so in so many words, so nobody is called.', 7505, '3'],
  '5.4.4': ['There is no way there', 'The domain exists, but nothing says where its mail goes.', 5321, '5.1'],
  '5.4.6': [
    'It would go in circles',
    'A letter that comes back to where it was is in a **loop**, and is stopped.',
    5321,
    '6.3',
  ],
  '5.6.7': [
    'An address beyond ASCII',
    'The next server does not offer **SMTPUTF8**, and the address has no other spelling.',
    6531,
    '3.5',
  ],
  '5.6.3': [
    'Octets it cannot carry',
    'The next server does not offer **8BITMIME**, or **BINARYMIME** for a letter that is not even lines, and no octet may be changed on the way.',
    6152,
    '3',
  ],
};

const REPORTS: Readonly<Record<ReportAction, readonly [title: string, body: string, number: number, section: string]>> =
  {
    failed: [
      'A letter home: it could not be delivered',
      'writes a **delivery status notification** to the sender. Its own sender is empty, **MAIL FROM:<>**, so that nobody will ever report on a report.',
      5321,
      '4.5.5',
    ],
    delayed: [
      'A letter home: it is late',
      'tells the sender that the letter still **waits**. Nothing is lost yet, and nothing need be done: it will be tried again.',
      3464,
      '2.3.3',
    ],
    delivered: [
      'A letter home: it has arrived',
      'tells the sender that it lies in the mailbox, because the sender asked for that: **NOTIFY=SUCCESS**.',
      3461,
      '4.1',
    ],
    relayed: [
      'A letter home: handed on, no more news',
      'tells the sender that the next server took it but does not know **DSN**: nobody will say whether it arrives.',
      3461,
      '5.2.2',
    ],
    expanded: [
      'A letter home: sent on to several',
      'tells the sender that the address stands for others, and that the letter has gone out to them.',
      3461,
      '5.2.7',
    ],
  };

export const waiting = {
  clockJumped: (by: number, waits: readonly string[]): Caption =>
    caption(
      'store',
      `${sentence(span(by))} later`,
      `Nobody waited: the **clock** of this world was moved on, and ${waits.length > 0 ? `what waits at ${waits.join(' and ')}` : 'whatever'} comes due for real.`,
      rfc(5321, '4.5.4.1'),
    ),
  deferred: (host: string, cause: Cause, retryIn: number, nth: number): Caption =>
    caption(
      'smtp',
      nth > 1 ? 'Still not: the letter waits again' : 'Not now: the letter waits',
      `${sentence(host)} keeps it in the **queue** and tries again in ${span(retryIn)}. ${stated(cause)}`,
      rfc(5321, '4.5.4.1'),
    ),
  attempt: (host: string, domain: string, nth: number): Caption =>
    caption(
      'smtp',
      nthAttempt(nth),
      `The time has come, and ${host} **retries**: from the beginning, as if nobody had ever called ${domain}.`,
      rfc(5321, '4.5.4.1'),
    ),
  /** From the fourth attempt on. */
  attempts: (): Caption =>
    caption(
      'smtp',
      'And again, and again',
      'The queue **backs off**: it waits longer and longer between two attempts, and goes on. Every one of these calls is real, only the waiting is skipped.',
      rfc(5321, '4.5.4.1'),
    ),
  split: (host: string, domain: string, here: number, others: number): Caption =>
    caption(
      'smtp',
      'One letter becomes two',
      `The envelope names more than one domain, and each has servers of its own. So ${host} sends a **copy** to ${domain} for ${here === 1 ? 'one recipient' : `${here} recipients`}, and keeps the letter for the ${others === 1 ? 'other one' : `${others} others`}.`,
      rfc(5321, '4.5.4.1'),
    ),
  gaveUp: (host: string, cause: Cause, status: string, silent: boolean): Caption => {
    const owes = silent ? '' : ' Now it owes the sender a report.';
    if (status === EXPIRED)
      return caption(
        'smtp',
        'Too long: the queue gives up',
        `${sentence(host)} has tried for as long as it wants to: the letter has **expired**. ${stated(cause)}${owes}`,
        rfc(5321, '4.5.4.1'),
      );
    const [title, why, number, section] = GIVE_UPS[status] ?? ['It cannot be delivered', '', 5321, '6.1'];
    return caption(
      'smtp',
      title,
      `${sentence(host)} gives up. ${why} ${stated(cause)}${owes}`.replace(/ {2,}/g, ' '),
      rfc(number, section),
      rfc(5321, '6.1'),
    );
  },
  reported: (host: string, action: ReportAction): Caption => {
    const [title, body, number, section] = REPORTS[action];
    return caption('smtp', title, `${sentence(host)} ${body}`, rfc(number, section), rfc(3464, '2'));
  },
  /** A notification that cannot be delivered itself. */
  discarded: (host: string): Caption =>
    caption(
      'smtp',
      'The report is dropped',
      `${sentence(host)} could not deliver a letter whose sender is empty. That is what the **null reverse-path** is for: there is nobody to tell, so two servers never report to each other for ever.`,
      rfc(5321, '4.5.5'),
      rfc(5321, '6.1'),
    ),
  /** The sender wanted none. */
  notWanted: (host: string, cause: Cause): Caption =>
    caption('smtp', 'Nobody wants a report', `${sentence(host)} tells nobody. ${stated(cause)}`, rfc(3461, '4.1')),
  alias: (host: string, address: string, recipients: readonly string[]): Caption =>
    caption(
      'smtp',
      `${address} is somebody else`,
      `An **alias**: ${host} writes a new recipient on the envelope, ${few(recipients)}, and leaves the sender as it was.`,
      rfc(5321, '3.9.1'),
    ),
  list: (host: string, address: string, recipients: readonly string[]): Caption =>
    caption(
      'smtp',
      `${address} is a mailing list`,
      `${sentence(host)} sends a letter of its own to each member: ${few(recipients)}. The envelope’s sender is now the **list** itself, so that what cannot be delivered comes back there.`,
      rfc(5321, '3.9.2'),
    ),
  backup: (host: string): Caption =>
    caption(
      'smtp',
      'The backup keeps it safe',
      `${sentence(host)} has no mailboxes. A **backup exchanger** takes the letter into its queue and hands it on as soon as a better server answers.`,
      rfc(5321, '5.1'),
    ),
  takenByBackup: (host: string, from: string): Caption =>
    caption(
      'smtp',
      '“250”, though it is not the mailbox',
      `${sentence(host)} is **responsible** now, not delivered to: ${from} may forget its copy, and the letter still has a way to go.`,
      rfc(5321, '4.2.5'),
    ),
  remembered: (asker: string, name: string, type: string, left: number | null): Caption =>
    caption(
      'dns',
      'No need to ask: I remember',
      `${sentence(asker)} asked for the ${type} record of ${name} before. Every answer comes with a **TTL**, the time for which it may be kept${left === null || left <= 0 ? '' : `: ${span(left)} of it are left`}.`,
      rfc(1034, '3.6'),
      rfc(1035, '3.2.1'),
    ),
  rememberedNothing: (asker: string, name: string, type: string): Caption =>
    caption(
      'dns',
      'No need to ask: there was none',
      `A “no” may be kept, too: **negative caching**. ${sentence(asker)} does not ask again for the ${type} record of ${name} yet, even if somebody has just added it.`,
      rfc(2308, '5'),
    ),
} as const;

const few = (recipients: readonly string[]): string =>
  recipients.length > 3
    ? `${recipients.slice(0, 2).join(', ')} and ${recipients.length - 2} more`
    : recipients.join(' and ');
