/** Words for every SMTP command and reply. */
import type { Reference } from '../story/words.ts';
import { rfc } from './words/references.ts';

export interface Explanation {
  readonly title: string;
  readonly sentence: string;
  readonly references: readonly Reference[];
}

const explain = (title: string, sentence: string, ...references: Reference[]): Explanation => ({
  title,
  sentence,
  references,
});

const COMMANDS: Readonly<Record<string, Explanation>> = {
  EHLO: explain(
    'EHLO: hello, in the extended way',
    'The client says its name and asks which extensions the server knows.',
    rfc(5321, '4.1.1.1'),
  ),
  HELO: explain('HELO: hello, in the old way', 'The client says its name. No extensions.', rfc(5321, '4.1.1.1')),
  MAIL: explain(
    'MAIL FROM: who sends it',
    'Opens a transaction. The address is the reverse-path: where a report goes when the letter cannot be delivered. It need not be the one after From: in the letter.',
    rfc(5321, '4.1.1.2'),
  ),
  RCPT: explain(
    'RCPT TO: who shall get it',
    'One line for each recipient, and one answer for each. The To: field in the letter plays no part.',
    rfc(5321, '4.1.1.3'),
  ),
  DATA: explain('DATA: now the letter', 'Asks whether the letter itself may follow.', rfc(5321, '4.1.1.4')),
  RSET: explain('RSET: forget it', 'Drops the transaction that was begun. Name and login stay.', rfc(5321, '4.1.1.5')),
  NOOP: explain('NOOP: nothing', 'Does nothing but get an answer.', rfc(5321, '4.1.1.9')),
  QUIT: explain('QUIT: goodbye', 'The client has finished; the server answers, then closes.', rfc(5321, '4.1.1.10')),
  VRFY: explain(
    'VRFY: is there such a user?',
    'Asks about an address without sending mail. Most servers will not say, because of spammers.',
    rfc(5321, '3.5'),
  ),
  EXPN: explain(
    'EXPN: who is on this list?',
    'Asks for the members of a mailing list. Most servers will not say.',
    rfc(5321, '3.5'),
  ),
  HELP: explain('HELP', 'Asks for a word of help.', rfc(5321, '4.1.1.8')),
  AUTH: explain(
    'AUTH: log in',
    'PLAIN sends name and password in base64, which is a spelling and not a secret. The recording has stars instead.',
    rfc(4954, '4'),
    rfc(4616),
  ),
  STARTTLS: explain('STARTTLS: let us encrypt', 'Asks to go on in TLS on the same connection.', rfc(3207, '4')),
  BDAT: explain(
    'BDAT: a counted piece of the letter',
    'Like DATA, but the number of octets comes first: nobody has to say go on, no dot is doubled, and LAST stands in place of the lone dot.',
    rfc(3030, '2'),
  ),
};

/** What MAIL and RCPT can ask for besides (RFC 5321 §4.1.1.11). */
const PARAMETERS: Readonly<Record<string, readonly [sentence: string, reference: Reference]>> = {
  SIZE: ['SIZE says how many octets will come, so that a letter too big is refused before it crosses.', rfc(1870, '3')],
  BODY: [
    'BODY=8BITMIME says that the letter has octets beyond ASCII; BODY=BINARYMIME that it is octets and not lines, which only BDAT can carry.',
    rfc(3030, '3'),
  ],
  SMTPUTF8: ['SMTPUTF8 says that addresses or header go beyond ASCII.', rfc(6531, '3.4')],
  RET: ['RET says how much of the letter a report shall bring back: all of it, or its header.', rfc(3461, '4.3')],
  ENVID: ['ENVID is the sender’s own name for this sending; a report will repeat it.', rfc(3461, '4.4')],
  NOTIFY: ['NOTIFY says when the sender wants a report about this recipient.', rfc(3461, '4.1')],
  ORCPT: ['ORCPT is the address that the sender first wrote to, for the report.', rfc(3461, '4.2')],
};

/** `text` is the line; what it asks for besides is explained too. Null for a verb that SMTP does not know. */
export function explainSmtpCommand(verb: string, text = ''): Explanation | null {
  const known = COMMANDS[verb.toUpperCase()];
  if (known === undefined || !/^(?:MAIL|RCPT)$/i.test(verb)) return known ?? null;
  const keywords = text.slice(text.lastIndexOf('>') + 1).split(' ');
  const asked = keywords
    .map(word => PARAMETERS[word.replace(/=.*/s, '').toUpperCase()])
    .filter(each => each !== undefined);
  return explain(
    known.title,
    [known.sentence, ...asked.map(([sentence]) => sentence)].join(' '),
    ...known.references,
    ...asked.map(([, reference]) => reference),
  );
}

const REPLIES: Readonly<Record<number, string>> = {
  211: 'System status.',
  214: 'A word of help.',
  220: 'The server is ready.',
  221: 'Goodbye: the server closes now.',
  235: 'Logged in.',
  250: 'Done as asked.',
  251: 'Not here, but it will be forwarded.',
  252: 'It will not say whether that user exists, but would take a letter and try.',
  334: 'Go on: the next step of the login.',
  354: 'Go on: send the letter, and end it with a line that has only a dot.',
  421: 'The server is closing this connection, and will be there again later.',
  450: 'The mailbox is busy or not available right now.',
  451: 'Something went wrong on the server’s own side.',
  452: 'No room at the moment.',
  454: 'It cannot check the login right now.',
  455: 'It cannot serve these parameters right now.',
  500: 'It does not know such a command.',
  501: 'It knows the command, but not what follows it.',
  502: 'It knows the command and does not offer it.',
  503: 'Not in this order: something else has to come first.',
  504: 'It does not offer this variant.',
  521: 'This host takes no mail.',
  530: 'It wants a login first.',
  534: 'This way of logging in is too weak here.',
  535: 'Name or password is wrong.',
  538: 'It wants encryption before a password.',
  550: 'It refuses: no such mailbox here, or against its rules.',
  551: 'The user is not here, but somewhere else.',
  552: 'Too big, or the mailbox is full.',
  553: 'It does not allow that mailbox name.',
  554: 'It refuses this letter, or all of them.',
  555: 'It does not know such a parameter of MAIL or RCPT.',
  556: 'That domain takes no mail.',
};

/** RFC 3463 says more than the three digits do. */
const STATUS: Readonly<Record<string, string>> = {
  '1.1': 'There is no such mailbox in this domain.',
  '1.2': 'There is no way from here to that domain.',
  '1.3': 'This is not how a mailbox is written.',
  '1.10': 'That domain takes no mail.',
  '2.1': 'The mailbox is switched off.',
  '2.2': 'The mailbox is full.',
  '3.1': 'The server’s disk is full.',
  '3.4': 'The letter is larger than this server takes.',
  '4.6': 'The letter has gone in circles.',
  '5.1': 'Not in this order: something else has to come first.',
  '5.2': 'The line or the letter is not well formed.',
  '5.3': 'It takes no more recipients at a time; the others may come again.',
  '5.4': 'The command has arguments that do not belong there.',
  '6.7': 'It cannot carry addresses beyond ASCII.',
  '7.0': 'It wants a login first.',
  '7.1': 'Its rules do not let this sender do so.',
  '7.8': 'Name or password is wrong.',
};

/** Where the class or the code tells two meanings of one status apart. */
const PARTICULAR: Readonly<Record<string, string>> = {
  '451 7.1': 'It has not heard from this sender before: whoever is a real mail server will come again (greylisting).',
  '554 7.1': 'It is not allowed to the sender: no server carries strangers’ mail to strangers.',
};

/** What a reply means, from its enhanced status code where it has one, else from its code. */
export function meaningOf(code: number, text: string): string {
  const enhanced = /^\d{3}[ -][245]\.(\d{1,3}\.\d{1,3})\b/.exec(text)?.[1];
  const told = code >= 400 && enhanced ? (PARTICULAR[`${code} ${enhanced}`] ?? STATUS[enhanced]) : undefined;
  return told ?? REPLIES[code] ?? '';
}

/** What a server can offer in its EHLO, in a few words. */
const OFFERS: Readonly<Record<string, readonly [words: string, reference: Reference]>> = {
  PIPELINING: ['many commands at once', rfc(2920)],
  SIZE: ['a limit known beforehand', rfc(1870)],
  '8BITMIME': ['letters beyond ASCII', rfc(6152)],
  SMTPUTF8: ['addresses beyond ASCII', rfc(6531)],
  DSN: ['reports on request', rfc(3461)],
  CHUNKING: ['letters in counted pieces', rfc(3030)],
  BINARYMIME: ['attachments as bare octets', rfc(3030)],
  AUTH: ['a login', rfc(4954)],
  STARTTLS: ['encryption', rfc(3207)],
  ENHANCEDSTATUSCODES: ['replies with a finer code', rfc(2034)],
};

function explainOffers(code: number, text: string): Explanation | null {
  const [first = '', ...lines] = text.split(/\r?\n/);
  if (code !== 250 || !first.startsWith('250-')) return null;
  const offers = lines.flatMap(line => {
    const keyword = (/^250[ -]([A-Za-z0-9-]+)/.exec(line)?.[1] ?? '').toUpperCase();
    const offer = OFFERS[keyword];
    return offer ? [{ keyword, words: offer[0], reference: offer[1] }] : [];
  });
  if (offers.length === 0) return null;
  const list = offers.map(({ keyword, words }) => `${keyword} (${words})`).join(', ');
  return explain(
    '250',
    `Done as asked. The server can do more than SMTP alone: ${list}.`,
    rfc(5321, '4.1.1.1'),
    ...offers.map(({ reference }) => reference),
  );
}

const CLASSES: Readonly<Record<string, string>> = {
  '2': 'The first digit is 2: yes.',
  '3': 'The first digit is 3: yes so far, go on.',
  '4': 'The first digit is 4: not now, try again later.',
  '5': 'The first digit is 5: no, and asking again will not help.',
};

export function explainSmtpReply(code: number, text: string): Explanation {
  const offers = explainOffers(code, text);
  if (offers) return offers;
  const digits = String(code).padStart(3, '0');
  return explain(
    digits,
    `${meaningOf(code, text)} ${CLASSES[digits.charAt(0)] ?? 'No code that SMTP knows.'}`.trim(),
    rfc(5321, '4.2'),
    ...(code >= 400 ? [rfc(3463, '3')] : []),
  );
}
