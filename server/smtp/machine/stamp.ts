/** What a server does to a letter before it is kept: its `Received:` on top, and on submission what was missing (RFC 6409 §8). Pure. */
import type { Peer } from '../../network/contract.ts';
import type { Envelope } from '../envelope.ts';
import { withFieldsOnTop } from '../message/header-fields.ts';
import { mendSubmission } from '../message/originate.ts';
import { type ReceivedFacts, receivedField } from '../message/trace-fields.ts';
import type { Setting, State } from './state.ts';

/** RFC 3848, RFC 6531 §4.3. */
function protocolOf({ greeting, user }: State, { smtpUtf8 }: Envelope): ReceivedFacts['protocol'] {
  if (!greeting?.extended) return 'SMTP';
  if (smtpUtf8) return user === null ? 'UTF8SMTP' : 'UTF8SMTPA';
  return user === null ? 'ESMTP' : 'ESMTPA';
}

export interface StampOptions {
  readonly setting: Pick<Setting, 'host' | 'role'>;
  readonly state: State;
  readonly envelope: Envelope;
  /** Where the letter comes from, and what its address is called there; null: nothing. */
  readonly peer: Pick<Peer, 'address'>;
  readonly reverseName: string | null;
  /** The same as in the 250. */
  readonly id: string;
  readonly date: Date;
}

export function stamped(message: Buffer, options: StampOptions): Buffer {
  const { setting, state, envelope, peer, reverseName, id, date } = options;
  const received = receivedField({
    greeting: state.greeting?.name ?? 'unknown',
    reverseName,
    address: peer.address,
    by: setting.host,
    protocol: protocolOf(state, envelope),
    id,
    recipients: envelope.recipients,
    date,
  });
  const mended = setting.role === 'submission' ? mendSubmission(message, { host: setting.host, id, date }) : message;
  return withFieldsOnTop(mended, received);
}
