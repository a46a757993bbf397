/** The ledger of a soak: which letters were accepted for whom, and where each of them is in the end. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { callApi, member } from '../attack/calls.ts';

/** A letter for one recipient, whose 250 its sender has seen. */
interface Accepted {
  /** Its Message-ID. */
  readonly id: string;
  readonly recipient: string;
}

/** Copies of letters, each for one recipient. `lost` are named. */
export interface Balance {
  readonly accepted: number;
  readonly stored: number;
  readonly bounced: number;
  readonly queued: number;
  readonly discarded: number;
  readonly lost: readonly string[];
  /** Stored more than once: after a 250 that its sender did not see, the sender tries again (RFC 1047). */
  readonly again: number;
  /** Stored or bounced although their sender has not seen the 250. */
  readonly unasked: number;
}

export interface Ledger {
  /** Tells it of a 250. */
  accept(id: string, recipients: readonly string[]): void;
  /** Tells it of a whole letter that somebody has fetched from this mailbox. */
  fetched(mailbox: string, letter: string): void;
  /** Tells it of an encoded event that somebody has watched. */
  watched(event: unknown): void;
  acceptedSoFar(): number;
  balance(data: string, url: string): Promise<Balance>;
}

const ID = /<soak-[\w-]+@blue\.example>/g;
const key = (id: string, recipient: string): string => `${id} ${recipient}`;

/** The text of a letter as what it says of letters: its own id, or those of the letter that a report is about, and for whom. */
function readLetter(letter: string): {
  readonly own: string | null;
  readonly about: readonly string[];
  readonly failed: readonly string[];
} {
  const head = letter.slice(0, letter.indexOf('\r\n\r\n') + 2);
  const [, own] = /^Message-ID:\s*(<soak-[\w-]+@blue\.example>)/im.exec(head) ?? [];
  if (own !== undefined) return { own, about: [], failed: [] };
  const failed = [...letter.matchAll(/^Final-Recipient:\s*rfc822;\s*(\S+)/gim)].map(([, recipient = '']) => recipient);
  return { own: null, about: [...new Set([...letter.matchAll(ID)].map(([id]) => id))], failed };
}

async function lettersIn(data: string): Promise<readonly (readonly [mailbox: string, letter: string])[]> {
  const letters: [string, string][] = [];
  for (const kind of ['mail', 'clients'])
    for (const mailbox of await readdir(path.join(data, kind)).catch(() => []))
      for (const part of ['new', 'cur']) {
        const folder = path.join(data, kind, mailbox, part);
        for (const name of await readdir(folder).catch(() => []))
          letters.push([mailbox, await readFile(path.join(folder, name), 'latin1')]);
      }
  return letters;
}

async function recorded(data: string): Promise<readonly unknown[]> {
  const archived = await readdir(path.join(data, 'traces')).catch(() => []);
  const files = ['current.trace.ndjson', ...archived.map(name => path.join('traces', name))];
  const events: unknown[] = [];
  for (const file of files)
    for (const line of (await readFile(path.join(data, file), 'utf8').catch(() => '')).split('\n'))
      if (/"mail\.(?:queued|discarded)"/.test(line)) {
        try {
          events.push(JSON.parse(line));
        } catch {
          // A line that a kill or a full disk has torn.
        }
      }
  return events;
}

const strings = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

export function openLedger(): Ledger {
  const accepted = new Map<string, Accepted>();
  const stored = new Map<string, number>();
  const bounced = new Set<string>();
  const idOfEntry = new Map<string, string>();
  const discarded = new Set<string>();

  function noteLetter(mailbox: string, letter: string): void {
    const { own, about, failed } = readLetter(letter);
    if (own !== null) stored.set(key(own, mailbox), (stored.get(key(own, mailbox)) ?? 0) + 1);
    for (const id of about) for (const recipient of failed) bounced.add(key(id, recipient));
  }

  function noteEvent(event: unknown): void {
    const [kind, entry] = [member(event, 'kind'), `${member(event, 'host')} ${member(event, 'queueId')}`];
    if (kind === 'mail.queued') idOfEntry.set(entry, String(member(event, 'messageId')));
    else if (kind === 'mail.discarded')
      for (const recipient of strings(member(event, 'recipients'))) discarded.add(`${entry} ${recipient}`);
  }

  return {
    accept(id, recipients) {
      for (const recipient of recipients) accepted.set(key(id, recipient), { id, recipient });
    },
    fetched: noteLetter,
    watched: noteEvent,
    acceptedSoFar: () => accepted.size,
    async balance(data, url) {
      for (const [mailbox, letter] of await lettersIn(data)) noteLetter(mailbox, letter);
      for (const event of await recorded(data)) noteEvent(event);
      const { body } = await callApi(url, 'GET', 'queue');
      const entries = member(body, 'entries');
      const queued = new Set(
        (Array.isArray(entries) ? entries : []).flatMap(entry =>
          strings(member(entry, 'pending')).map(recipient => key(String(member(entry, 'messageId')), recipient)),
        ),
      );
      const thrown = new Set<string>();
      for (const each of discarded) {
        const [host = '', queueId = '', recipient = ''] = each.split(' ');
        const id = idOfEntry.get(`${host} ${queueId}`);
        if (id !== undefined) thrown.add(key(id, recipient));
      }
      const sum = { stored: 0, bounced: 0, queued: 0, discarded: 0 };
      const lost: string[] = [];
      for (const each of accepted.keys()) {
        if (stored.has(each)) sum.stored += 1;
        else if (bounced.has(each)) sum.bounced += 1;
        else if (queued.has(each)) sum.queued += 1;
        else if (thrown.has(each)) sum.discarded += 1;
        else lost.push(each);
      }
      const again = [...stored.values()].reduce((more, copies) => more + copies - 1, 0);
      const unasked = [...stored.keys(), ...bounced].filter(each => !accepted.has(each)).length;
      return { accepted: accepted.size, ...sum, lost, again, unasked };
    },
  };
}
