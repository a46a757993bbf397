/** Deeds that bring a letter on its way: by a mail client, or by a stranger who calls a server. */
import { SERVICES } from '../../../shared/protocols.ts';
import { type Draft, parseDraft } from '../../mail-client/draft.ts';
import { type CallRead, parseStrangerCall } from '../../mail-client/stranger-call.ts';
import { addressCalled, addressesCalled, hostNamed, isWrong, type Meant, spread, userNamed, wrong } from './cast.ts';
import { type Complain, Form, type Piece } from './pieces.ts';

export type StrangerCall = Extract<CallRead, { readonly ok: true }>['call'];

const LETTER = [
  'from',
  'to',
  'bcc',
  'subject',
  'text',
  'inReplyTo',
  'envelopeFrom',
  'notify',
  'ret',
  'envid',
  'attachment',
  'encoding',
];

/** A letter from Alice to Bob where nothing else is said. */
export function readLetter(piece: Piece | null, complain: Complain): Meant<Draft> {
  const table = piece?.is === 'table' ? piece : { is: 'table' as const, line: piece?.line ?? 1, entries: [] };
  if (piece !== null && piece.is !== 'table' && !(piece.is === 'leaf' && piece.text === ''))
    complain(piece.line, '“send” is a letter: {from: alice, to: bob, subject: Lunch?}, or “send” alone.');
  const form = new Form(table, 'send', LETTER, complain);
  const from = form.text('from') ?? 'alice';
  const to = form.texts('to') ?? ['bob'];
  const bcc = form.texts('bcc');
  const sender = form.text('envelopeFrom');
  const attachment = form.form('attachment', ['name', 'octets']);
  const written = {
    subject: form.text('subject') ?? 'Lunch?',
    text: form.text('text') ?? 'Are you free at noon?',
    inReplyTo: form.text('inReplyTo'),
    notify: form.texts('notify')?.map(word => word.toUpperCase()),
    ret: form.text('ret')?.toUpperCase(),
    envid: form.text('envid'),
    encoding: form.text('encoding'),
    attachment: attachment && { name: attachment.needed('name'), octets: attachment.number('octets') },
  };
  return world => {
    const user = userNamed(world, from);
    if (isWrong(user)) return user;
    const [named, hidden] = [addressesCalled(world, to), addressesCalled(world, bcc ?? [])];
    if ('wrong' in named) return named;
    if ('wrong' in hidden) return hidden;
    const envelopeFrom = sender === null || sender === '' ? sender : addressCalled(world, sender);
    if (envelopeFrom !== null && isWrong(envelopeFrom)) return envelopeFrom;
    const read = parseDraft({
      ...written,
      from: user.address,
      to: named,
      ...(hidden.length > 0 && { bcc: hidden }),
      envelopeFrom,
    });
    return read.ok ? read.draft : wrong(read.message);
  };
}

const CALL = ['server', 'port', 'helo', 'mailFrom', 'rcptTo', 'data', 'raw', 'login'];

/** Null where it cannot be read, which has been said. */
export function readCall(piece: Piece, complain: Complain): Meant<StrangerCall> | null {
  if (piece.is !== 'table') {
    complain(piece.line, '“call” is {server: mx1, mail from: x@evil.example, rcpt to: bob, data: …}.');
    return null;
  }
  const form = new Form(piece, 'call', CALL, complain);
  const server = form.needed('server');
  const recipients = form.neededTexts('rcptTo');
  const login = form.form('login', ['user', 'password']);
  const words = {
    port: form.number('port') ?? undefined,
    helo: form.text('helo') ?? undefined,
    data: form.text('data') ?? undefined,
    raw: form.flag('raw') ?? undefined,
  };
  const sender = form.text('mailFrom') ?? '';
  const known = login && { user: login.needed('user') ?? '', password: login.needed('password') ?? '' };
  if (server === null || recipients === null) return null;
  return world => {
    const host = hostNamed(world, server);
    if (isWrong(host)) return host;
    // A stranger may say what he likes: who is not known is said as it stands.
    const said = (word: string): string => {
      const address = addressCalled(world, word);
      return isWrong(address) ? word : address;
    };
    const read = parseStrangerCall({
      ...words,
      server: host.id,
      port: words.port ?? SERVICES[host.services.includes('smtp') ? 'smtp' : 'submission'].port,
      mailFrom: sender === '' ? '' : said(sender),
      rcptTo: recipients.flatMap(spread).map(said),
      ...(known && { login: { ...known, user: said(known.user) } }),
    });
    return read.ok ? read.call : wrong(read.message);
  };
}
