/** How far a POP3 session has come: which letters it sees, which it wants, and which caption opens each of its beats. */
import { captions } from '../../explain/captions.ts';
import type { Caption } from '../../story/story.ts';
import type { Connection } from '../occurrences/connection.ts';
import { short } from '../occurrences/label.ts';
import type { BeatOf } from '../occurrences/occurrence.ts';

/** "2 f81" is the unique id f81 of letter 2 (RFC 1939 §7). */
function uidOf(line: string): readonly [string, string] {
  const [number = '', uid = ''] = line.trim().split(/\s+/);
  return [number, uid];
}

type Part = 'check-mail' | 'login' | 'what-is-there' | 'retrieve' | 'goodbye' | 'refused' | 'lost' | 'other';

export class Pop3Session {
  /** The mailbox that it has locked, or '' before. */
  mailbox = '';
  private readonly connection: Connection;
  private deleted = false;
  /** Unique id of each letter by its number, as UIDL gave them; null before it was asked. */
  private uids: ReadonlyMap<string, string> | null = null;
  /** The number of the letter that RETR asked for last. */
  private wanted = '';
  /** Counts fetched letters, so that each is a beat of its own. */
  private retrieved = 0;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** True from the login on: leaving now without QUIT removes nothing. */
  get inside(): boolean {
    return this.mailbox !== '';
  }

  command(verb: string, argument: string): void {
    if (verb === 'DELE') this.deleted = true;
    if (verb !== 'RETR') return;
    this.retrieved += 1;
    this.wanted = argument.trim();
  }

  listed(lines: readonly string[]): void {
    this.uids = new Map(lines.map(uidOf));
  }

  /** Which letter is being fetched: by its unique id, else by its Message-ID, one of several copies that is not among those. */
  wantedLetter(messageId: string, fetched: readonly string[]): string | null {
    const { letters } = this.connection.telling;
    return this.byUid() ?? letters.storedAs(this.mailbox, messageId, fetched) ?? letters.named(messageId);
  }

  private byUid(): string | null {
    const uid = this.uids?.get(this.wanted);
    return uid === undefined ? null : this.connection.telling.letters.inMailbox(this.mailbox, uid);
  }

  /** `which` tells apart those of one name. */
  beat(part: Part, caption: Caption, which: string | number = ''): BeatOf {
    return { key: `${this.connection.id} ${part} ${which}`, name: `collect.${part}`, chapter: 'collect', caption };
  }

  hello(): BeatOf {
    return this.beat('check-mail', captions.checkMail(this.connection.world, this.connection.from.host));
  }

  login(): BeatOf {
    return this.beat('login', captions.login());
  }

  goodbye(): BeatOf {
    const seen = this.uids?.size ?? null;
    if (this.deleted) return this.beat('goodbye', captions.tidy(true));
    if (this.retrieved > 0) return this.beat('goodbye', captions.leftThere());
    const caption = this.inside && seen !== null ? captions.nothingNew(seen) : captions.tidy(false);
    return this.beat('goodbye', caption);
  }

  private retrieving(): BeatOf {
    const seen = this.uids?.size ?? 0;
    // It did not begin with the first letter: it knows that one.
    const skips = this.retrieved === 1 && this.wanted !== '1' && seen > 1;
    const caption = this.connection.telling.letters.isReport(this.byUid())
      ? captions.retrieveReport()
      : skips
        ? captions.retrieveNew(seen)
        : captions.retrieve();
    return this.beat('retrieve', caption, this.retrieved);
  }

  beatFor(verb: string): BeatOf {
    switch (verb) {
      case '':
        return this.hello();
      case 'USER':
      case 'PASS':
      case 'AUTH':
        return this.login();
      case 'STAT':
      case 'LIST':
      case 'UIDL':
      case 'TOP':
        return this.beat('what-is-there', captions.whatIsThere());
      case 'RETR':
        return this.retrieving();
      case 'DELE':
      case 'QUIT':
        return this.goodbye();
      default:
        return this.beat('other', captions.other('pop3', short(verb)), verb);
    }
  }
}
