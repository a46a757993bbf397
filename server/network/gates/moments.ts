/** The moments of one connection's dialogue at which a fault can strike, by the spans that bring them. */
import { type Command, END_OF_DATA, GREETING, LONE_DOT, type Span, UNASKED } from '../../../shared/decode/span.ts';
import type { LineAt } from '../../../shared/faults/fields.ts';
import { dialogueAt, PROTOCOLS, protocolAt } from '../../../shared/protocols.ts';
import type { Place } from './gate.ts';

export interface Moments {
  /** What the client says where this span is the first that tells. */
  ofLine(span: Span): readonly string[];
  /** What is answered where this span is the first that tells; a challenge answers nothing (RFC 4954 §4). */
  ofReply(span: Span): readonly string[];
  /** Whether a fault is about this connection. */
  isHere(fault: { readonly at: LineAt }): boolean;
  /** Whether a fault is about this connection, at one of these moments. */
  isAt(moments: readonly string[]): (fault: { readonly at: LineAt }) => boolean;
}

const NONE: readonly string[] = [];

export function createMoments({ from, to }: Pick<Place, 'from' | 'to'>): Moments {
  const verbs = dialogueAt(to.port)?.verbs ?? {};
  const protocol = protocolAt(to.port);
  const all: readonly string[] = protocol === null ? NONE : PROTOCOLS[protocol].moments;
  const isHere: Moments['isHere'] = ({ at }) =>
    at.server === to.host && at.port === to.port && (at.client === undefined || at.client === from.host);

  /** A chunk may be a letter's DATA and its end. */
  function momentsOf(command: Command): readonly string[] {
    if (command === GREETING) return ['GREETING'];
    if (command === END_OF_DATA) return ['END-OF-DATA'];
    if (command === LONE_DOT || command === UNASKED) return NONE;
    const { verb, begins, ends } = command;
    if (begins || ends) return [...(begins ? ['DATA'] : []), ...(ends ? ['END-OF-DATA'] : [])];
    return [verbs[verb]?.like ?? verb].filter(moment => all.includes(moment));
  }

  return {
    ofLine(span) {
      switch (span.kind) {
        case 'verb':
        case 'argument':
        case 'secret':
          return span.first && span.role === 'command' && span.command !== null ? momentsOf(span.command) : NONE;
        case 'end':
          return ['END-OF-DATA'];
        default:
          return NONE;
      }
    },
    ofReply: span =>
      span.kind === 'reply' && span.first && span.answers !== null && !span.challenge ? momentsOf(span.answers) : NONE,
    isHere,
    isAt: moments => fault => moments.includes(fault.at.verb) && isHere(fault),
  };
}
