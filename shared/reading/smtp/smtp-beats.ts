/** The beats of an SMTP connection: which caption opens them and in which chapter they stand. */
import { captions } from '../../explain/captions.ts';
import { type Refusal, refusal } from '../../explain/refusals.ts';
import { called } from '../../explain/words/wording.ts';
import type { Fault } from '../../faults/fault.ts';
import { SERVICES } from '../../protocols.ts';
import type { BeatName } from '../../story/beat-name.ts';
import type { Caption, ChapterKind } from '../../story/story.ts';
import { arranged, struckCaption } from '../occurrences/arranged.ts';
import type { Connection } from '../occurrences/connection.ts';
import { short } from '../occurrences/label.ts';
import type { BeatOf } from '../occurrences/occurrence.ts';

/** How far a transaction has come. */
interface Progress {
  readonly nth: number;
  readonly reversePath: string;
  readonly accepted: readonly string[];
  readonly named: number;
}

/** Beats that both kinds of conversation have: with one’s own server, and with the recipient’s. */
type Part = 'hello' | 'auth' | 'envelope' | 'letter' | 'accepted' | 'refused' | 'refused-again' | 'other';

/** `nth` is the transaction: two letters on one connection are two sets of beats. */
export class SmtpBeats {
  /** To the recipient's server on port 25, not from a mail client to its own server. */
  readonly relay: boolean;
  private readonly connection: Connection;
  private readonly chapter: ChapterKind;
  private readonly server: string;

  constructor(connection: Connection) {
    this.connection = connection;
    this.relay = connection.to.port === SERVICES.smtp.port;
    this.chapter = this.relay ? 'hand-over' : 'press-send';
    this.server = called(connection.world, connection.to.host);
  }

  /** `which` tells apart those of one name. */
  private beat(part: Part, caption: Caption, which: string | number = 0): BeatOf {
    return this.named(`${this.relay ? 'hand-over' : 'submission'}.${part}`, caption, which);
  }

  private named(name: BeatName, caption: Caption, which: string | number, chapter = this.chapter): BeatOf {
    return { key: `${this.connection.id} ${name} ${which}`, name, chapter, caption };
  }

  hello(): BeatOf {
    const { world, from, to, fromVisitor } = this.connection;
    const tell = fromVisitor ? captions.helloDirect : captions.helloRelay;
    return this.beat('hello', this.relay ? tell(world, from.host, to.host) : captions.hello(from.host, to.host));
  }

  auth(): BeatOf {
    return this.beat('auth', captions.auth(this.connection.world, this.connection.from.host));
  }

  envelope(nth: number, reversePath: string): BeatOf {
    // A stranger who comes straight to the door tells the envelope for the first time.
    const again = this.relay && !this.connection.fromVisitor;
    const caption =
      again && reversePath === ''
        ? captions.nullEnvelope(this.server)
        : captions.envelope(reversePath, again, this.server);
    return this.beat('envelope', caption, nth);
  }

  /** Of `named` recipients so many were `accepted`; fewer than all of them is told. */
  letter(nth: number, accepted: number, named: number): BeatOf {
    const direct = this.relay && this.connection.fromVisitor;
    const some = accepted > 0 && accepted < named;
    const caption = direct ? captions.letterDirect() : captions.letter(this.relay);
    return this.beat('letter', some ? captions.letterForSome(accepted, named) : caption, nth);
  }

  /** The letter is on disk, the 250 follows or has come. */
  accepted(nth: number): BeatOf {
    if (!this.relay) return this.beat('accepted', captions.queued(this.server), nth);
    const from = called(this.connection.world, this.connection.from.host);
    return this.named('deliver.accepted', captions.taken(this.server, from), nth, 'deliver');
  }

  /** A backup exchanger has it in its queue. */
  backup(nth: number): BeatOf {
    return this.named('hand-over.backup', captions.backup(this.server), nth);
  }

  acceptedByBackup(nth: number): BeatOf {
    const from = called(this.connection.world, this.connection.from.host);
    return this.beat('accepted', captions.takenByBackup(this.server, from), nth);
  }

  expanded(seq: number, as: 'alias' | 'list', caption: Caption): BeatOf {
    return this.named(`deliver.${as}`, caption, seq, 'deliver');
  }

  /** `again`: a copy of the letter lies there already, because its 250 got lost. `other`: not the first mailbox it is for. */
  stored(nth: number, mailbox: string, again: boolean, other: boolean): BeatOf {
    const owner = this.connection.world.users.find(user => user.address === mailbox)?.name ?? mailbox;
    const caption = again
      ? captions.secondCopy(owner)
      : other
        ? captions.deliverOthers(this.server)
        : captions.deliver(this.server, owner);
    return this.named('deliver.store', caption, other ? `${nth} others` : nth, 'deliver');
  }

  /** The recipient after one that was refused. */
  nextRecipient(nth: number, refusals: number): BeatOf {
    return this.beat('envelope', captions.nextRecipient(), `${nth} after ${refusals}`);
  }

  /** Every refusal is a beat of its own: `seq` tells them apart. */
  refused(seq: number, reply: Omit<Refusal, 'who'>, fault: Fault | null): BeatOf {
    const caption = refusal({ ...reply, who: this.server });
    return this.beat('refused', arranged(caption, fault, this.connection.world), seq);
  }

  /** A fault that changed how or when the server answered, and not what. */
  struck(seq: number, fault: Fault): BeatOf {
    return this.named('fault.struck', struckCaption('smtp', fault, this.connection.world), seq);
  }

  /** Recipient after recipient is refused: told together. */
  refusedAgain(nth: number): BeatOf {
    return this.beat('refused-again', captions.refusedAgain(this.server), nth);
  }

  lost(broke: 'before' | 'in-letter' | 'after-letter', fault: Fault | null): BeatOf {
    const { world, from } = this.connection;
    const caption =
      broke === 'before'
        ? captions.lost('smtp')
        : broke === 'in-letter'
          ? captions.lostInLetter(this.server)
          : captions.lostAfterLetter(this.server, called(world, from.host));
    return this.named('connection.lost', arranged(caption, fault, world), 0);
  }

  /** The beat of a command, or of the reply to it: "" for the greeting, "." for the end of the letter. */
  of(verb: string, { nth, reversePath, accepted, named }: Progress): BeatOf {
    switch (verb) {
      case 'EHLO':
      case 'HELO':
      case '':
        return this.hello();
      case 'AUTH':
        return this.auth();
      case 'MAIL':
      case 'RCPT':
        return this.envelope(nth, reversePath);
      case 'BDAT':
        return this.beat('letter', captions.letterInChunks(), nth);
      case 'DATA':
        return this.letter(nth, accepted.length, named);
      case '.':
        return this.accepted(nth);
      default:
        return this.beat('other', captions.other('smtp', short(verb)), `${nth} ${verb}`);
    }
  }
}
