/** The beats of an SMTP connection: which caption opens them and in which chapter they stand. */
import { captions } from '../explain/captions.ts';
import { meaningOf } from '../explain/smtp.ts';
import { called } from '../explain/wording.ts';
import type { Connection } from './connection.ts';
import { short } from './label.ts';
import type { BeatOf } from './occurrence.ts';
import type { Caption, ChapterKind } from './story.ts';

/** `nth` is the transaction: two letters on one connection are two sets of beats. */
export class SmtpBeats {
  /** To the recipient's server on port 25, not from a mail client to its own server. */
  readonly relay: boolean;
  private readonly connection: Connection;
  private readonly chapter: ChapterKind;
  private readonly server: string;

  constructor(connection: Connection) {
    this.connection = connection;
    this.relay = connection.to.port === 25;
    this.chapter = this.relay ? 'hand-over' : 'press-send';
    this.server = called(connection.world, connection.to.host);
  }

  private beat(part: string, caption: Caption, nth = 0): BeatOf {
    const { chapter } = this;
    const name = `${this.relay ? 'hand-over' : 'submission'}.${part}`;
    return { key: `${this.connection.id} ${part} ${nth}`, name, chapter, caption };
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
    return this.beat('envelope', captions.envelope(reversePath, again, this.server), nth);
  }

  letter(nth: number): BeatOf {
    const direct = this.relay && this.connection.fromVisitor;
    return this.beat('letter', direct ? captions.letterDirect() : captions.letter(this.relay), nth);
  }

  /** The letter is on disk, the 250 follows or has come. */
  accepted(nth: number): BeatOf {
    if (!this.relay) return this.beat('accepted', captions.queued(this.server), nth);
    const from = called(this.connection.world, this.connection.from.host);
    const beat = this.beat('accepted', captions.taken(this.server, from), nth);
    return { ...beat, name: 'deliver.accepted', chapter: 'deliver' };
  }

  stored(nth: number, mailbox: string): BeatOf {
    const owner = this.connection.world.users.find(user => user.address === mailbox)?.name ?? mailbox;
    const beat = this.beat('store', captions.deliver(this.server, owner), nth);
    return { ...beat, name: 'deliver.store', chapter: 'deliver' };
  }

  /** Every refusal is a beat of its own: `seq` tells them apart. */
  refused(seq: number, code: number, reply: string): BeatOf {
    const caption = captions.refused('smtp', reply, this.server, code >= 500, meaningOf(code, reply));
    return this.beat('refused', caption, seq);
  }

  /** Recipient after recipient is refused: told together. */
  refusedAgain(nth: number): BeatOf {
    return this.beat('refused-again', captions.refusedAgain(this.server), nth);
  }

  lost(): BeatOf {
    return { ...this.beat('lost', captions.lost('smtp')), name: 'connection.lost' };
  }

  /** The beat of a command, or of the reply to it: "" for the greeting, "." for the end of the letter. */
  of(verb: string, nth: number, reversePath: string): BeatOf {
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
      case 'DATA':
      case 'BDAT':
        return this.letter(nth);
      case '.':
        return this.accepted(nth);
      default:
        return this.beat(`other ${verb}`, captions.other('smtp', short(verb)), nth);
    }
  }
}
