/** An SMTP client's dialogue, command by command or in groups, and for each recipient what became of it. */
import type { Socket } from 'node:net';
import type { Host } from '../../../shared/world/world.ts';
import { createWorldClock, type WorldClock } from '../../base/clock.ts';
import type { Envelope } from '../envelope.ts';
import { stuffed } from '../message/dot-stuffing.ts';
import { enhancedStatus, replyText } from '../reply.ts';
import { type Heard, type Lost, openDialogue } from './dialogue.ts';
import {
  Decided,
  decidedBy,
  expectClass,
  type Fate,
  fateOfLoss,
  ours,
  type RecipientOutcome,
  refusalOfRecipient,
} from './fate.ts';
import { greet, logIn } from './introduce.ts';
import { carriageOf, type Requests, requestsFor } from './requests.ts';

export type { RecipientOutcome };

/** Milliseconds of world time; the defaults are the least RFC 5321 §4.5.3.2 allows. */
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
  /** Sent as it is, but for bare CR and LF, which become CRLF unless the envelope says BINARYMIME. */
  readonly message: Buffer;
  /** It is the author who sends: binary parts go in base64 where BINARYMIME is not offered. Otherwise nobody gets the letter there. */
  readonly recodes?: boolean;
  readonly timeouts?: Partial<SmtpTimeouts>;
  /** Default: a clock that nobody moves on. */
  readonly clock?: WorldClock;
  /**
   * Default `lock-step`: one command, one reply. `pipelined`: in groups where PIPELINING is offered (RFC 2920). `chunked`:
   * the letter by BDAT where CHUNKING is offered (RFC 3030), and all of it in one group where PIPELINING is too. A binary letter
   * goes by BDAT in any case.
   */
  readonly style?: NonNullable<Host['sends']>;
}

export interface SendOutcome {
  /** In the order of the envelope. */
  readonly recipients: readonly RecipientOutcome[];
  /** Another MX may be tried, with those recipients whose outcome is about the host. */
  readonly nextHost: boolean;
  /** The connection was lost after the end of the message, before the reply: it may have been taken (RFC 5321 §4.2.5, RFC 1047). */
  readonly duplicateRisk: boolean;
}

/** Everybody has a fate of their own already; this one is for nobody. */
const nobody = ours('5.5.1', { code: 'no-recipient-accepted' });

const QUIT = Buffer.from('QUIT\r\n');
const inLines = (commands: readonly string[]): Buffer => Buffer.from(commands.map(each => `${each}\r\n`).join(''));
const inOneChunk = (message: Buffer): Buffer => Buffer.concat([inLines([`BDAT ${message.length} LAST`]), message]);

/**
 * Hands one letter to one server. Never rejects for what the server or the network does; what becomes of each recipient is
 * the result, and it does not wait for the 221.
 */
export async function sendMail(options: SendOptions): Promise<SendOutcome> {
  const { envelope, helloName, credentials, style = 'lock-step' } = options;
  const timeouts = { ...TIMEOUTS, ...options.timeouts };
  const dialogue = openDialogue(options.socket, options.clock ?? createWorldClock());
  let { message } = options;
  const fates = new Map<string, Fate>();
  const accepted: string[] = [];
  let dsnOffered = false;
  let duplicateRisk = false;
  let quitSaid = false;

  const transact = async (): Promise<Fate> => {
    const offers = await greet(dialogue, helloName, timeouts);
    dsnOffered = offers.has('DSN');
    if (credentials) await logIn(dialogue, offers, credentials, timeouts.command);
    const carriage = carriageOf(offers, envelope, { message, recodes: options.recodes ?? false });
    if ('verdict' in carriage) return carriage;
    message = carriage.message;
    const requests = requestsFor(offers, envelope, carriage);
    if ('verdict' in requests) return requests;
    for (const [recipient, fate] of requests.unsendable) fates.set(recipient, fate);
    if (requests.rcpt.length === 0) return nobody;
    const chunked = carriage.binary || (style === 'chunked' && offers.has('CHUNKING'));
    if (style === 'lock-step' || !offers.has('PIPELINING')) return lockStep(requests, chunked);
    return chunked ? inOneGroup(requests) : inTwoGroups(requests);
  };

  const judgeRecipient = (recipient: string, heard: Heard): void => {
    const fate = refusalOfRecipient(heard);
    if (fate) fates.set(recipient, fate);
    else accepted.push(recipient);
  };

  const lockStep = async ({ mail, rcpt }: Requests, chunked: boolean): Promise<Fate> => {
    expectClass(await dialogue.ask(mail, timeouts.command), 2, 'letter');
    for (const { recipient, line } of rcpt) judgeRecipient(recipient, await dialogue.ask(line, timeouts.command));
    if (accepted.length === 0) return nobody;
    if (chunked) return hand(inOneChunk(message));
    expectClass(await dialogue.ask('DATA', timeouts.data), 3, 'letter');
    return hand(stuffed(message));
  };

  /** Hears all replies of a group before any is judged, so that what follows is not taken for what was asked. */
  const hearGroup = async ({ rcpt }: Requests, last: number): Promise<{ judged: Fate | null; last: Heard }> => {
    const first = await dialogue.hear(timeouts.command);
    const others: Heard[] = [];
    for (const _ of rcpt) others.push(await dialogue.hear(timeouts.command));
    const end = await dialogue.hear(last);
    const judged = decidedBy(() => {
      expectClass(first, 2, 'letter');
      for (const [index, heard] of others.entries()) judgeRecipient(rcpt[index]?.recipient ?? '', heard);
    });
    return { judged: judged ?? (accepted.length === 0 ? nobody : null), last: end };
  };

  /** MAIL, every RCPT and DATA together; then the letter and QUIT (RFC 2920 §3.1). */
  const inTwoGroups = async (requests: Requests): Promise<Fate> => {
    dialogue.say([requests.mail, ...requests.rcpt.map(({ line }) => line), 'DATA']);
    const { judged, last } = await hearGroup(requests, timeouts.data);
    if (judged) {
      // A server that says 354 all the same waits for a letter, and gets one that is empty.
      if (last.kind === 'reply' && last.reply.code === 354) {
        await dialogue.send(stuffed(Buffer.alloc(0)), timeouts.block);
        await dialogue.hear(timeouts.endOfData);
      }
      return judged;
    }
    expectClass(last, 3, 'letter');
    quitSaid = true;
    return hand(Buffer.concat([stuffed(message), QUIT]));
  };

  /** Everything after EHLO at once: a chunk needs nobody's leave (RFC 3030 §4.2). */
  const inOneGroup = async (requests: Requests): Promise<Fate> => {
    const commands = inLines([requests.mail, ...requests.rcpt.map(({ line }) => line)]);
    quitSaid = true;
    const cutShort = await dialogue.send(Buffer.concat([commands, inOneChunk(message), QUIT]), timeouts.block);
    const { judged, last } = await hearGroup(requests, timeouts.endOfData);
    if (!judged) return verdictOf(last, cutShort);
    if (judged.reply !== null || judged === nobody || cutShort) return judged;
    // The letter had gone to its end before the connection was lost.
    duplicateRisk = true;
    return { ...judged, about: 'letter' };
  };

  const hand = async (octets: Buffer): Promise<Fate> => {
    const cutShort = await dialogue.send(octets, timeouts.block);
    return verdictOf(await dialogue.hear(cutShort ? 0 : timeouts.endOfData), cutShort);
  };

  const verdictOf = (heard: Heard, cutShort: Lost | null): Fate => {
    // A server that gives up in the middle may have said why; it cannot have accepted.
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
      cause: { code: 'accepted', reply: replyText(reply) },
      about: 'letter',
    };
  };

  const common = await transact().catch((error: unknown) => {
    if (error instanceof Decided) return error.fate;
    throw error;
  });
  const quit = common.reply?.code === 421 ? 'no' : quitSaid ? 'said' : 'say';
  dialogue.leave({ quit, timeout: timeouts.quit });
  const recipients = envelope.recipients.map(recipient => {
    const fate = fates.get(recipient) ?? common;
    return { recipient, ...fate, relayedWithDsn: dsnOffered && fate.verdict === 'accepted' };
  });
  return { recipients, nextHost: recipients.some(({ about }) => about === 'host'), duplicateRisk };
}
