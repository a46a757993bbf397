/** Faults of a line that is to come: another answer, lateness, a line that drops, breaks or falls silent. */
import { domainOf } from '../address.ts';
import { MOMENTS, momentsAt, SERVICES } from '../protocols.ts';
import { type LineAt, type LineVerb, LONGEST_REPLY_TEXT, MOST, REFUSING_CODES, REPLY_TEXT } from './fields.ts';
import type { Ground } from './ground.ts';
import {
  type Blank,
  choice,
  chosenOf,
  type LineSpot,
  number,
  numberIn,
  type Offer,
  type Offers,
  text,
} from './offer.ts';
import { atHosts, type Deeds, type Explanations, type FaultPlace, type Notes, row, type Speech } from './row.ts';

/** Where a reply has no code, and where no letter crosses to the server. */
const isPop = ({ port }: Pick<LineAt, 'port'>): boolean => port === SERVICES.pop3.port;

/** A line fault for nobody in particular marks the cable of the usual caller. */
function onTheLine({ at }: { readonly at: LineAt }, ground: Ground): FaultPlace {
  const client = at.client ?? usualCaller(at, ground);
  return client === undefined ? atHosts(at.server) : { hosts: [], cable: [client, at.server] };
}

/** Of submission and POP3: the first user of a domain that the server works for; of an exchanger: an outgoing server of another domain, or else of its own. */
function usualCaller({ server, port }: LineAt, { domains, users }: Ground): string | undefined {
  const served = domains.filter(domain =>
    port === SERVICES.submission.port
      ? domain.submission === server
      : port === SERVICES.pop3.port
        ? domain.pop === server
        : domain.exchangers.includes(server),
  );
  const isServed = (name: string): boolean => served.some(domain => domain.name === name);
  if (port !== SERVICES.smtp.port) return users.find(user => isServed(domainOf(user.address)))?.client;
  const others = domains.filter(({ name, submission }) => !isServed(name) && submission !== server);
  return (others[0] ?? served.find(({ submission }) => submission !== server))?.submission;
}

export const lineRows = {
  /** The server answers this instead of doing what it is asked. POP3 has no codes: it answers -ERR with the text. */
  answer: row(['at', 'code', 'text'], ({ at, code }) => (isPop(at) ? 'Answers -ERR' : `Answers ${code}`), onTheLine),
  /** The reply comes so much later. */
  delay: row(['at', 'milliseconds'], ({ milliseconds }, time) => `Waits ${time(milliseconds)}`, onTheLine),
  /** The line is not passed on, and both ends find the connection closed. */
  drop: row(['at'], () => 'Hangs up', onTheLine),
  /** The same, with a reset. */
  reset: row(['at'], () => 'Resets the connection', onTheLine),
  /** After so many octets of the letter's content the connection is reset. `at.verb` is END-OF-DATA. */
  cut: row(['at', 'octets'], () => 'Cuts the letter', onTheLine),
  /** After so many octets of the letter's content nothing more crosses, and nobody is told. `at.verb` is END-OF-DATA. */
  stall: row(['at', 'octets'], () => 'Stalls in the letter', onTheLine),
  /** The server does what it was asked and says so; the reply is lost and the connection breaks. */
  'lose-reply': row(['at'], () => 'Loses the reply', onTheLine),
};

/** Others are called by their verb. */
const MOMENT_WORDS: Readonly<Partial<Record<LineVerb, string>>> = {
  GREETING: 'its greeting',
  AUTH: 'the login',
  MAIL: 'MAIL FROM',
  RCPT: 'RCPT TO',
  'END-OF-DATA': 'the end of the letter',
};

/** "the incoming server at RCPT TO" */
function moment(at: LineAt, { called }: Speech): string {
  const caller = at.client === undefined ? '' : `, when ${called(at.client)} calls`;
  return `${called(at.server)} at ${MOMENT_WORDS[at.verb] ?? at.verb}${caller}`;
}

const octetsText = (count: number): string => `${count.toLocaleString('en')} ${count === 1 ? 'octet' : 'octets'}`;

export const lineExplanations: Explanations<typeof lineRows> = {
  answer: {
    clause: ({ at, code }, speech) => `${isPop(at) ? '-ERR' : code} from ${moment(at, speech)}`,
    leadsTo: 'refusal',
  },
  delay: {
    clause: ({ at, milliseconds }, speech) => `${speech.time(milliseconds)} of silence from ${moment(at, speech)}`,
    leadsTo: 'reply',
  },
  drop: { clause: ({ at }, speech) => `the line to ${moment(at, speech)} is hung up`, leadsTo: 'end' },
  reset: { clause: ({ at }, speech) => `the line to ${moment(at, speech)} is reset`, leadsTo: 'end' },
  cut: {
    clause: ({ at, octets }, { called }) =>
      `the line to ${called(at.server)} breaks after ${octetsText(octets)} of the letter`,
    leadsTo: 'end',
  },
  stall: {
    clause: ({ at, octets }, { called }) =>
      `the line to ${called(at.server)} falls silent after ${octetsText(octets)} of the letter`,
    leadsTo: 'end',
  },
  'lose-reply': { clause: ({ at }, speech) => `the answer of ${moment(at, speech)} gets lost`, leadsTo: 'end' },
};

/** What can be asked at a port; exchangers want no login. */
const verbsAt = (port: LineAt['port']): readonly LineVerb[] =>
  momentsAt(port).filter(verb => verb !== 'AUTH' || port !== SERVICES.smtp.port);

/** The verb that is meant, or the one that is usual: of SMTP, and of POP3. */
const verbBlank = ({ port, verb }: LineSpot, smtp: LineVerb, pop3: LineVerb): Blank =>
  choice('Command', verbsAt(port), verb ?? (isPop({ port }) ? pop3 : smtp));

const lineAt = ({ server, port, client }: LineSpot, verb: LineVerb): LineAt => ({
  server,
  port,
  verb,
  ...(client !== undefined && { client }),
});

/** A sentence whose blank is the command that is struck. */
const atVerb = <Result>(
  spot: LineSpot,
  id: string,
  sentence: string,
  verb: Blank,
  make: (at: LineAt) => Result,
): Offer<Result> => ({
  id: `${id}-${spot.port}`,
  sentence,
  blanks: { verb },
  make: filled => {
    const found = chosenOf(MOMENTS, filled.verb);
    return found === null ? null : make(lineAt(spot, found));
  },
});

/** A sentence whose blank is how much of a letter still crosses; POP3 has no letter of a client's. */
function inLetter<Result>(
  spot: LineSpot,
  id: string,
  sentence: string,
  make: (at: LineAt, octets: number) => Result,
): readonly Offer<Result>[] {
  if (isPop(spot)) return [];
  const blank = number('Octets', 200, 0, MOST.octets, 6);
  const filledIn: Offer<Result>['make'] = filled => {
    const octets = numberIn(blank, filled.octets);
    return octets === null ? null : make(lineAt(spot, 'END-OF-DATA'), octets);
  };
  return [{ id: `${id}-${spot.port}`, sentence, blanks: { octets: blank }, make: filledIn }];
}

export const lineOffers: Offers<typeof lineRows> = {
  answer: {
    where: 'line',
    offers(spot) {
      const pop = isPop(spot);
      const code = pop ? null : number('Reply code', 451, REFUSING_CODES.least, REFUSING_CODES.most, 3);
      return [
        {
          id: `answer-${spot.port}`,
          sentence: pop ? 'When asked {verb}, it answers -ERR {text}' : 'When asked {verb}, it answers {code} {text}',
          blanks: {
            verb: verbBlank(spot, 'RCPT', 'PASS'),
            ...(code && { code }),
            text: text('Text of the reply', pop ? 'Not now' : '4.3.0 Try again later', 22),
          },
          make: filled => {
            const verb = chosenOf(MOMENTS, filled.verb);
            const reply = filled.text ?? '';
            const number = code === null ? 500 : numberIn(code, filled.code);
            const crosses = reply.length <= LONGEST_REPLY_TEXT && REPLY_TEXT.test(reply);
            if (verb === null || number === null || !crosses) return null;
            return { kind: 'answer', at: lineAt(spot, verb), code: number, text: reply };
          },
        },
      ];
    },
  },
  delay: {
    where: 'line',
    offers(spot) {
      const late = number('Milliseconds', 2000, 0, MOST.milliseconds);
      return [
        {
          id: `delay-${spot.port}`,
          sentence: 'The reply to {verb} comes {milliseconds} ms late',
          blanks: { verb: verbBlank(spot, 'RCPT', 'STAT'), milliseconds: late },
          make: filled => {
            const verb = chosenOf(MOMENTS, filled.verb);
            const milliseconds = numberIn(late, filled.milliseconds);
            if (verb === null || milliseconds === null) return null;
            return { kind: 'delay', at: lineAt(spot, verb), milliseconds };
          },
        },
      ];
    },
  },
  drop: {
    where: 'line',
    offers(spot) {
      const sentence = `The line is dropped ${isPop(spot) ? 'before' : 'at'} {verb}`;
      return [atVerb(spot, 'drop', sentence, verbBlank(spot, 'RCPT', 'QUIT'), at => ({ kind: 'drop', at }))];
    },
  },
  reset: {
    where: 'line',
    offers: spot => [
      atVerb(spot, 'reset', 'The connection is reset at {verb}', verbBlank(spot, 'DATA', 'RETR'), at => ({
        kind: 'reset',
        at,
      })),
    ],
  },
  cut: {
    where: 'line',
    offers: spot =>
      inLetter(spot, 'cut', 'The line breaks after {octets} octets of the letter', (at, octets) => ({
        kind: 'cut',
        at,
        octets,
      })),
  },
  stall: {
    where: 'line',
    offers: spot =>
      inLetter(spot, 'stall', 'Everything stops after {octets} octets of the letter', (at, octets) => ({
        kind: 'stall',
        at,
        octets,
      })),
  },
  'lose-reply': {
    where: 'line',
    offers(spot) {
      const sentence = 'It does what {verb} asks, but its reply is lost';
      const verb = verbBlank(spot, 'END-OF-DATA', 'QUIT');
      return [atVerb(spot, 'lose', sentence, verb, at => ({ kind: 'lose-reply', at }))];
    },
  },
};

export const lineDeeds: Deeds<typeof lineRows> = {
  answer: {
    usual: {
      fields: ['code', 'text'],
      of: ({ port, code }) => {
        if (port === SERVICES.pop3.port) return { code: 500, text: 'Not now' };
        const isForNow = typeof code === 'number' && code < 500;
        return { text: isForNow ? '4.3.0 Try again later' : '5.3.0 Not possible' };
      },
    },
  },
};

export const lineNotes: Notes<typeof lineRows> = {
  cut: { at: 'with `verb` `END-OF-DATA`', octets: 'of the letter that still cross' },
  stall: { at: 'with `verb` `END-OF-DATA`', octets: 'of the letter that still cross' },
};
