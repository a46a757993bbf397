/** What became of a recipient, as an SMTP client judges it by the replies it heard or did not hear. Pure. */
import type { Cause } from '../../../shared/trace/cause.ts';
import { enhancedStatus, type Reply, replyText } from '../reply.ts';
import type { Heard, Lost } from './dialogue.ts';

export interface RecipientOutcome {
  readonly recipient: string;
  /** `later`: 4yz or lost, keep it. `never`: 5yz, tell the sender. */
  readonly verdict: 'accepted' | 'later' | 'never';
  /** Null where no reply was given. */
  readonly reply: Reply | null;
  /** RFC 3463, also where the server gave none: "5.1.1". */
  readonly status: string;
  /** Why; the server's own words where it said some. */
  readonly cause: Cause;
  /** Whether the answer was about this letter, or about the host, so that another host may be asked (RFC 5321 §5.1). */
  readonly about: 'letter' | 'host';
  /** It was accepted by a server that offers DSN: success is from now on for that one to report (RFC 3461 §5.2.1). */
  readonly relayedWithDsn: boolean;
}

export type Fate = Omit<RecipientOutcome, 'recipient' | 'relayedWithDsn'>;

/** Somebody's fate was decided for everybody who had none yet; the rest of the dialogue falls away. */
export class Decided {
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
    cause: { code: 'answered', reply: replyText(reply) },
    // 421 says that the host goes away, whatever it was asked (RFC 5321 §3.8).
    about: reply.code === 421 ? 'host' : about,
  };
};

export const fateOfLoss = (lost: Lost, about: Fate['about'] = 'host'): Fate => ({
  verdict: 'later',
  reply: null,
  status: lost.status,
  cause: lost.cause,
  about,
});

/** Our own verdict about a letter that cannot be sent so. */
export const ours = (status: string, cause: Cause): Fate => ({
  verdict: 'never',
  reply: null,
  status,
  cause,
  about: 'letter',
});

/** What `judge` decides, or null where it lets the dialogue go on. */
export function decidedBy(judge: () => void): Fate | null {
  try {
    judge();
    return null;
  } catch (error) {
    if (error instanceof Decided) return error.fate;
    throw error;
  }
}

/** A reply of the class that was hoped for; anything else decides. */
export function expectClass(heard: Heard, hundreds: 2 | 3, about: Fate['about']): Reply {
  if (heard.kind === 'lost') throw new Decided(fateOfLoss(heard));
  const { reply } = heard;
  if (Math.floor(reply.code / 100) === hundreds) return reply;
  if (reply.code >= 400) throw new Decided(fateOf(reply, about));
  throw new Decided({
    ...fateOf(reply, 'host'),
    verdict: 'later',
    status: '4.5.0',
    cause: { code: 'senseless-answer', reply: replyText(reply) },
  });
}

/** What a refused RCPT means for the one recipient; null where it was accepted. Anything that is about all of them decides. */
export function refusalOfRecipient(heard: Heard): Fate | null {
  if (heard.kind === 'reply' && heard.reply.code >= 400 && heard.reply.code !== 421) {
    const fate = fateOf(heard.reply, 'letter');
    // Old servers say 552 where they mean 452, too many recipients (RFC 5321 §4.5.3.1.10).
    const tooMany = heard.reply.code === 552 && ['5.0.0', '5.5.3'].includes(fate.status);
    return tooMany ? { ...fate, verdict: 'later', status: '4.5.3' } : fate;
  }
  expectClass(heard, 2, 'letter');
  return null;
}
