/** What the viewer is told of one refusing reply: by its enhanced status code and the moment at which it came, the reply quoted. */
import type { Caption } from '../story/story.ts';
import type { Reference } from '../story/words.ts';
import { meaningOf } from './smtp.ts';
import { rfc } from './words/references.ts';
import { caption, sentence } from './words/wording.ts';

export interface Refusal {
  readonly code: number;
  /** The reply's first line, code included. */
  readonly reply: string;
  /** The verb it answers: "" for the greeting, "." for the end of the letter. */
  readonly to: string;
  /** How captions call who answers. */
  readonly who: string;
  /** How many recipients of this letter it has accepted, and whether this is about one of several. */
  readonly accepted: number;
}

interface Telling {
  readonly title: string;
  readonly why: string;
  readonly references: readonly Reference[];
}

const tell = (title: string, why: string, ...references: Reference[]): Telling => ({ title, why, references });

const FULL = tell(
  'The mailbox is full',
  'Every mailbox has a **quota**; until its owner clears it out, nothing more fits.',
  rfc(3463, '3.3'),
);

/** By class-less status; where it means another thing at another moment, by status and verb. */
const TOLD: Readonly<Record<string, Telling>> = {
  '1.1': tell(
    'No such mailbox here',
    'It knows its own people, and says so **at RCPT**: before any letter crosses.',
    rfc(5321, '3.3'),
  ),
  '1.2': tell('That domain is not known here', 'Where the letter should go, there is nothing.', rfc(3463, '3.2')),
  '1.10': tell('That domain takes no mail', 'Its **null MX** says so.', rfc(7505, '4.1')),
  '2.2': FULL,
  '3.1': tell(
    'No room on the disk',
    'It may say 250 only once the letter is safe, and its **disk** is full.',
    rfc(5321, '4.2.5'),
  ),
  '3.4': tell(
    'Too big, and it had to cross',
    'Nobody asked beforehand, so every octet crossed for nothing.',
    rfc(1870, '6.2'),
  ),
  '3.4 MAIL': tell(
    'Too big, and not one octet crossed',
    'The client said how big it is, **SIZE**, and was told at once.',
    rfc(1870, '6.1'),
  ),
  '4.2': tell(
    'It has waited too long',
    'Nobody holds a line for ever: after some **minutes** of silence it is hung up.',
    rfc(5321, '4.5.3.2'),
  ),
  '4.6': tell(
    'The letter goes in circles',
    'Every server leaves a **Received** line, and so many of them mean a loop.',
    rfc(5321, '6.3'),
  ),
  '5.1': tell('Not in this order', 'Something else has to come first.', rfc(5321, '4.1.4')),
  '5.3': tell(
    'Too many recipients at once',
    'The rest may come in a **transaction** of their own.',
    rfc(5321, '4.5.3.1.10'),
  ),
  '6.7': tell(
    'It cannot carry such an address',
    'Letters beyond ASCII need **SMTPUTF8** at every server on the way.',
    rfc(6531, '3.5'),
  ),
  '7.0': tell(
    'Log in first',
    'Whoever wants a letter carried into the world says who it is: **AUTH** comes first.',
    rfc(4954, '6'),
    rfc(6409, '4.3'),
  ),
  '7.1': tell('It does not want this letter', 'That is its own **policy**.', rfc(3463, '3.8')),
  '7.1 RCPT': tell(
    'No relaying for strangers',
    'A server that **relays** strangers’ mail to strangers would soon send nothing but spam.',
    rfc(5321, '7.9'),
    rfc(5321, '3.6.1'),
  ),
  '7.1 MAIL': tell(
    'It takes no mail from this sender',
    'Whose name is on the envelope decides: its own **policy**.',
    rfc(3463, '3.8'),
  ),
  '7.8': tell(
    'Wrong name or password',
    'It does not say which of the two is **wrong**: that would help whoever guesses.',
    rfc(4954, '6'),
  ),
};

const GREYLISTED = tell(
  'Not yet, come back later',
  'It has never seen this sender for this recipient. A real server tries again, most spam does not: that is **greylisting**.',
  rfc(6647, '2'),
);
const CLOSING = tell('It has to hang up', 'It closes this line, and will be there **again**.', rfc(5321, '3.8'));
const NO_SERVICE = tell('It takes nothing here', 'Already its **greeting** says no.', rfc(5321, '3.1'));

function toldOf({ code, reply, to }: Refusal): Telling | null {
  const status = /^\d{3}[ -][245]\.(\d{1,3}\.\d{1,3})\b/.exec(reply)?.[1];
  if (to === '') return code === 421 ? CLOSING : NO_SERVICE;
  if (/gr[ae]y-?list/i.test(reply) || (code === 451 && status === '7.1' && to === 'RCPT')) return GREYLISTED;
  if (status !== undefined) return TOLD[`${status} ${to}`] ?? TOLD[status] ?? (code === 421 ? CLOSING : null);
  return code === 421 ? CLOSING : code === 535 ? (TOLD['7.8'] ?? null) : code === 530 ? (TOLD['7.0'] ?? null) : null;
}

const quoted = (reply: string): string => (reply.length > 80 ? `${reply.slice(0, 79)}…` : reply);

/** "550: no such mailbox here"; then the reply, why, and what its first digit means. */
export function refusal(given: Refusal): Caption {
  const { code, reply, to, who, accepted } = given;
  const told = toldOf(given);
  const good = code >= 500;
  const digit = good
    ? 'The first digit, **5**, means for good.'
    : 'The first digit, **4**, means not now: the sender keeps the letter and tries again.';
  const others =
    to === 'RCPT' && accepted > 0
      ? ' Each recipient gets an answer of its own: the letter still goes to the others.'
      : '';
  const title =
    told === null ? `“${quoted(reply)}”` : `${code}: ${told.title.charAt(0).toLowerCase()}${told.title.slice(1)}`;
  const quote = told === null ? `${sentence(who)} says no.` : `${sentence(who)} answers “${quoted(reply)}”.`;
  const why = told?.why ?? meaningOf(code, reply);
  // One new word a beat: where the reply has a story of its own, its first digit is told in passing.
  const ending = told === null ? digit : digit.replaceAll('**', '');
  return caption(
    'smtp',
    title,
    `${quote} ${why} ${ending}${others}`.replace(/ {2,}/g, ' '),
    ...(told?.references ?? []),
    rfc(5321, '4.2.1'),
  );
}

const POP3: Readonly<Record<string, Telling>> = {
  'IN-USE': tell(
    'Somebody else is reading',
    'A mailbox is **locked** for one session at a time; the second one has to come back.',
    rfc(1939, '4'),
    rfc(2449, '8.1.2'),
  ),
  AUTH: tell('Wrong name or password', 'The **password** decides who may fetch.', rfc(1939, '7'), rfc(3206, '4')),
  'SYS/TEMP': tell('Not now', 'Something is wrong on its side, and will **pass**.', rfc(3206, '3')),
  'SYS/PERM': tell('Something is broken there', 'Somebody has to **repair** it.', rfc(3206, '3')),
  'LOGIN-DELAY': tell('Too soon', 'It wants a **pause** between two visits.', rfc(2449, '8.1.1')),
};

/** `text` is the reply as it stands: "-ERR [IN-USE] …". POP3 knows no "not now": only these words in brackets tell. */
export function refusalOfPop3(text: string, who: string): Caption {
  const word = /^-ERR \[([A-Z/-]+)\]/i.exec(text)?.[1]?.toUpperCase();
  const told = word === undefined ? undefined : POP3[word];
  if (told === undefined)
    return caption(
      'pop3',
      `“${quoted(text)}”`,
      `${sentence(who)} says no. POP3 has only **+OK** and **-ERR**; the words after it say why.`,
      rfc(1939, '3'),
    );
  return caption(
    'pop3',
    `-ERR: ${told.title.charAt(0).toLowerCase()}${told.title.slice(1)}`,
    `${sentence(who)} answers “${quoted(text)}”. ${told.why}`,
    ...told.references,
  );
}
