/** BDAT (RFC 3030): a message in counted chunks, without dots to double and without an end marker. Pure. */
import { hasBareLineEnd } from '../../base/crlf.ts';
import {
  badArgument,
  badSequence,
  type Chunk,
  type Chunks,
  type Content,
  type Handler,
  type Input,
  idle,
  noRoom,
  offers,
  type Setting,
  type State,
  type Step,
  say,
  type Transaction,
} from './state.ts';
import { receiveMessage } from './transaction.ts';

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

/** What is wrong with a BDAT in any phase, or the octets that it announces. */
function readBdat(state: State, argument: string): Step | { readonly octets: number; readonly last: boolean } {
  if (!offers(state, 'CHUNKING')) return say(state, 502, '5.5.1', 'Command not implemented');
  const [, digits, last] = BDAT.exec(argument) ?? [];
  if (digits === undefined) return badArgument(state, 'Syntax: BDAT octets [LAST]');
  return { octets: Number(digits), last: last !== undefined };
}

export const bdat: Handler<Transaction | Chunks> = (setting, state, argument) => {
  const read = readBdat(state, argument);
  if ('state' in read) return read;
  const { envelope } = state;
  const content = state.phase === 'chunks' ? state.content : null;
  if (envelope.recipients.length === 0) return say(state, 554, '5.5.1', 'No valid recipients');
  if (content?.dropped) return noRoom(state);
  const { octets, last } = read;
  const { messageSize } = setting.limits();
  if ((content?.size ?? 0) + octets > messageSize) {
    return say(state, 552, '5.3.4', `Message too big: at most ${messageSize} octets`);
  }
  return {
    state: { ...state, phase: 'chunk', content, last },
    replies: [],
    effects: [{ kind: 'expect-chunk', octets }],
  };
};

/** BDAT where there is no transaction. */
export const bdatTooEarly: Handler<State> = (_, state, argument) => {
  const read = readBdat(state, argument);
  return 'state' in read ? read : badSequence(state, 'Send MAIL first');
};

/**
 * A BDAT that is refused, for whatever reason: the client goes on with its octets, and they are not commands. Nor may a later
 * chunk pass for the beginning of the message, so the transaction is over (RFC 3030 §2).
 */
export function skipRefused(argument: string, step: Step): Step {
  if (step.effects.some(({ kind }) => kind === 'expect-chunk')) return step;
  const octets = BDAT.exec(argument)?.[1];
  const { phase } = step.state;
  const begun = phase === 'transaction' || phase === 'chunks';
  const state = begun && offers(step.state, 'CHUNKING') ? idle(step.state) : step.state;
  return octets === undefined
    ? { ...step, state }
    : { ...step, state, effects: [{ kind: 'skip', octets: Number(octets) }, ...step.effects] };
}

const DROPPED: Content = { size: 0, octets: Buffer.alloc(0), before: null, dropped: true };

/** Octets of a letter that has begun by BDAT and is kept so far. */
export const keptOctets = (state: State): number =>
  state.phase === 'chunks' || state.phase === 'chunk' ? (state.content?.size ?? 0) : 0;

/** Lets go of the chunks that have come; the client hears of it at its next one. */
export const withoutContent = (state: State): State =>
  (state.phase === 'chunks' || state.phase === 'chunk') && state.content !== null
    ? { ...state, content: DROPPED }
    : state;

/** Each chunk has a reply of its own; the last one's is the reply for the message. */
export function receiveChunk(
  setting: Setting,
  state: Chunk,
  { octets, dropped }: Extract<Input, { kind: 'chunk' }>,
): Step {
  if (dropped || state.content?.dropped) return noRoom(idle(state));
  const content = withChunk(state.content, octets);
  if (!state.last) {
    const { last: _, ...rest } = state;
    return say({ ...rest, phase: 'chunks', content }, 250, '2.0.0', `${octets.length} octets received`);
  }
  const message = messageOf(content);
  // Any other letter is lines, which end in CRLF (RFC 3030 §3).
  const bare = state.envelope.body !== 'BINARYMIME' && hasBareLineEnd(message);
  return receiveMessage(setting, state, { kind: 'message', message, bare, oversize: false });
}
