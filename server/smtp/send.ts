/** An SMTP client's dialogue, lock step: one command, one reply, and for each recipient what became of it. */
import type { Socket } from 'node:net';
import { crlfForm } from '../crlf.ts';
import { type Dialogue, type Heard, type Lost, openDialogue } from './dialogue.ts';
import { hasEightBit, stuffed } from './dot-stuffing.ts';
import type { Envelope } from './envelope.ts';
import { enhancedStatus, type Reply, replyText } from './reply.ts';

/** Milliseconds; the defaults are the least RFC 5321 §4.5.3.2 allows. */
export interface SmtpTimeouts {
  readonly greeting: number;
  /** EHLO, HELO, AUTH, MAIL, RCPT. */
  readonly command: number;
  readonly data: number;
  readonly block: number;
  readonly endOfData: number;
  readonly quit: number;
}

const MINUTE = 60_000;
const TIMEOUTS: SmtpTimeouts = {
  greeting: 5 * MINUTE,
  command: 5 * MINUTE,
  data: 2 * MINUTE,
  block: 3 * MINUTE,
  endOfData: 10 * MINUTE,
  quit: 2 * MINUTE,
};

export interface SendOptions {
  /** Open; it is ended in order before long, whatever happens. */
  readonly socket: Socket;
  /** What we call ourselves in EHLO: a host name or address literal. */
  readonly helloName: string;
  readonly credentials?: { readonly user: string; readonly password: string };
  readonly envelope: Envelope;
  /** Sent as it is, but for bare CR and LF, which become CRLF. */
  readonly message: Buffer;
  readonly timeouts?: Partial<SmtpTimeouts>;
}

export interface RecipientOutcome {
  readonly recipient: string;
  /** `later`: 4yz or lost, keep it. `never`: 5yz, tell the sender. */
  readonly verdict: 'accepted' | 'later' | 'never';
  /** Null where no reply was given. */
  readonly reply: Reply | null;
  /** RFC 3463, also where the server gave none: "5.1.1". */
  readonly status: string;
  /** One sentence; the server's own words where it said some. */
  readonly reason: string;
  /** Whether the answer was about this letter, or about the host, so that another host may be asked (RFC 5321 §5.1). */
  readonly about: 'letter' | 'host';
}

export interface SendOutcome {
  /** In the order of the envelope. */
  readonly recipients: readonly RecipientOutcome[];
  /** Another MX may be tried, with those recipients whose outcome is about the host. */
  readonly nextHost: boolean;
  /** The connection was lost after the end of the message, before the reply: it may have been taken (RFC 5321 §4.2.5, RFC 1047). */
  readonly duplicateRisk: boolean;
}

type Fate = Omit<RecipientOutcome, 'recipient'>;

/** Somebody's fate was decided for everybody who had none yet; the rest of the dialogue falls away. */
class Decided {
  readonly fate: Fate;
  constructor(fate: Fate) {
    this.fate = fate;
  }
}

const fateOf = (reply: Reply, about: Fate['about']): Fate => {
  const permanent = reply.code >= 500;
  return {
    verdict: permanent ? 'never' : 'later',
    reply,
    status: enhancedStatus(reply) ?? (permanent ? '5.0.0' : '4.0.0'),
    reason: `the server answered ${replyText(reply)}`,
    // 421 says that the host goes away, whatever it was asked (RFC 5321 §3.8).
    about: reply.code === 421 ? 'host' : about,
  };
};

const fateOfLoss = (lost: Lost, about: Fate['about'] = 'host'): Fate => ({
  verdict: 'later',
  reply: null,
  status: lost.status,
  reason: lost.reason,
  about,
});

const ours = (status: string, reason: string): Fate => ({
  verdict: 'never',
  reply: null,
  status,
  reason,
  about: 'letter',
});

/** A reply of the class that was hoped for; anything else decides. */
function expectClass(heard: Heard, hundreds: 2 | 3, about: Fate['about']): Reply {
  if (heard.kind === 'lost') throw new Decided(fateOfLoss(heard));
  const { reply } = heard;
  if (Math.floor(reply.code / 100) === hundreds) return reply;
  if (reply.code >= 400) throw new Decided(fateOf(reply, about));
  throw new Decided({
    ...fateOf(reply, 'host'),
    verdict: 'later',
    status: '4.5.0',
    reason: `the server gave an answer that makes no sense here: ${replyText(reply)}`,
  });
}

/** Keywords of EHLO with their parameters, in upper case (RFC 5321 §4.1.1.1). */
type Offers = ReadonlyMap<string, readonly string[]>;

async function greet(dialogue: Dialogue, helloName: string, timeouts: SmtpTimeouts): Promise<Offers> {
  expectClass(await dialogue.hear(timeouts.greeting), 2, 'host');
  const heard = await dialogue.ask(`EHLO ${helloName}`, timeouts.command);
  if (heard.kind === 'reply' && heard.reply.code >= 500) {
    expectClass(await dialogue.ask(`HELO ${helloName}`, timeouts.command), 2, 'host');
    return new Map();
  }
  const [, ...keywords] = expectClass(heard, 2, 'host').lines;
  return new Map(
    keywords.map(line => {
      const [keyword = '', ...parameters] = line.trim().toUpperCase().split(/ +/);
      return [keyword, parameters];
    }),
  );
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

async function logIn(
  dialogue: Dialogue,
  offers: Offers,
  { user, password }: NonNullable<SendOptions['credentials']>,
  timeout: number,
): Promise<void> {
  const mechanisms = offers.get('AUTH') ?? [];
  if (mechanisms.includes('PLAIN')) {
    expectClass(await dialogue.ask(`AUTH PLAIN ${base64(`\0${user}\0${password}`)}`, timeout), 2, 'letter');
  } else if (mechanisms.includes('LOGIN')) {
    expectClass(await dialogue.ask('AUTH LOGIN', timeout), 3, 'letter');
    expectClass(await dialogue.ask(base64(user), timeout), 3, 'letter');
    expectClass(await dialogue.ask(base64(password), timeout), 2, 'letter');
  } else throw new Decided(ours('5.7.4', 'the server offers no way to log in that is known here (PLAIN, LOGIN)'));
}

/** SIZE and BODY where this EHLO offered them (RFC 1870, RFC 6152). */
function mailParameters(offers: Offers, message: Buffer): string {
  const eightBit = hasEightBit(message);
  if (eightBit && !offers.has('8BITMIME')) {
    throw new Decided(ours('5.6.3', 'the letter has 8-bit characters and the server does not take them (no 8BITMIME)'));
  }
  return `${offers.has('SIZE') ? ` SIZE=${message.length}` : ''}${eightBit ? ' BODY=8BITMIME' : ''}`;
}

/** What no command line may hold: it would end the line or need SMTPUTF8. Null where the address may be sent. */
function unsendable(address: string): Fate | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant
  if (/[^\x00-\x7f]/.test(address)) {
    return ours('5.6.7', `${JSON.stringify(address)} has characters beyond ASCII, which need SMTPUTF8`);
  }
  return /[^ -~]/.test(address) ? ours('5.1.3', `${JSON.stringify(address)} is not an address`) : null;
}

/**
 * Hands one letter to one server. Never rejects for what the server or the network does; what becomes of each recipient is
 * the result, and it does not wait for the 221.
 */
export async function sendMail(options: SendOptions): Promise<SendOutcome> {
  const { envelope, helloName, credentials } = options;
  const timeouts = { ...TIMEOUTS, ...options.timeouts };
  const dialogue = openDialogue(options.socket);
  const message = crlfForm(options.message);
  const fates = new Map<string, Fate>();
  const accepted: string[] = [];
  let duplicateRisk = false;

  const transact = async (): Promise<Fate> => {
    const offers = await greet(dialogue, helloName, timeouts);
    if (credentials) await logIn(dialogue, offers, credentials, timeouts.command);
    const badSender = unsendable(envelope.reversePath);
    if (badSender) return badSender;
    const mail = `MAIL FROM:<${envelope.reversePath}>${mailParameters(offers, message)}`;
    expectClass(await dialogue.ask(mail, timeouts.command), 2, 'letter');
    for (const recipient of envelope.recipients) {
      const fate = unsendable(recipient) ?? (await nameRecipient(recipient));
      if (fate) fates.set(recipient, fate);
      else accepted.push(recipient);
    }
    // Everybody has a fate of their own already; this one is for nobody.
    if (accepted.length === 0) return ours('5.5.1', 'no recipient was accepted');
    expectClass(await dialogue.ask('DATA', timeouts.data), 3, 'letter');
    return hand();
  };

  const nameRecipient = async (recipient: string): Promise<Fate | null> => {
    const heard = await dialogue.ask(`RCPT TO:<${recipient}>`, timeouts.command);
    if (heard.kind === 'reply' && heard.reply.code >= 400 && heard.reply.code !== 421) {
      const fate = fateOf(heard.reply, 'letter');
      // Old servers say 552 where they mean 452, too many recipients (RFC 5321 §4.5.3.1.10).
      const tooMany = heard.reply.code === 552 && ['5.0.0', '5.5.3'].includes(fate.status);
      return tooMany ? { ...fate, verdict: 'later', status: '4.5.3' } : fate;
    }
    expectClass(heard, 2, 'letter');
    return null;
  };

  const hand = async (): Promise<Fate> => {
    const cutShort = await dialogue.send(stuffed(message), timeouts.block);
    // A server that gives up in the middle may have said why; it cannot have accepted.
    const heard = await dialogue.hear(cutShort ? 0 : timeouts.endOfData);
    if (cutShort && (heard.kind === 'lost' || heard.reply.code < 400)) return fateOfLoss(cutShort);
    if (heard.kind === 'lost') {
      duplicateRisk = true;
      return fateOfLoss(heard, 'letter');
    }
    const reply = expectClass(heard, 2, 'letter');
    return {
      verdict: 'accepted',
      reply,
      status: enhancedStatus(reply) ?? '2.0.0',
      reason: replyText(reply),
      about: 'letter',
    };
  };

  const common = await transact().catch((error: unknown) => {
    if (error instanceof Decided) return error.fate;
    throw error;
  });
  dialogue.leave({ quit: common.reply?.code !== 421, timeout: timeouts.quit });
  const recipients = envelope.recipients.map(recipient => ({ recipient, ...(fates.get(recipient) ?? common) }));
  return { recipients, nextHost: recipients.some(({ about }) => about === 'host'), duplicateRisk };
}
