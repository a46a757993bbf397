/** One round at a letter: each of its domains is tried in turn, then its sender is told what they wish to know. */
import { causeText } from '../../shared/explain/causes.ts';
import type { Cause } from '../../shared/trace/cause.ts';
import { wireTime } from '../../shared/trace/event.ts';
import type { RetryPolicy } from '../../shared/world/world.ts';
import type { Recorder } from '../record/recorder.ts';
import type { Envelope } from '../smtp/envelope.ts';
import { type RecipientReport, type ReportAction, wants } from './bounce.ts';
import { type Carrier, deliver } from './delivery.ts';
import { byCause, byDomain, type Fate } from './fate.ts';
import { isLate, nextTry } from './policy.ts';
import { DamagedLetter, type Progress, type Spool, type SpooledLetter } from './spool.ts';

export interface Round {
  readonly carrier: Carrier;
  readonly recorder: Recorder;
  readonly spool: Spool;
  readonly policy: RetryPolicy;
  readonly signal: AbortSignal;
  /** Tells the sender, durably; all `reports` have one action. Rejects where the disk will not have it. */
  readonly report: (letter: SpooledLetter, message: Buffer, reports: readonly RecipientReport[]) => Promise<void>;
}

/** What of a letter changes. */
export interface Entry {
  readonly letter: SpooledLetter;
  progress: Progress;
}

/** Tries everybody who is pending. False where it was broken off: then nothing more is known, and nothing is recorded. */
export async function attempt(round: Round, entry: Entry): Promise<boolean> {
  const { carrier, recorder, spool, signal } = round;
  const { letter } = entry;
  const late: RecipientReport[] = [];
  entry.progress = { ...entry.progress, attempts: entry.progress.attempts + 1 };
  const read = await spool.read(letter.id).catch(systemError);
  const message = read instanceof DamagedLetter ? read.rest : read instanceof Error ? Buffer.alloc(0) : read;
  if (read instanceof Error) {
    const code = read instanceof DamagedLetter ? 'letter-damaged' : 'letter-unreadable';
    const cause: Cause = { code, detail: read.message };
    late.push(
      ...settle(
        round,
        entry,
        entry.progress.pending.map(recipient => lost(recipient, cause)),
      ),
    );
  }
  for (const [domain, recipients] of byDomain(entry.progress.pending)) {
    recorder.append({ kind: 'mail.attempted', host: carrier.host, queueId: letter.id, domain, recipients });
    const envelope = { ...letter.envelope, recipients };
    const under = carrier.home?.takes(domain)
      ? carrier.home.take({ id: letter.id, envelope, message, messageId: letter.messageId })
      : deliver(carrier, { domain, envelope, message }, signal);
    const fates = await under.catch((error: unknown) => {
      if (signal.aborted) return null;
      throw error;
    });
    if (!fates) return false;
    late.push(...settle(round, entry, fates));
    if (entry.progress.pending.length > 0) await save(spool, entry);
  }
  await tell(round, entry, message, late);
  return true;
}

/** Where nobody is done with yet, a power cut may forget how often it was tried. */
function save(spool: Spool, { letter, progress }: Entry): Promise<void> {
  const { pending, owed, warned } = progress;
  const durably = pending.length < letter.envelope.recipients.length || owed.length > 0 || warned;
  return tolerate(spool.saveProgress(letter.id, progress, durably));
}

const lost = (recipient: string, cause: Cause): Fate => ({
  recipient,
  verdict: 'never',
  status: '5.3.0',
  cause,
  reply: null,
  exchange: null,
  relayedWithDsn: false,
});

/**
 * Writes down what became of some recipients, and takes those who are done out of the pending ones. What their sender is to be
 * told of them stays with the letter until it is told; what could be told of the others is given back.
 */
function settle({ carrier, recorder, policy }: Round, entry: Entry, fates: readonly Fate[]): RecipientReport[] {
  const { host, clock } = carrier;
  const { letter, progress } = entry;
  const queueId = letter.id;
  const at = clock.now().getTime();
  const next = nextTry(policy, { arrivedAt: letter.arrivedAt, attempts: progress.attempts, now: at });
  const over = next.kind === 'give-up';
  const expired = (fate: Fate): Fate => {
    const milliseconds = Math.round(policy.giveUpAfter * 1000);
    const cause: Cause = { code: 'not-in-time', milliseconds, because: fate.cause };
    return { ...fate, verdict: 'never', status: '4.4.7', cause };
  };
  const decided = fates.map(fate => (over && fate.verdict === 'later' ? expired(fate) : fate));
  const failed = decided.filter(({ verdict }) => verdict === 'never');
  const kept = decided.filter(({ verdict }) => verdict === 'later');
  for (const group of byCause(failed)) recorder.append({ kind: 'mail.bounced', host, queueId, ...group });
  const untold = failed.filter(({ recipient }) => !wants(letter.envelope, recipient, 'failed'));
  for (const group of byCause(untold.map(fate => ({ ...fate, cause: whyUntold(letter.envelope) }))))
    recorder.append({ kind: 'mail.discarded', host, queueId, recipients: group.recipients, cause: group.cause });
  if (next.kind === 'retry')
    for (const group of byCause(kept)) {
      const retryAt = wireTime(recorder.now() + Math.max(0, next.at - at) * 1000);
      recorder.append({ kind: 'mail.deferred', host, queueId, ...group, retryAt });
    }
  const told = (fate: Fate, action: ReportAction): RecipientReport[] => {
    const { recipient, status, exchange, reply } = fate;
    const reason = causeText(fate.cause);
    return wants(letter.envelope, recipient, action)
      ? [{ recipient, action, status, reason, exchange, reply, at }]
      : [];
  };
  const handedOn = decided.filter(({ verdict, relayedWithDsn }) => verdict === 'accepted' && !relayedWithDsn);
  const keeps = new Set(kept.map(({ recipient }) => recipient));
  const known = new Set(fates.map(({ recipient }) => recipient));
  entry.progress = {
    ...progress,
    pending: progress.pending.filter(recipient => keeps.has(recipient) || !known.has(recipient)),
    nextAt: next.kind === 'retry' ? next.at : at,
    lastReason: kept[0] === undefined ? progress.lastReason : causeText(kept[0].cause),
    owed: [
      ...progress.owed,
      ...failed.flatMap(fate => told(fate, 'failed')),
      ...handedOn.flatMap(fate => told(fate, 'relayed')),
    ],
  };
  return kept.flatMap(fate => told(fate, 'delayed'));
}

const whyUntold = ({ reversePath }: Envelope): Cause => ({
  code: reversePath === '' ? 'is-a-report' : 'no-report-wanted',
});

/** The reports are durable before those they are about leave the letter: a crash may send them twice, and loses none. */
async function tell(round: Round, entry: Entry, message: Buffer, late: readonly RecipientReport[]): Promise<void> {
  const { letter } = entry;
  const { policy, spool } = round;
  const now = round.carrier.clock.now().getTime();
  const warns = !entry.progress.warned && late.length > 0 && isLate(policy, { arrivedAt: letter.arrivedAt, now });
  const reports = [...entry.progress.owed, ...(warns ? late : [])];
  if (reports.length === 0) return;
  for (const action of ['failed', 'delayed', 'relayed'] as const) {
    const share = reports.filter(each => each.action === action);
    if (share.length === 0) continue;
    const refused = await round.report(letter, message, share).then(() => null, systemError);
    if (refused) {
      // It stays owed, and the letter stays for it.
      complain(refused);
      const nextAt = now + Math.max(1, policy.after[0]) * 1000;
      entry.progress = { ...entry.progress, nextAt: Math.max(nextAt, entry.progress.nextAt) };
      return;
    }
    const { owed, warned } = entry.progress;
    entry.progress = {
      ...entry.progress,
      owed: owed.filter(each => each.action !== action),
      warned: warned || action === 'delayed',
    };
  }
  if (entry.progress.pending.length > 0) await save(spool, entry);
}

/** What the operating system refused is the outside's; anything else is ours and is thrown on. */
function systemError(error: unknown): Error {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error;
  throw error;
}

function complain(error: Error): void {
  process.emitWarning(`mail queue: ${error.message}`, { code: 'MAILSCOPE_QUEUE' });
}

/** The disk failed where the letter is safe all the same: the worst that follows is a second copy after a restart. */
export async function tolerate(writing: Promise<void>): Promise<void> {
  const error = await writing.then(() => null, systemError);
  if (error) complain(error);
}
