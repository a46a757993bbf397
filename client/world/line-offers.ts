/** What can happen to a coming line: another answer, lateness, a line that drops, breaks or falls silent. Pure. */
import { MOMENTS, momentsAt, protocolAt, SERVICES } from '../../shared/protocols.ts';
import type { LineAt, LineVerb } from '../../shared/world/fault.ts';
import type { HostId } from '../../shared/world/world.ts';
import { type Blank, choice, MILLISECONDS, number, numberIn, type Offer, text } from './blanks.ts';

/** Servers do not log in to each other. */
const verbsAt = (port: LineAt['port']): readonly LineVerb[] =>
  momentsAt(port).filter(verb => verb !== 'AUTH' || port !== SERVICES.smtp.port);
const lineVerb = (typed: string | undefined): LineVerb | null => MOMENTS.find(verb => verb === typed) ?? null;
/** Where a reply has no code, and where no letter crosses to the server. */
const isPop = (port: LineAt['port']): boolean => protocolAt(port) === 'pop3';

/** The text of a reply crosses as it is written here: one line of ASCII. */
const isReplyText = (typed: string): boolean => /^[ -~]{0,400}$/.test(typed);

function answerOffer(server: HostId, port: LineAt['port'], verb: LineVerb, client?: HostId): Offer {
  const pop = isPop(port);
  const blanks = {
    verb: choice('Command', verbsAt(port), verb),
    ...(!pop && { code: number('Reply code', 451, 400, 599, 3) }),
    text: text('Text of the reply', pop ? 'Not now' : '4.3.0 Try again later', 22),
  };
  return {
    id: `answer-${port}`,
    sentence: pop ? 'When asked {verb}, it answers -ERR {text}' : 'When asked {verb}, it answers {code} {text}',
    blanks,
    make: filled => {
      const asked = lineVerb(filled.verb);
      const said = filled.text ?? '';
      const code = blanks.code === undefined ? 500 : numberIn(blanks.code, filled.code);
      if (asked === null || code === null || !isReplyText(said)) return null;
      return { kind: 'answer', at: at(server, port, asked, client), code, text: said };
    },
  };
}

const at = (server: HostId, port: LineAt['port'], verb: LineVerb, client?: HostId): LineAt => ({
  server,
  port,
  verb,
  ...(client !== undefined && { client }),
});

/** Whatever can happen to one line: late, dropped, broken off, or its answer lost. */
export function lineOffers(server: HostId, port: LineAt['port'], client?: HostId, asked?: LineVerb): readonly Offer[] {
  const verb = (value: LineVerb): Blank => choice('Command', verbsAt(port), asked ?? value);
  const struck = (id: string, sentence: string, value: LineVerb, kind: 'drop' | 'reset' | 'lose-reply'): Offer => ({
    id: `${id}-${port}`,
    sentence,
    blanks: { verb: verb(value) },
    make: filled => {
      const found = lineVerb(filled.verb);
      return found === null ? null : { kind, at: at(server, port, found, client) };
    },
  });
  const broken = (id: string, sentence: string, kind: 'cut' | 'stall'): Offer => {
    const octets = number('Octets', 200, 0, 2 ** 30, 6);
    return {
      id: `${id}-${port}`,
      sentence,
      blanks: { octets },
      make: filled => {
        const count = numberIn(octets, filled.octets);
        return count === null ? null : { kind, at: at(server, port, 'END-OF-DATA', client), octets: count };
      },
    };
  };
  const late: Offer = {
    id: `delay-${port}`,
    sentence: 'The reply to {verb} comes {milliseconds} ms late',
    blanks: { verb: verb(isPop(port) ? 'STAT' : 'RCPT'), milliseconds: MILLISECONDS },
    make: filled => {
      const found = lineVerb(filled.verb);
      const milliseconds = numberIn(MILLISECONDS, filled.milliseconds);
      return found === null || milliseconds === null
        ? null
        : { kind: 'delay', at: at(server, port, found, client), milliseconds };
    },
  };
  const pop = isPop(port);
  return [
    answerOffer(server, port, asked ?? (pop ? 'PASS' : 'RCPT'), client),
    late,
    struck(
      'drop',
      pop ? 'The line is dropped before {verb}' : 'The line is dropped at {verb}',
      pop ? 'QUIT' : 'RCPT',
      'drop',
    ),
    struck('reset', 'The connection is reset at {verb}', pop ? 'RETR' : 'DATA', 'reset'),
    ...(pop
      ? []
      : [
          broken('cut', 'The line breaks after {octets} octets of the letter', 'cut'),
          broken('stall', 'Everything stops after {octets} octets of the letter', 'stall'),
        ]),
    struck('lose', 'It does what {verb} asks, but its reply is lost', pop ? 'QUIT' : 'END-OF-DATA', 'lose-reply'),
  ];
}

/** The same line once more: how it might go then. Only calls by `client` are struck. */
export function offersForLine(line: {
  readonly server: HostId;
  readonly client: HostId;
  readonly port: LineAt['port'];
  readonly verb: LineVerb;
}): readonly Offer[] {
  return lineOffers(line.server, line.port, line.client, line.verb);
}
