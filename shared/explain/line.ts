/** Explains any line of the conversation from its own bytes. */
import { decodeDns } from '../decode/dns.ts';
import type { Line } from '../story/story.ts';
import { explainDns } from './dns.ts';
import { explainPop3Command, explainPop3Reply } from './pop3.ts';
import { type Explanation, explainSmtpCommand, explainSmtpReply } from './smtp.ts';
import { rfc } from './words/references.ts';

const plain = (title: string, sentence: string): Explanation => ({ title, sentence, references: [] });

const verbOf = (text: string): string => text.split(/[ \n]/)[0] ?? '';

function explainContent(line: Line): Explanation {
  return {
    title: 'The letter',
    sentence:
      'Header, an empty line, body. A line that begins with a dot is sent with one dot more, and a lone dot ends it: on the way this is taken off again.',
    references: [line.protocol === 'pop3' ? rfc(1939, '3') : rfc(5321, '4.5.2'), rfc(5322, '2.1')],
  };
}

/** Title, one or two sentences, and where it is written. Never fails: what nobody knows is said to be unknown. */
export function explainLine(line: Line): Explanation {
  switch (line.role) {
    case 'aside':
      return plain('Off the wire', 'A server did this on its own; no byte crossed the wire for it.');
    case 'content':
      return explainContent(line);
    case 'question':
    case 'answer': {
      const message = decodeDns(line.bytes.subarray(line.framing));
      return message ? explainDns(message) : plain('Not a DNS message', 'These bytes cannot be read as DNS.');
    }
    case 'command': {
      const known =
        line.protocol === 'pop3'
          ? explainPop3Command(verbOf(line.text))
          : explainSmtpCommand(verbOf(line.text), line.text);
      if (known) return known;
      return /^\*+$/.test(line.text.trim())
        ? plain(
            'A step of the login',
            'What the client answered to the server’s challenge. The recording has stars in its place.',
          )
        : plain(verbOf(line.text), `No command that ${line.protocol === 'pop3' ? 'POP3' : 'SMTP'} knows.`);
    }
    case 'reply':
      return line.protocol === 'pop3'
        ? explainPop3Reply(line.verdict !== 'no', '')
        : explainSmtpReply(Number.parseInt(line.text, 10) || 0, line.text);
  }
}
