/** Faults of those who keep mail and let it in: a server's disk and its rules, a mailbox, a mail client. */
import { domainOf } from '../address.ts';
import { EXTENSION_KEYWORDS, MOST } from './fields.ts';
import { choice, chosenOf, number, numberIn, type Offers, plain, text } from './offer.ts';
import { atHost, atHosts, type Deeds, type Explanations, row } from './row.ts';

export const mailRows = {
  /** 452 4.3.1 after the end of data. */
  'disk-full': row(['host'], () => 'Disk full', atHost),
  /** 451 4.7.1 at RCPT to a (client, sender, recipient) first seen less than `seconds` ago (RFC 6647). */
  greylist: row(['host', 'seconds'], () => 'Greylists strangers', atHost),
  /** 550 5.7.1 at MAIL from this address, or from this domain where it has no @. */
  'refuses-sender': row(['host', 'sender'], () => 'Refuses a sender', atHost),
  /** EHLO does not offer this keyword, and the server does not know it. */
  'lacks-extension': row(['host', 'keyword'], ({ keyword }) => `No ${keyword}`, atHost),
  /** 452 4.2.2 at RCPT, whatever the quota. */
  'mailbox-full': row(
    ['mailbox'],
    () => 'Mailbox full',
    ({ mailbox }, { domains }) => atHosts(domains.find(({ name }) => name === domainOf(mailbox))?.pop),
  ),
  /** The mail client of this user has the wrong password: the server refuses it, as it is. */
  'wrong-password': row(
    ['user'],
    () => 'Wrong password',
    ({ user }, { users }) => atHosts(users.find(({ address }) => address.toLowerCase() === user.toLowerCase())?.client),
  ),
};

export const mailExplanations: Explanations<typeof mailRows> = {
  'disk-full': {
    clause: ({ host }, { called }) => `the disk of ${called(host)} is full: it cannot keep a letter now`,
    leadsTo: 'refusal',
  },
  greylist: {
    clause: ({ host, seconds }, { called, span }) =>
      `${called(host)} sends strangers away until they come again after ${span(seconds)}`,
    leadsTo: 'refusal',
  },
  'refuses-sender': {
    clause: ({ host, sender }, { called }) => `${called(host)} takes no mail from ${sender}`,
    leadsTo: 'refusal',
  },
  'lacks-extension': {
    clause: ({ host, keyword }, { called }) => `${called(host)} does not know ${keyword}`,
    leadsTo: 'replies',
  },
  'mailbox-full': { clause: ({ mailbox }) => `the mailbox of ${mailbox} is full`, leadsTo: 'refusal' },
  'wrong-password': { clause: ({ user }) => `the mail client of ${user} has a wrong password`, leadsTo: 'refusal' },
};

export const mailOffers: Offers<typeof mailRows> = {
  'disk-full': {
    where: 'mail-server',
    offers: ({ host: { id } }) => [
      plain('disk', 'Its disk is full: 452 when the letter is there', { kind: 'disk-full', host: id }),
    ],
  },
  greylist: {
    where: 'mail-server',
    offers({ host }) {
      const blank = number('Seconds', 300, 0, MOST.seconds);
      return [
        {
          id: 'greylist',
          sentence: 'It greylists: strangers are to come again after {seconds} s',
          blanks: { seconds: blank },
          make: filled => {
            const seconds = numberIn(blank, filled.seconds);
            return seconds === null ? null : { kind: 'greylist', host: host.id, seconds };
          },
        },
      ];
    },
  },
  'refuses-sender': {
    where: 'mail-server',
    offers({ host, ground }) {
      const stranger = ground.users.find(user => domainOf(user.address) !== host.domain) ?? ground.users[0];
      return [
        {
          id: 'sender',
          sentence: 'It refuses letters from {sender}',
          blanks: { sender: text('Sender: an address or a domain', stranger?.address ?? 'blue.example', 20) },
          make: filled => {
            const sender = (filled.sender ?? '').trim();
            return sender === '' ? null : { kind: 'refuses-sender', host: host.id, sender };
          },
        },
      ];
    },
  },
  'lacks-extension': {
    where: 'mail-server',
    offers: ({ host }) => [
      {
        id: 'lacks',
        sentence: 'It does not know the extension {keyword}',
        blanks: { keyword: choice('Extension', EXTENSION_KEYWORDS, 'SIZE') },
        make: filled => {
          const keyword = chosenOf(EXTENSION_KEYWORDS, filled.keyword);
          return keyword === null ? null : { kind: 'lacks-extension', host: host.id, keyword };
        },
      },
    ],
  },
  'mailbox-full': {
    where: 'mailbox',
    offers({ host, ground }) {
      const homes = ground.domains.filter(({ pop, exchangers }) => pop === host.id || exchangers.includes(host.id));
      const held = ground.users
        .map(({ address }) => address)
        .filter(address => homes.some(({ name }) => name === domainOf(address)));
      if (held.length === 0) return [];
      return [
        {
          id: 'mailbox',
          sentence: 'The mailbox of {mailbox} is full',
          blanks: { mailbox: choice('Mailbox', held) },
          make: filled => (filled.mailbox ? { kind: 'mailbox-full', mailbox: filled.mailbox } : null),
        },
      ];
    },
  },
  'wrong-password': {
    where: 'client',
    offers: ({ host, ground }) =>
      ground.users
        .filter(({ client }) => client === host.id)
        .map(({ address, name }) =>
          plain(`password-${address}`, `${name}’s password is set wrong in it`, {
            kind: 'wrong-password',
            user: address,
          }),
        ),
  },
};

export const mailDeeds: Deeds<typeof mailRows> = {
  'disk-full': { sentence: 'fill the disk of {host}' },
  greylist: { sentence: 'make {host} greylist for {seconds}' },
  'refuses-sender': { sentence: 'make {host} refuse mail from {sender}' },
  'lacks-extension': { sentence: 'make {host} lack {keyword}' },
  'mailbox-full': { sentence: 'fill the mailbox of {mailbox}' },
  'wrong-password': { sentence: 'give {user} a wrong password' },
};
