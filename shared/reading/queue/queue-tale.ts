/** Tells what the queues do: take up, put off, split, give up, report home; and what their letters become. */
import { captions } from '../../explain/captions.ts';
import { causeText } from '../../explain/causes.ts';
import { called } from '../../explain/words/wording.ts';
import { NO_NOTE, partlyLost } from '../../story/note.ts';
import type { TraceEvent } from '../../trace/event.ts';
import { assertNever, type HostId } from '../../world/world.ts';
import { aside, beatAt, lineAt } from '../occurrences/aside.ts';
import { all, type Change, copied, counted, dropped, found, lettered, placed } from '../occurrences/fold.ts';
import { unseenLetter } from '../occurrences/letters.ts';
import type { Occurrence } from '../occurrences/occurrence.ts';
import type { Errand, Waiting } from '../occurrences/queue-book.ts';
import type { Telling } from '../occurrences/telling.ts';
import { arrivedEntry, enqueued, requeued, unqueued } from '../occurrences/waiting.ts';

type Of<Kind extends TraceEvent['kind']> = Extract<TraceEvent, { kind: Kind }>;

type QueueEvent = Of<
  | 'mail.queued'
  | 'mail.attempted'
  | 'mail.deferred'
  | 'mail.bounced'
  | 'mail.dequeued'
  | 'mail.expanded'
  | 'mail.reported'
  | 'mail.discarded'
>;

export class QueueTale {
  private readonly telling: Telling;

  constructor(telling: Telling) {
    this.telling = telling;
  }

  read(event: QueueEvent): Occurrence {
    switch (event.kind) {
      case 'mail.queued':
        return this.queued(event);
      case 'mail.attempted':
        return this.attempted(event);
      case 'mail.deferred':
        return this.deferred(event);
      case 'mail.bounced':
        return this.bounced(event);
      case 'mail.dequeued': {
        this.telling.queues.remove(event.host, event.queueId);
        const change = all(counted(event.host, 'queue', -1), unqueued(event.host, event.queueId));
        return aside(event, event.host, `${event.queueId} is done: removed from the queue`, { change });
      }
      case 'mail.expanded':
        return this.expanded(event);
      case 'mail.reported':
        return this.reported(event);
      case 'mail.discarded':
        return this.discarded(event);
      default:
        return assertNever(event);
    }
  }

  private called(host: HostId): string {
    return called(this.telling.world, host);
  }

  /** No connection brought it: it was written here, sent on, or found on the disk at start. */
  private queued(event: Of<'mail.queued'>): Occurrence {
    const { letters, queues } = this.telling;
    const { host, queueId, messageId } = event;
    const before = queues.find(host, queueId);
    const report = queues.announced(host, queueId);
    const original = before || report ? null : letters.expandedAt(host, messageId, event.recipients);
    const id =
      before?.letter ??
      report ??
      (original === null
        ? (letters.named(messageId) ?? letters.fresh())
        : letters.copied(original, host, event, messageId));
    letters.name(messageId, id);
    letters.moved(id, host, event, messageId);
    queues.put({ ...event, letter: id, pending: event.recipients });
    const note = { code: report ? 'report-leaving' : original ? 'sent-on' : 'recovered' } as const;
    const first = { ...unseenLetter(id, event, host, 'queued', note), queueId };
    const { recipients, reversePath, size } = event;
    const here = {
      at: host,
      place: 'queued',
      queueId,
      note,
      recipients,
      reversePath,
      size,
      responsible: host,
    } as const;
    const change = all(
      // Where this very trace saw it queued, the count has it already.
      before ? null : counted(host, 'queue', 1),
      enqueued(arrivedEntry({ host, queueId, letter: id, reversePath, recipients }, this.telling.worldTime(event.at))),
      before
        ? lettered(id, () => ({ at: host, place: 'queued', note }))
        : original === null
          ? found(first, here)
          : copied(original, first, { ...here, postmarks: [] }),
    );
    if (report !== null || original !== null)
      return aside(event, host, `on disk in the queue as ${queueId}`, { change });
    const caption = captions.recovered(this.called(host));
    return {
      ...beatAt(event, host, 'queue.recovered', 'other', caption, `${host} recovers`),
      change,
      line: lineAt(host, `${queueId} found in the queue`, id),
    };
  }

  private attempted(event: Of<'mail.attempted'>): Occurrence {
    const { letters, queues } = this.telling;
    const { host, queueId, domain, recipients } = event;
    this.telling.asksAnew(host);
    const text = `takes up ${queueId} for ${domain}`;
    const taken = queues.attempt(host, queueId, domain, recipients);
    if (taken === null) return aside(event, host, text);
    const { errand, nth, others } = taken;
    const { entry } = errand;
    const tried = requeued(host, queueId, { attempts: nth, nextAt: null });
    const due = lettered(entry.letter, () => ({
      deferred: null,
      ...(others.length > 0 ? { recipients: others } : {}),
    }));
    const envelope = { reversePath: entry.reversePath, recipients };
    if (others.length > 0) errand.letter = letters.copied(entry.letter, host, envelope, entry.messageId);
    const facts = { ...envelope, messageId: entry.messageId, size: 0 };
    const first = unseenLetter(errand.letter, facts, host, 'queued', NO_NOTE);
    const away = { recipients, deferred: null, note: { code: 'copy-for', domain } } as const;
    const change = all(tried, due, others.length > 0 ? copied(entry.letter, first, away) : null);
    const line = lineAt(host, nth > 1 ? `${text}, attempt ${nth}` : text, errand.letter);
    if (nth > 1) {
      const caption = captions.attempt(this.called(host), domain, nth);
      const beat = beatAt(event, host, 'queue.attempt', 'other', caption, `${host} ${queueId} attempt ${nth}`);
      return { ...beat, change, line };
    }
    if (others.length === 0) return aside(event, host, text, { change, line });
    const caption = captions.split(this.called(host), domain, recipients.length, others.length);
    const beat = beatAt(event, host, 'queue.split', 'other', caption, `${host} ${queueId} splits`);
    return { ...beat, change, line };
  }

  private deferred(event: Of<'mail.deferred'>): Occurrence {
    const { queues, letters } = this.telling;
    const { host, queueId, cause, status, recipients } = event;
    const entry = queues.find(host, queueId);
    const errand = entry && queues.decided(entry, recipients);
    const home = entry && errand ? this.home(entry, errand) : null;
    const retryAt = this.telling.worldTime(event.retryAt);
    const pending = entry ? { recipients: entry.pending } : {};
    const waits = { cause, status, nextAt: retryAt, ...pending };
    if (entry) letters.moved(entry.letter, host, { ...entry, recipients: entry.pending }, entry.messageId);
    const note = { code: 'waits', status } as const;
    const back = lettered(entry?.letter ?? null, () => ({
      at: host,
      place: 'queued',
      responsible: host,
      note,
      deferred: { cause, retryAt },
      ...pending,
    }));
    const nth = entry && errand ? queues.attempts(entry, errand.domain) : 1;
    const caption = captions.deferred(this.called(host), cause, Math.max(0, event.retryAt - event.at), nth);
    return {
      ...beatAt(event, host, 'queue.deferred', 'other', caption),
      failed: true,
      change: all(requeued(host, queueId, waits), home, back),
      line: lineAt(host, `deferred: ${causeText(cause)}`, entry?.letter ?? null, 'wait'),
    };
  }

  /** What was to travel comes back to the queue: a copy is taken into the letter that waits, or takes its place where that one has gone. */
  private home(entry: Waiting, errand: Errand): Change | null {
    const { letters, queues } = this.telling;
    if (errand.letter === entry.letter && !errand.gone) return null;
    const away = (errand.gone && errand.letter === entry.letter) || queues.isOut(entry, errand);
    if (!away) {
      const copy = errand.letter;
      errand.letter = entry.letter;
      return errand.gone ? null : dropped(copy);
    }
    const gone = entry.letter;
    if (!errand.gone) {
      entry.letter = errand.letter;
      return null;
    }
    entry.letter = letters.copied(gone, entry.host, { ...entry, recipients: entry.pending }, entry.messageId);
    errand.letter = entry.letter;
    const facts = { ...entry, recipients: entry.pending, size: 0 };
    return copied(gone, unseenLetter(entry.letter, facts, entry.host, 'queued', NO_NOTE), { queueId: entry.queueId });
  }

  private bounced(event: Of<'mail.bounced'>): Occurrence {
    const { queues } = this.telling;
    const { host, queueId, cause, status, recipients } = event;
    const entry = queues.find(host, queueId);
    const errand = entry && queues.decided(entry, recipients);
    if (entry) queues.giveUp(entry, recipients);
    if (errand) errand.lost += recipients.length;
    const id = errand?.letter ?? entry?.letter ?? null;
    const whole = entry !== null && (errand ? errand.lost >= errand.recipients.length : entry.pending.length === 0);
    // Where others have been served, the letter as such is not lost.
    const lost = whole && errand?.gone !== true;
    const told = entry && { ...entry };
    const change = all(
      told && requeued(host, queueId, { recipients: told.pending }),
      lettered(id, letter =>
        lost
          ? { at: host, place: 'given-up', note: { code: 'undeliverable', status }, deferred: null }
          : told
            ? { note: partlyLost(letter.note, told.lost, told.count) }
            : {},
      ),
    );
    const caption = captions.gaveUp(this.called(host), cause, status, entry?.reversePath === '');
    return {
      // Recipient after recipient of one letter is one beat.
      ...beatAt(event, host, 'queue.gave-up', 'other', caption, `${host} ${queueId} gave up`),
      failed: true,
      change,
      line: lineAt(host, `given up: ${causeText(cause)}`, id, 'no'),
    };
  }

  private expanded(event: Of<'mail.expanded'>): Occurrence {
    const { letters } = this.telling;
    const id = letters.here(event.host, event.messageId) ?? letters.named(event.messageId) ?? letters.fresh();
    if (event.as !== 'backup') letters.expanded(id, event);
    const { caption, text } = expansionOf(this.telling, event);
    return {
      ...beatAt(event, event.host, `deliver.${event.as}`, 'deliver', caption),
      line: lineAt(event.host, text, id),
    };
  }

  private reported(event: Of<'mail.reported'>): Occurrence {
    const { letters, queues } = this.telling;
    const { host, queueId, action, messageId } = event;
    const about = queues.remembered(host, event.about);
    const id = letters.fresh();
    letters.name(messageId, id);
    letters.reporting(id);
    queues.announce(host, queueId, id);
    const recipients = about ? [about.reversePath] : [];
    letters.moved(id, host, { reversePath: '', recipients }, messageId);
    const facts = { messageId, reversePath: '', recipients, size: 0 };
    const letter = unseenLetter(id, facts, host, 'written', { code: 'report-written' });
    const caption = captions.reported(this.called(host), action);
    return {
      ...beatAt(event, host, `report.${action}`, 'other', caption),
      change: placed({ ...letter, queueId, report: { action, about: about?.letter ?? null } }),
      line: lineAt(host, `reports to the sender, as ${queueId}: ${action} for ${event.recipients.join(', ')}`, id),
    };
  }

  private discarded(event: Of<'mail.discarded'>): Occurrence {
    const { host, queueId, cause } = event;
    const entry = this.telling.queues.remembered(host, queueId);
    const isReport = entry === null || entry.reversePath === '';
    const name = this.called(host);
    const caption = isReport ? captions.discarded(name) : captions.notWanted(name, cause);
    const id = entry?.letter ?? null;
    const note = { code: 'dropped' } as const;
    return {
      ...beatAt(event, host, 'report.discarded', 'other', caption),
      failed: isReport,
      change: lettered(id, letter => (letter.at === host ? { place: 'given-up', note, deferred: null } : {})),
      line: lineAt(host, `nobody is told: ${causeText(cause)}`, id, 'no'),
    };
  }
}

/** Caption and line of a letter that is sent on. */
export function expansionOf(telling: Telling, event: Of<'mail.expanded'>) {
  const host = called(telling.world, event.host);
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
