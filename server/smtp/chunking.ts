/** BDAT (RFC 3030): a message in counted chunks, without dots to double and without an end marker. Pure. */
import { hasBareLineEnd } from '../crlf.ts';
import {
  badArgument,
  badSequence,
  type Command,
  type Content,
  type Input,
  noRoom,
  type Outcome,
  offers,
  type Session,
  type Setting,
  say,
} from './session.ts';
import { takeMessage } from './transaction.ts';

/** A chunk more. Small ones are joined as they come, so that many do not cost more than their octets. */
function withChunk(content: Content | null, octets: Buffer): Content {
  let whole = octets;
  let before = content;
  while (before !== null && before.octets.length <= whole.length) {
    whole = Buffer.concat([before.octets, whole]);
    before = before.before;
  }
  return { size: (content?.size ?? 0) + octets.length, octets: whole, before };
}

function messageOf(content: Content): Buffer {
  const parts: Buffer[] = [];
  for (let at: Content | null = content; at !== null; at = at.before) parts.unshift(at.octets);
  return Buffer.concat(parts);
}

const BDAT = /^(\d{1,15})(?: +(LAST))?$/i;

export const bdat: Command = (setting, session, argument) => {
  if (!offers(session, 'CHUNKING')) return say(session, 502, '5.5.1', 'Command not implemented');
  const [, digits, last] = BDAT.exec(argument) ?? [];
  if (digits === undefined) return badArgument(session, 'Syntax: BDAT octets [LAST]');
  if (!session.transaction) return badSequence(session, 'Send MAIL first');
  if (session.transaction.recipients.length === 0) return say(session, 554, '5.5.1', 'No valid recipients');
  if (session.content?.dropped) return noRoom(session);
  const octets = Number(digits);
  const { messageSize } = setting.limits();
  if ((session.content?.size ?? 0) + octets > messageSize) {
    return say(session, 552, '5.3.4', `Message too big: at most ${messageSize} octets`);
  }
  return {
    session: { ...session, awaiting: { kind: 'chunk', last: last !== undefined } },
    replies: [],
    effects: [{ kind: 'expect-chunk', octets }],
  };
};

/**
 * A BDAT that is refused, for whatever reason: the client goes on with its octets, and they are not commands. Nor may a later
 * chunk pass for the beginning of the message, so the transaction is over (RFC 3030 §2).
 */
export function swallowing(argument: string, outcome: Outcome): Outcome {
  if (outcome.effects.some(({ kind }) => kind === 'expect-chunk')) return outcome;
  const octets = BDAT.exec(argument)?.[1];
  const session = offers(outcome.session, 'CHUNKING')
    ? { ...outcome.session, transaction: null, content: null }
    : outcome.session;
  return octets === undefined
    ? { ...outcome, session }
    : { ...outcome, session, effects: [{ kind: 'skip', octets: Number(octets) }, ...outcome.effects] };
}

/** Lets go of the chunks that have come; the client hears of it at its next one. */
export const withoutContent = (session: Session): Session =>
  session.content === null
    ? session
    : { ...session, content: { size: 0, octets: Buffer.alloc(0), before: null, dropped: true } };

/** Each chunk has a reply of its own; the last one's is the reply for the message. */
export function takeChunk(setting: Setting, session: Session, input: Extract<Input, { kind: 'chunk' }>): Outcome {
  const { awaiting } = session;
  const { octets, dropped } = input;
  if (awaiting.kind !== 'chunk') throw new Error(`no chunk is awaited: ${awaiting.kind}`);
  if (dropped || session.content?.dropped)
    return noRoom({ ...session, awaiting: { kind: 'command' }, transaction: null, content: null });
  const content = withChunk(session.content, octets);
  if (!awaiting.last) {
    return say(
      { ...session, awaiting: { kind: 'command' }, content },
      250,
      '2.0.0',
      `${octets.length} octets received`,
    );
  }
  const message = messageOf(content);
  // Any other letter is lines, which end in CRLF (RFC 3030 §3).
  const bare = session.transaction?.body !== 'BINARYMIME' && hasBareLineEnd(message);
  return takeMessage(setting, session, { kind: 'message', message, bare, oversize: false });
}
