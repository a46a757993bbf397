/** A person's mail client: hands letters to its own submission server, fetches its mail by POP3, and says so when it cannot. */
import { randomBytes } from 'node:crypto';
import type { ConnectionId } from '../../shared/trace/event.ts';
import { domainOf, type User } from '../../shared/world/world.ts';
import type { WorldClock } from '../clock.ts';
import type { Maildir } from '../mailbox/maildir.ts';
import { type Address, type Dialled, type Network, NetworkError } from '../network/contract.ts';
import { type CollectOutcome, type CollectStage, collect } from '../pop3/client.ts';
import type { Recorder } from '../recorder.ts';
import type { SendOutcome, sendMail } from '../smtp/send.ts';
import { composeMessage, type Draft, recipientsOf } from './compose.ts';
import { type KnownIds, openKnownIds } from './known-ids.ts';

export interface MailClientOptions {
  readonly network: Network;
  readonly recorder: Recorder;
  readonly user: User;
  /** World address and port of the server that takes the user's outgoing mail, as set in the mail client. */
  readonly submission: Address;
  readonly pop3: Address;
  /** What this client has downloaded. */
  readonly inbox: Maildir;
  readonly clock: WorldClock;
  readonly sendMail: typeof sendMail;
}

/** The letter never reached the submission server. `code` is Node's, `reason` a sentence. */
interface SendFailure {
  readonly kind: 'failed';
  readonly code: NetworkError['code'];
  readonly reason: string;
}

export interface MailClient {
  /**
   * Composes and submits a letter. `id` names it at once; `done` resolves when the server has answered for every recipient, or
   * cannot be reached. `done` rejects only for a mistake of ours.
   */
  send(draft: Draft): { readonly id: string; readonly done: Promise<SendOutcome | SendFailure> };
  /** Fetches the mail; a call while one is running gets that one's outcome. Rejects only for a mistake of ours. */
  collect(): Promise<CollectOutcome>;
}

export function createMailClient(options: MailClientOptions): MailClient {
  const { network, recorder, user, inbox } = options;
  const host = user.client;
  let collecting: Promise<CollectOutcome> | null = null;

  /** Tells the person who sits in front of it. */
  const fail = (reason: string, about: { readonly connection?: ConnectionId; readonly id?: string }): void => {
    recorder.append({ kind: 'client.failed', host, ...about, reason });
  };

  async function dial(to: Address, what: string): Promise<Dialled | SendFailure> {
    try {
      return await network.dial(host, to);
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      return {
        kind: 'failed',
        code: error.code,
        reason: `${what} at ${to.address} cannot be reached: ${error.message}.`,
      };
    }
  }

  async function submit(id: string, draft: Draft): Promise<SendOutcome | SendFailure> {
    const messageId = `<${id}@${domainOf(user.address)}>`;
    const from = { name: user.name, ...draft.from };
    const message = await composeMessage({ ...draft, from, date: options.clock.now(), messageId });
    const recipients = recipientsOf(draft);
    const reversePath = from.address;
    recorder.append({
      kind: 'mail.composed',
      host,
      id,
      subject: draft.subject,
      messageId,
      reversePath,
      recipients,
      size: message.length,
    });
    const dialled = await dial(options.submission, 'The outgoing server');
    if ('kind' in dialled) {
      fail(dialled.reason, { id });
      return dialled;
    }
    const { socket, connection } = dialled;
    const outcome = await options.sendMail({
      socket,
      helloName: host.split('.', 1)[0] ?? host,
      credentials: { user: user.address, password: user.password },
      envelope: { reversePath, recipients },
      message,
    });
    const refused = outcome.recipients.filter(({ verdict }) => verdict !== 'accepted');
    if (refused.length > 0) fail(refusal(refused), { connection, id });
    return outcome;
  }

  async function fetchMail(): Promise<CollectOutcome> {
    let known: KnownIds;
    try {
      known = await openKnownIds(inbox.directory);
    } catch (error) {
      // The disk's fault, not ours: the person hears of it.
      return notCollected(
        'keep',
        `The inbox cannot be opened: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
    const dialled = await dial(options.pop3, 'The mailbox server');
    if ('kind' in dialled) return notCollected('connect', dialled.reason);
    const { socket, connection } = dialled;
    const outcome = await collect({
      socket,
      user: user.address,
      password: user.password,
      known: known.ids,
      clock: options.clock,
      async keep(message, uidl) {
        await inbox.deliver(message);
        await known.add(uidl);
      },
    });
    if (outcome.kind === 'failed') fail(outcome.reason, { connection });
    // All that was known has been deleted there, and an id is never used again (RFC 1939 §7).
    else await known.clear();
    return outcome;
  }

  function notCollected(stage: CollectStage, reason: string): CollectOutcome {
    fail(reason, {});
    return { kind: 'failed', stage, reason, messages: 0 };
  }

  return {
    send(draft) {
      const id = randomBytes(8).toString('hex');
      return { id, done: submit(id, draft) };
    },
    collect() {
      collecting ??= fetchMail().finally(() => {
        collecting = null;
      });
      return collecting;
    },
  };
}

/** A sentence about the recipients who do not get the letter; those with the same reason together. */
function refusal(refused: SendOutcome['recipients']): string {
  const byReason = new Map<string, string[]>();
  for (const { recipient, reason } of refused) byReason.set(reason, [...(byReason.get(reason) ?? []), recipient]);
  return [...byReason].map(([reason, recipients]) => `${recipients.join(', ')}: ${reason}`).join('; ');
}
