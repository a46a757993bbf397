/** A mailbox as POP3 sees it: one reader at a time, a snapshot that does not move while he reads, removal only at the end. */
import type { ConnectionId } from '../../shared/trace/event.ts';
import { crlfForm } from '../base/crlf.ts';
import type { Maildir, StoredMessage } from './maildir.ts';

/** What an update did: the files that are gone, and those that could not be removed. */
interface UpdateOutcome {
  readonly removed: readonly string[];
  readonly failed: readonly string[];
}

/** The maildrop as it stood when it was locked (RFC 1939 §4). Message number n is `messages[n - 1]`. */
export interface Snapshot {
  readonly messages: readonly StoredMessage[];
  /** The CRLF form of message `number`: exactly as many octets as its `size`. Rejects as Maildir.read does. */
  read(number: number): Promise<Buffer>;
  /** The UPDATE state: removes these messages for good. What the file system would not remove is in `failed`. */
  update(deleted: readonly number[]): Promise<UpdateOutcome>;
  /** Gives the lock back; true the first time, false where it had been given back. */
  release(): boolean;
}

type LockOutcome =
  | { readonly kind: 'locked'; readonly snapshot: Snapshot }
  /** `by` is the connection that has it. */
  | { readonly kind: 'in-use'; readonly by: ConnectionId };

export interface Maildrop {
  /** The address whose mail it is. */
  readonly mailbox: string;
  /** Takes the exclusive lock, or says at once who has it. Rejects, unlocked, where the Maildir cannot be read. */
  lock(connection: ConnectionId): Promise<LockOutcome>;
}

/** The lock lives in this value, so a mailbox has one Maildrop, shared by all that serve it. */
export function createMaildrop(mailbox: string, maildir: Maildir): Maildrop {
  let owner: ConnectionId | null = null;

  return {
    mailbox,
    async lock(connection) {
      if (owner !== null) return { kind: 'in-use', by: owner };
      owner = connection;
      let messages: readonly StoredMessage[];
      try {
        messages = await maildir.list();
      } catch (error) {
        owner = null;
        throw error;
      }
      let held = true;
      const fileOf = (number: number): string => {
        const message = messages[number - 1];
        if (!held || message === undefined) throw new Error(`no message ${number} in a maildrop that is held: ${held}`);
        return message.file;
      };
      const snapshot: Snapshot = {
        messages,
        async read(number) {
          return crlfForm(await maildir.read(fileOf(number)));
        },
        async update(deleted) {
          const { removed, gone, failed } = await maildir.removeAll(deleted.map(fileOf));
          // Somebody else may have removed it meanwhile; that it is gone is all the session asked for. The file system's refusal
          // becomes the -ERR of QUIT (RFC 1939 §6): the peer is told, nothing is lost.
          return { removed: [...removed, ...gone], failed: failed.map(({ file }) => file) };
        },
        release() {
          if (!held) return false;
          held = false;
          owner = null;
          return true;
        },
      };
      return { kind: 'locked', snapshot };
    },
  };
}
