/** Words for a DNS question: what is asked, and why a mail server wants to know. */

import type { DnsQuestion } from '../decode/dns.ts';
import { labelsOf } from '../decode/dns-name.ts';
import type { Reference, Words } from '../story/words.ts';
import { rfc } from './words/references.ts';

export interface DnsExplanation {
  readonly title: Words;
  readonly sentence: Words;
  readonly references: readonly Reference[];
}

/** The address whose reverse name this is: "10.2.0.192.in-addr.arpa" is 192.0.2.10 (RFC 1035 §3.5, RFC 3596 §2.5). */
export function reversed(name: string): string {
  const labels = labelsOf(name.toLowerCase());
  const digits = labels.slice(0, -2).toReversed();
  const suffix = labels.slice(-2).join('.');
  if (suffix === 'in-addr.arpa' && digits.length === 4) return digits.join('.');
  if (suffix === 'ip6.arpa' && digits.length === 32) {
    const groups = digits.join('').match(/.{4}/g) ?? [];
    return groups.map(group => group.replace(/^0{1,3}/, '')).join(':');
  }
  return name;
}

/** A name as a sentence has it. */
export const spoken = (name: string): string => (name === '.' ? 'the root' : name);

export function explainQuestion({ name: asked, type }: DnsQuestion): DnsExplanation {
  const name = spoken(asked);
  switch (type) {
    case 'MX':
      return {
        title: `Who takes the mail for ${name}?`,
        sentence: `An address names a domain, not a machine. The **MX** records of ${name} name the servers that take its mail, so the sender asks DNS for them.`,
        references: [rfc(5321, '5.1'), rfc(1035, '3.3.9')],
      };
    case 'A':
      return {
        title: `What is the IPv4 address of ${name}?`,
        sentence: `Connections go to numbers, not to names. An **A** record holds the IPv4 address of ${name}.`,
        references: [rfc(1035, '3.4.1'), rfc(5321, '5.1')],
      };
    case 'AAAA':
      return {
        title: `What is the IPv6 address of ${name}?`,
        sentence: `A host may have an address of the newer, longer kind too. An **AAAA** record holds the IPv6 address of ${name}.`,
        references: [rfc(3596, '2.1'), rfc(5321, '5.2')],
      };
    case 'TXT':
      return {
        title: `What does ${name} publish as text?`,
        sentence: `**TXT** records hold free text. For mail they carry rules such as SPF: which machines may send in the name of ${name}.`,
        references: [rfc(1035, '3.3.14'), rfc(7208, '3')],
      };
    case 'NS':
      return {
        title: `Which servers answer for ${name}?`,
        sentence: `**NS** records name the DNS servers that know everything about ${name} at first hand.`,
        references: [rfc(1035, '3.3.11'), rfc(1034, '4.2')],
      };
    case 'SOA':
      return {
        title: `Who is in charge of ${name}?`,
        sentence: `The **SOA** record opens a zone: its main server, the mailbox of whoever looks after it, and how long answers may be kept.`,
        references: [rfc(1035, '3.3.13')],
      };
    case 'PTR':
      return {
        title: `Which host has the address ${reversed(asked)}?`,
        sentence: `The way back from number to name: a **PTR** record gives the name of the host behind an address. Mail servers note it in the Received: line.`,
        references: [rfc(1035, '3.5'), rfc(5321, '4.4')],
      };
    case 'CNAME':
      return {
        title: `Is ${name} another name for something?`,
        sentence: `A **CNAME** record says that a name is only an alias, and for which name.`,
        references: [rfc(1034, '3.6.2')],
      };
    case 'ANY':
      return {
        title: `What is known about ${name}?`,
        sentence: `**ANY** asks for whatever records the server likes to give for ${name}.`,
        references: [rfc(8482, '4')],
      };
    default:
      return {
        title: `Is there a ${type} record for ${name}?`,
        sentence: `The question asks DNS for records of type ${type} at ${name}.`,
        references: [rfc(1035, '4.1.2')],
      };
  }
}
