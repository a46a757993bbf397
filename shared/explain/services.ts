/** Words for every service: what it does, what a mail program calls it, and the option that publishes it. */
import type { ServiceKind } from '../protocols.ts';

interface ServiceWords {
  /** "This host …" */
  readonly duty: string;
  /** As the settings of a mail program have it. */
  readonly account: string;
  /** What is published there, and of which host of the world that comes with mailscope. */
  readonly option: string;
}

export const SERVICE_WORDS: Readonly<Record<ServiceKind, ServiceWords>> = {
  submission: {
    duty: 'takes letters from its own users',
    account: 'Outgoing (SMTP with password)',
    option: 'outgoing mail with AUTH, as smtp.blue.example',
  },
  smtp: {
    duty: 'takes letters for its domain from other servers',
    account: 'Incoming server of the domain (SMTP)',
    option: 'incoming mail, as mx1.green.example',
  },
  pop3: {
    duty: 'hands letters to the mail client that asks for them',
    account: 'Incoming (POP3)',
    option: 'mailboxes, as pop.green.example',
  },
  dns: {
    duty: 'answers which host does what for a domain',
    account: 'DNS, UDP and TCP',
    option: 'DNS over UDP and TCP, as ns.root.example',
  },
};
