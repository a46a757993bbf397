/** A person's mail client: hands letters to its own submission server, fetches its mail by POP3, and says so when it cannot. */

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { domainOf } from '../../shared/address.ts';
import type { FaultOf } from '../../shared/faults/fault.ts';
import type { Cause } from '../../shared/trace/cause.ts';
import type { ConnectionId } from '../../shared/trace/event.ts';
import type { Host, HostId, User } from '../../shared/world/world.ts';
import type { WorldClock } from '../base/clock.ts';
import type { FaultBook } from '../base/faults.ts';
import { OpenedOnce } from '../base/opened-once.ts';
import { isSystemError } from '../disk/durable.ts';
import type { Report } from '../disk/put-aside.ts';
import type { Inbox } from '../mailbox/delivery.ts';
import { type Address, type Dialled, type Network, NetworkError } from '../network/contract.ts';
import type { CollectOutcome } from '../pop3/client.ts';
import type { Recorder } from '../record/recorder.ts';
import type { SendOutcome, sendMail } from '../smtp/client/send.ts';
import { type CollectWishes, createCollector } from './collector.ts';
import { composeMessage } from './compose.ts';
import { type Draft, envelopeOf } from './draft.ts';
import { type Outbox, OutboxFull, openOutbox, type UnsentLetter } from './outbox.ts';
import { mistyped, notTaken } from './sentences.ts';

export interface MailClientOptions {
  readonly network: Network;
  readonly recorder: Recorder;
  /** Whose client it is, as the world has it now. */
  readonly user: () => User;
  /** World address and port of the server that takes the user's outgoing mail, as set in the mail client. */
  readonly submission: () => Address;
  readonly pop3: () => Address;
  /** What this client has downloaded. In its folder, too: what has been seen of the server's mail, and the outbox. */
  readonly inbox: Inbox;
  readonly clock: WorldClock;
  /** `wrong-password` strikes here, at the session that has it. */
  readonly faults: FaultBook;
  /** How it speaks SMTP. */
  readonly style: () => NonNullable<Host['sends']>;
  readonly sendMail: typeof sendMail;
  /** Told of every file of the outbox that is put aside or left alone. */
  readonly onTrouble?: Report;
  /** Told whenever other letters than before may be unsent. */
  readonly onOutboxChange?: () => void;
}

/** The letter never reached the submission server. A code in capitals is Node's. */
interface SendFailure {
  readonly kind: 'failed';
  readonly code: NetworkError['code'] | 'outbox-full' | 'outbox-unusable';
  readonly cause: Cause;
}

type Submission = SendOutcome | SendFailure;

export interface MailClient {
  /**
   * Composes and submits a letter. `id` names it at once; `done` resolves when the server has answered for every recipient, or
   * cannot be reached. Whoever has not got it by then gets it by `resend`. `done` rejects only for a mistake of ours.
   */
  send(draft: Draft): { readonly id: string; readonly done: Promise<Submission> };
  /**
   * The letters that wait in the outbox, oldest first, each with those who have not got it; not those being sent now. Rejects
   * with the file system's error.
   */
  unsent(): Promise<readonly UnsentLetter[]>;
  /** Submits a letter of the outbox once more, as it was composed; joins in where that is under way. Null where it is not there. */
  resend(id: string): Promise<Submission | null>;
  /** Throws a letter of the outbox away. False where it is not there, or is being sent. Rejects with the file system's error. */
  discard(id: string): Promise<boolean>;
  /**
   * Fetches the mail; a call while one is running gets that one's outcome, unless it asks for `another` session. Rejects only
   * for a mistake of ours.
   */
  collect(wishes?: CollectWishes): Promise<CollectOutcome>;
}

type Letter = Omit<UnsentLetter, 'octets'>;

class UserMailClient implements MailClient {
  readonly collect: MailClient['collect'];
  private readonly options: MailClientOptions;
  private readonly outbox: OpenedOnce<Outbox>;
  private readonly submitting = new Map<string, Promise<Submission | null>>();

  constructor(options: MailClientOptions) {
    const { user, inbox, clock, pop3, onTrouble: report = () => undefined } = options;
    this.options = options;
    this.outbox = new OpenedOnce(() => openOutbox(join(inbox.directory, '.outbox'), report));
    this.collect = createCollector({
      user,
      inbox,
      clock,
      dial: () => this.dial(user().client, pop3(), 'maildrop-unreachable'),
      passwordFor: connection => this.passwordFor(connection),
      fail: (cause, connection) => this.recordFailure(cause, connection === undefined ? {} : { connection }),
      report,
    });
  }

  send(draft: Draft): ReturnType<MailClient['send']> {
    const id = randomBytes(8).toString('hex');
    return { id, done: this.watch(id, this.compose(id, draft)) };
  }

  async unsent(): Promise<readonly UnsentLetter[]> {
    return (await this.outbox.get()).letters().filter(({ id }) => !this.submitting.has(id));
  }

  resend(id: string): Promise<Submission | null> {
    return this.submitting.get(id) ?? this.watch(id, this.submitAgain(id));
  }

  async discard(id: string): Promise<boolean> {
    const box = await this.outbox.get();
    const removed = !this.submitting.has(id) && (await box.remove(id));
    this.options.onOutboxChange?.();
    return removed;
  }

  /** Says so to the person who sits in front of it. */
  private recordFailure(cause: Cause, about: { readonly connection?: ConnectionId; readonly id?: string }): void {
    const { recorder, user } = this.options;
    recorder.append({ kind: 'client.failed', host: user().client, ...about, cause });
  }

  private async dial(
    from: HostId,
    to: Address,
    code: 'submission-unreachable' | 'maildrop-unreachable',
  ): Promise<Dialled | SendFailure> {
    try {
      return await this.options.network.dial(from, to);
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      return {
        kind: 'failed',
        code: error.code,
        cause: { code, address: to.address, because: error.cause },
      };
    }
  }

  /** What the client logs in with in this session: its user's password, or that with a slip of the finger. */
  private passwordFor(connection: ConnectionId): string {
    const { address, password, client } = this.options.user();
    const isOurs = (fault: FaultOf<'wrong-password'>): boolean => fault.user.toLowerCase() === address.toLowerCase();
    const slip = this.options.faults.strike('wrong-password', isOurs, { host: client, connection });
    return slip === null ? password : mistyped(password);
  }

  private async compose(id: string, draft: Draft): Promise<Submission> {
    const messageId = `<${id}@${domainOf(draft.from.address)}>`;
    const now = this.options.clock.now();
    const from = { name: this.options.user().name, ...draft.from };
    const message = await composeMessage({ ...draft, from, date: now, messageId });
    const letter = { id, messageId, subject: draft.subject, envelope: envelopeOf(draft), composedAt: now.getTime() };
    this.recordComposed(letter, message);
    try {
      await (await this.outbox.get()).put(letter, message);
    } catch (error) {
      return this.failToKeep(id, error);
    }
    return this.submit(letter, message);
  }

  private recordComposed({ id, messageId, subject, envelope }: Letter, message: Buffer): void {
    const { recorder, user } = this.options;
    const { reversePath, recipients } = envelope;
    const size = message.length;
    const host = user().client;
    recorder.append({ kind: 'mail.composed', host, id, subject, messageId, reversePath, recipients, size });
  }

  /** A letter that cannot be kept is not sent either: whatever happens to it then, it would be gone. */
  private failToKeep(id: string, error: unknown): SendFailure {
    if (!isSystemError(error)) throw error;
    const code = error instanceof OutboxFull ? error.code : 'outbox-unusable';
    const cause: Cause = { code: 'outbox-unusable', detail: error.message };
    this.recordFailure(cause, { id });
    return { kind: 'failed', code, cause };
  }

  private async submit(letter: Letter, message: Buffer): Promise<Submission> {
    const { id, envelope } = letter;
    const { user, submission, style, clock } = this.options;
    const { address, client } = user();
    const dialled = await this.dial(client, submission(), 'submission-unreachable');
    if ('kind' in dialled) {
      this.recordFailure({ code: 'kept-in-outbox', because: dialled.cause }, { id });
      return dialled;
    }
    const { socket, connection } = dialled;
    const manner = { style: style(), clock };
    const outcome = await this.options.sendMail({
      socket,
      helloName: client.split('.', 1)[0] ?? client,
      credentials: { user: address, password: this.passwordFor(connection) },
      envelope,
      message,
      recodes: true,
      ...manner,
    });
    const refused = outcome.recipients.filter(({ verdict }) => verdict !== 'accepted');
    if (refused.length > 0) this.recordFailure(notTaken(refused, outcome.duplicateRisk), { connection, id });
    await this.keep(letter, message, new Set(refused.map(({ recipient }) => recipient)));
    return outcome;
  }

  /** Keeps the letter for those who have not got it. */
  private async keep(letter: Letter, message: Buffer, left: ReadonlySet<string>): Promise<void> {
    const { id, envelope } = letter;
    const recipients = envelope.recipients.filter(recipient => left.has(recipient));
    if (recipients.length === envelope.recipients.length) return;
    try {
      const box = await this.outbox.get();
      if (recipients.length === 0) await box.remove(id);
      else await box.put({ ...letter, envelope: { ...envelope, recipients } }, message);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      this.recordFailure({ code: 'outbox-untidy', detail: error.message }, { id });
    }
  }

  private async submitAgain(id: string): Promise<Submission | null> {
    let letter: UnsentLetter | null;
    let message: Buffer;
    try {
      const box = await this.outbox.get();
      letter = box.find(id);
      if (letter === null) return null;
      message = await box.message(id);
    } catch (error) {
      return this.failToKeep(id, error);
    }
    this.recordComposed(letter, message);
    return this.submit(letter, message);
  }

  private watch<T extends Submission | null>(id: string, work: Promise<T>): Promise<T> {
    const submission = work.finally(() => {
      this.submitting.delete(id);
      this.options.onOutboxChange?.();
    });
    this.submitting.set(id, submission);
    this.options.onOutboxChange?.();
    return submission;
  }
}

export const createMailClient = (options: MailClientOptions): MailClient => new UserMailClient(options);
