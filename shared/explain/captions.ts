/** What the viewer is told before each beat moves: what happens and why, for a reader who knows no protocol. */
import { type Protocol, SERVICES } from '../protocols.ts';
import type { Caption } from '../story/story.ts';
import type { HostId } from '../world/world.ts';
import { setbacks } from './setbacks.ts';
import { waiting } from './waiting.ts';
import { rfc } from './words/references.ts';
import { called, caption, type Hosts, personAt, sentence } from './words/wording.ts';

const firstLabel = (name: string): string => name.split('.')[0] ?? name;
const count = (n: number, one: string): string => (n === 1 ? `one ${one}` : `${n} ${one}s`);

/** Captions by what happens; each takes the world and the names it speaks of. */
export const captions = {
  ...setbacks,
  ...waiting,
  pressSend: (world: Hosts, client: HostId, recipients: readonly string[]): Caption =>
    caption(
      'smtp',
      `${personAt(world, client)} ${personAt(world, client) === 'You' ? 'press' : 'presses'} Send`,
      `The mail client writes the letter as plain text: a **header**, an empty line, the body. Then it notes on an **envelope** who sends it and who shall get it: ${recipients.length > 2 ? count(recipients.length, 'recipient') : recipients.join(', ')}.`,
      rfc(5322, '2.1'),
      rfc(5321, '2.3.1'),
    ),
  hello: (client: HostId, server: HostId): Caption =>
    caption(
      'smtp',
      `“Hello, I am ${firstLabel(client)}”`,
      `The client calls only one machine: its own **outgoing server**, ${server}. They greet each other, in words a person could type, and the server lists what it can do.`,
      rfc(5321, '3.1'),
      rfc(6409, '3.1'),
    ),
  auth: (world: Hosts, client: HostId): Caption => {
    const person = personAt(world, client);
    return caption(
      'smtp',
      person === 'You' ? '“It is really me”' : `“It is really ${person}”`,
      'Before it carries a letter into the world, the server wants to know who asks: **AUTH**. The password crosses this wire unencrypted; the recording shows stars in its place.',
      rfc(4954, '4'),
    );
  },
  envelope: (reversePath: string, relay: boolean, server: string): Caption =>
    caption(
      'smtp',
      relay ? 'The same envelope, once more' : 'First the envelope',
      relay
        ? `Sender and recipient again, now told to ${server}. It says yes only to people who have a mailbox here; for anybody else the answer would be no, at once.`
        : `Two lines before the letter: who sends it (**MAIL FROM**${reversePath === '' ? ', empty: a letter that wants no answer' : ''}), and who shall get it (**RCPT TO**). The server goes by these alone and does not look inside.`,
      rfc(5321, relay ? '3.4' : '3.3'),
    ),
  /** MAIL FROM:<> between servers: a report on its way home. */
  nullEnvelope: (server: string): Caption =>
    caption(
      'smtp',
      'An envelope without a sender',
      `**MAIL FROM:<>**, the null reverse-path: a report wants no answer. ${sentence(server)} must take it all the same.`,
      rfc(5321, '4.5.5'),
      rfc(5321, '6.1'),
    ),
  nextRecipient: (): Caption =>
    caption(
      'smtp',
      'And the next recipient',
      'Every **RCPT TO** gets an answer of its own: a no to one of them changes nothing for the others.',
      rfc(5321, '3.3'),
    ),
  /** Some recipients were refused, the others get it. */
  letterForSome: (accepted: number, all: number): Caption =>
    caption(
      'smtp',
      'The letter goes to those who were accepted',
      `${accepted} of ${all} recipients got a yes, and the letter crosses **once** for all of them. What the others were told, the sender’s server settles on its own.`,
      rfc(5321, '3.3'),
    ),
  letter: (relay: boolean): Caption =>
    caption(
      'smtp',
      relay ? 'The letter crosses from server to server' : 'Then the letter itself',
      relay
        ? 'It has one line more than before: the outgoing server has stamped it with **Received**, on top, as every server does that it passes.'
        : 'After **DATA** the client sends header and body, line by line, as it wrote them. A line with nothing but a dot says: that was all.',
      relay ? rfc(5321, '4.4') : rfc(5321, '4.1.1.4'),
    ),
  queued: (server: string): Caption =>
    caption(
      'smtp',
      '“250: I will take it from here”',
      `${sentence(server)} writes the letter to disk, into its **queue**, and only then says 250. From now on it is **responsible**: it must deliver the letter, or report that it could not.`,
      rfc(5321, '6.1'),
      rfc(5321, '4.2.5'),
    ),
  mxQuestion: (asker: string, domain: string): Caption =>
    caption(
      'dns',
      `“Who takes the mail for ${domain}?”`,
      `${sentence(asker)} knows only the part after the @. It asks **DNS** for the domain’s **MX records**: the names of the servers that accept its mail, each with a preference. The lowest number is tried first.`,
      rfc(5321, '5.1'),
    ),
  mxAnswer: (first: string, preference: number, others: number): Caption =>
    caption(
      'dns',
      `“Try ${first} first”`,
      `${first} has **preference** ${preference}, the lowest.${others > 0 ? ` ${others === 1 ? 'The other server is' : `The ${others} others are`} for when it does not answer.` : ''} The letter itself never goes to DNS: this was a postcard with a question, and a postcard back.`,
      rfc(5321, '5.1'),
      rfc(1035, '3.3.9'),
    ),
  noData: (name: string, type: string): Caption =>
    caption(
      'dns',
      `“${name} has no ${type} record”`,
      `The name exists, but it has no record of this type. That is a different answer from “no such name”.`,
      rfc(2308, '2.2'),
    ),
  dnsQuestion: (asker: string, name: string, type: string): Caption =>
    caption(
      'dns',
      `“${type} of ${name}?”`,
      `${sentence(asker)} asks DNS for the ${type} record of ${name}: one small packet, no connection.`,
      rfc(1034, '3.7'),
    ),
  dnsAnswer: (name: string, type: string): Caption =>
    caption(
      'dns',
      `The ${type} answer for ${name}`,
      'The server answers from its own zone: this is **authoritative**, not hearsay.',
      rfc(1035, '4.1.1'),
    ),
  dnsOverTcp: (asker: string): Caption =>
    caption(
      'dns',
      'The same question over TCP',
      `${sentence(asker)} opens a connection to the DNS server: for answers that do not fit one packet.`,
      rfc(7766, '5'),
    ),
  address: (name: string): Caption =>
    caption(
      'dns',
      `“And where is ${name}?”`,
      'A name cannot be called, an **address** can. So the next postcard asks for it: an A record for IPv4, then AAAA for IPv6.',
      rfc(1035, '3.4.1'),
      rfc(3596, '2.1'),
    ),
  helloRelay: (world: Hosts, client: HostId, server: HostId): Caption =>
    caption(
      'smtp',
      'Now the server is the client',
      `${sentence(called(world, client))} calls ${server} on **port ${SERVICES.smtp.port}** and introduces itself. No password this time: anybody may bring letters for the people who live here.`,
      rfc(5321, '2.3.3'),
      rfc(5321, '3.1'),
    ),
  helloDirect: (world: Hosts, client: HostId, server: HostId): Caption =>
    caption(
      'smtp',
      `A caller at the door of ${server}`,
      `${sentence(called(world, client))} goes straight to the server that takes mail for this domain, on **port ${SERVICES.smtp.port}**, as an outgoing server would. No password: anybody may bring letters, but only for the people who live here.`,
      rfc(5321, '2.3.3'),
    ),
  letterInChunks: (): Caption =>
    caption(
      'smtp',
      'The letter, counted',
      '**BDAT** says how many octets follow. So nobody has to wait for a “go on”, and no dot at the end is needed.',
      rfc(3030, '2'),
    ),
  letterDirect: (): Caption =>
    caption(
      'smtp',
      'The letter, straight to the door',
      'No outgoing server has seen it, so nobody has stamped it yet: the caller alone says where it comes from.',
      rfc(5321, '4.4'),
    ),
  deliver: (server: string, mailbox: string): Caption =>
    caption(
      'store',
      `Into the mailbox of ${mailbox}`,
      `${sentence(server)} adds its own stamp and, as this is the end of the way, a **Return-Path**. Then the letter becomes one file in the mailbox.`,
      rfc(5321, '4.4'),
    ),
  deliverOthers: (server: string): Caption =>
    caption(
      'store',
      'One letter, several mailboxes',
      `It crossed **once** for all of its recipients here. ${sentence(server)} puts a copy into the mailbox of each.`,
      rfc(5321, '4.5.4.1'),
    ),
  taken: (server: string, from: string): Caption =>
    caption(
      'smtp',
      '“250: now it is mine”',
      `Only with the letter safe on disk does ${server} say 250. Responsibility moves here, and ${from} may forget its copy.`,
      rfc(5321, '4.2.5'),
      rfc(5321, '6.1'),
    ),
  checkMail: (world: Hosts, client: HostId): Caption => {
    const person = personAt(world, client);
    return caption(
      'pop3',
      person === 'You' ? 'You check your mail' : `${person} checks the mail`,
      `Servers **push** mail to each other, but nobody has told ${person === 'You' ? 'you' : person} yet. The last step is a **pull**: the mail client calls the mailbox when it suits its owner, by **POP3** on port ${SERVICES.pop3.port}.`,
      rfc(1939, '3'),
    );
  },
  login: (): Caption =>
    caption(
      'pop3',
      'Name and password',
      'Everyone may bring a letter, only the owner may fetch it. From here on the mailbox is **locked** for this one session: what arrives meanwhile is seen the next time.',
      rfc(1939, '4'),
      rfc(1939, '7'),
    ),
  whatIsThere: (): Caption =>
    caption(
      'pop3',
      '“What have you got for me?”',
      '**STAT** counts letters and octets. **UIDL** gives every letter a name that never changes, so that the client knows which ones it has seen.',
      rfc(1939, '5'),
      rfc(1939, '7'),
    ),
  retrieve: (): Caption =>
    caption(
      'pop3',
      'The letter comes home',
      '**RETR** sends a copy of the file over the wire, header, stamps and all. The original still lies in the mailbox.',
      rfc(1939, '5'),
    ),
  retrieveReport: (): Caption =>
    caption(
      'pop3',
      'The report comes home',
      'A **multipart/report** has three parts: words for people, words for programs, and the letter it is about, or its header.',
      rfc(6522, '3'),
      rfc(3464, '2'),
    ),
  /** UIDL showed more than is fetched: the rest is known. */
  retrieveNew: (all: number): Caption =>
    caption(
      'pop3',
      'Only what is new',
      `There are ${all} letters, but the client remembers the **unique ids** of those it has seen and asks for the others alone.`,
      rfc(1939, '7'),
    ),
  nothingNew: (all: number): Caption =>
    caption(
      'pop3',
      all === 0 ? 'The mailbox is empty' : 'Nothing new',
      all === 0
        ? 'Nobody has written. The client says **QUIT**, and the mailbox is unlocked.'
        : `The client knows ${all === 1 ? 'this letter' : `these ${all} letters`} by **unique id** and fetches nothing twice.`,
      rfc(1939, all === 0 ? '6' : '7'),
    ),
  leftThere: (): Caption =>
    caption(
      'pop3',
      'The letters stay on the server',
      'Nothing was marked for removal, so **QUIT** removes nothing: another device can fetch them, too.',
      rfc(1939, '8'),
      rfc(1939, '6'),
    ),
  tidy: (deleting: boolean): Caption =>
    deleting
      ? caption(
          'pop3',
          'Throw the copy away, but only at goodbye',
          '**DELE** merely marks the letter. It is removed at **QUIT** and not before: if the line drops now, nothing is lost.',
          rfc(1939, '6'),
        )
      : caption('pop3', 'Goodbye', 'The client says **QUIT**, and the mailbox is unlocked.', rfc(1939, '6')),
  other: (protocol: Protocol, title: string): Caption => caption(protocol, title, ''),
} as const;
