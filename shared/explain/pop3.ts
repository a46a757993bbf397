/** Words for every POP3 command and reply. */

import type { Explanation } from './smtp.ts';
import { rfc } from './words/references.ts';

const explain = (title: string, sentence: string, section: string, number = 1939): Explanation => ({
  title,
  sentence,
  references: [rfc(number, section)],
});

const COMMANDS: Readonly<Record<string, Explanation>> = {
  USER: explain(
    'USER: whose mailbox',
    'The server says yes to any name, so that nobody can find out who lives here.',
    '7',
  ),
  PASS: explain(
    'PASS: the password',
    'The rest of the line is the password, in the clear. The recording has stars instead.',
    '7',
  ),
  AUTH: explain('AUTH: log in', 'Another way to log in, as SMTP does it.', '4', 5034),
  STAT: explain('STAT: how much', 'Asks for the number of letters and of octets.', '5'),
  LIST: explain('LIST: how big each is', 'Numbers and sizes of the letters in this session.', '5'),
  UIDL: explain(
    'UIDL: the names that stay',
    'A name for each letter that is the same in every session: the client’s memory.',
    '7',
  ),
  RETR: explain(
    'RETR: give me this one',
    'Sends one letter whole, lines that begin with a dot doubled, a lone dot at the end.',
    '5',
  ),
  TOP: explain('TOP: just the top', 'Sends the header and the first lines of the body.', '7'),
  DELE: explain('DELE: mark for removal', 'Nothing is removed yet: only QUIT does that.', '5'),
  RSET: explain('RSET: take the marks off', 'Letters that were marked for removal stay.', '5'),
  NOOP: explain('NOOP: nothing', 'Does nothing but get an answer.', '5'),
  CAPA: explain('CAPA: what can you do?', 'Asks for the server’s capabilities.', '5', 2449),
  QUIT: explain('QUIT: goodbye', 'Marked letters are removed now, and the mailbox is unlocked.', '6'),
  STLS: explain('STLS: let us encrypt', 'Asks to go on in TLS on the same connection.', '4', 2595),
};

/** Null for a verb that POP3 does not know. */
export const explainPop3Command = (verb: string): Explanation | null => COMMANDS[verb.toUpperCase()] ?? null;

export const explainPop3Reply = (ok: boolean, to: string): Explanation =>
  ok
    ? explain('+OK', to === '' ? 'The server greets first.' : `Yes: the answer to ${to}.`, '3')
    : explain('-ERR', 'No. POP3 has only these two answers; the words after it say why.', '3');
