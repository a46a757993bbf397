/** Words for DNS questions and answers, for a reader who has never seen one; derived from the message, never stored. */
import type { DnsData, DnsMessage, DnsQuestion } from '../decode/dns.ts';
import { sameName } from '../decode/dns-name.ts';
import { type DnsExplanation, explainQuestion, reversed, spoken } from './dns-question.ts';
import { rfc } from './words/references.ts';

export type { DnsExplanation } from './dns-question.ts';

/** "a", "a and b", "a, b and c". */
function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`;
}

type Exchange = Extract<DnsData, { type: 'MX' }>;

function explainExchanges(name: string, unsorted: readonly Exchange[]): DnsExplanation {
  const exchanges = unsorted.toSorted((one, other) => one.preference - other.preference);
  const [first, ...others] = exchanges;
  if (!first || exchanges.every(one => one.exchange === '.')) {
    return {
      title: `${name} takes no mail`,
      sentence: `The only MX record names nobody, a lone dot: a **null MX**. The domain says that no mail is ever accepted there, so the sender gives up at once.`,
      references: [rfc(7505, '3')],
    };
  }
  const hosts = exchanges.map(one => `${one.exchange} (${one.preference})`);
  const equals = exchanges.filter(one => one.preference === first.preference);
  const order =
    equals.length > 1
      ? `${listed(equals.map(one => one.exchange))} share the lowest number, so the sender tries them in random order`
      : `The lowest number is tried first, so the sender turns to ${first.exchange}`;
  return {
    title:
      equals.length > 1
        ? `Mail for ${name} goes to ${listed(equals.map(one => one.exchange))}`
        : `Mail for ${name} goes to ${first.exchange}`,
    sentence:
      others.length === 0
        ? `One server takes mail for ${name}: ${hosts.join('')}. The number is its **preference**; it only matters where there are several.`
        : `${exchanges.length} servers take mail for ${name}: ${listed(hosts)}. The number is the **preference**. ${order}${equals.length === exchanges.length ? '.' : '; the others are there for when that fails.'}`,
    references: [rfc(5321, '5.1'), rfc(1035, '3.3.9')],
  };
}

/** The records asked for, and the name they belong to at the end of a CNAME chain. */
function wanted(message: DnsMessage, question: DnsQuestion): { data: readonly DnsData[]; last: string } {
  let last = question.name;
  for (let hop = 0; hop < message.answers.length && question.type !== 'CNAME'; hop++) {
    const alias = message.answers.find(record => record.data.type === 'CNAME' && sameName(record.name, last));
    if (alias?.data.type !== 'CNAME') break;
    last = alias.data.name;
  }
  const data = message.answers
    .filter(record => record.type === question.type && sameName(record.name, last))
    .map(record => record.data);
  return { data, last };
}

const txtOf = (data: readonly DnsData[]): string[] =>
  data.flatMap(one => (one.type === 'TXT' ? [one.strings.join('')] : []));
const namesOf = (data: readonly DnsData[]): string[] =>
  data.flatMap(one => (one.type === 'NS' || one.type === 'PTR' || one.type === 'CNAME' ? [one.name] : []));

function explainData(question: DnsQuestion, owner: string, data: readonly DnsData[]): DnsExplanation | null {
  const name = spoken(owner);
  switch (question.type) {
    case 'MX':
      return explainExchanges(
        name,
        data.flatMap(one => (one.type === 'MX' ? [one] : [])),
      );
    case 'A':
    case 'AAAA': {
      const addresses = data.flatMap(one => (one.type === 'A' || one.type === 'AAAA' ? [one.address] : []));
      return {
        title: `${name} is at ${listed(addresses)}`,
        sentence: `Now the sender has the number it can connect to${addresses.length > 1 ? ', and others should that one not answer' : ''}.`,
        references: [question.type === 'A' ? rfc(1035, '3.4.1') : rfc(3596, '2.2'), rfc(5321, '5.1')],
      };
    }
    case 'TXT': {
      const spf = txtOf(data).find(text => /^v=spf1( |$)/i.test(text));
      return spf === undefined
        ? {
            title: `${name} publishes ${data.length === 1 ? 'a text' : `${data.length} texts`}`,
            sentence: `Free text; what it means is up to whoever asked for it.`,
            references: [rfc(1035, '3.3.14')],
          }
        : {
            title: `Who may send as ${name}`,
            sentence: `An **SPF** record: it lists the machines that may send mail in the name of ${name}, and says with “all” what to make of all others.`,
            references: [rfc(7208, '3'), rfc(7208, '4.6')],
          };
    }
    case 'NS':
      return {
        title: `${listed(namesOf(data))} ${data.length === 1 ? 'answers' : 'answer'} for ${name}`,
        sentence: `What ${data.length === 1 ? 'this server says' : 'these servers say'} about ${name} comes from the source.`,
        references: [rfc(1035, '3.3.11')],
      };
    case 'SOA':
      return {
        title: `The zone ${name} begins here`,
        sentence: `The **SOA** record names the zone’s main server and its keeper’s mailbox, and how long a “no” may be remembered.`,
        references: [rfc(1035, '3.3.13'), rfc(2308, '4')],
      };
    case 'PTR':
      return {
        title: `${reversed(owner)} is ${listed(namesOf(data))}`,
        sentence: `The reverse zone gives the address a name. It is only believed when that name leads back to the same address.`,
        references: [rfc(1035, '3.5')],
      };
    default:
      return null;
  }
}

function explainFailure(message: DnsMessage, name: string): DnsExplanation {
  switch (message.rcodeName) {
    case 'NXDOMAIN':
      return {
        title: `${name} does not exist`,
        sentence: `**NXDOMAIN**: neither this name nor anything below it exists. That is a sure answer, so nobody tries again; the SOA record beside it says how long to remember it.`,
        references: [rfc(2308, '2.1'), rfc(8020, '2'), rfc(5321, '5.1')],
      };
    case 'SERVFAIL':
      return {
        title: `DNS cannot say`,
        sentence: `**SERVFAIL**: the server failed to find out. This is “don’t know”, not “no”: a mail server keeps the letter and asks again later.`,
        references: [rfc(1035, '4.1.1'), rfc(5321, '5.1')],
      };
    case 'REFUSED':
      return {
        title: `DNS will not say`,
        sentence: `**REFUSED**: this server does not answer for ${name}. Whether the name exists is still unknown.`,
        references: [rfc(1035, '4.1.1'), rfc(8906, '3.1')],
      };
    case 'FORMERR':
      return {
        title: `DNS does not understand the question`,
        sentence: `**FORMERR**: the packet is not formed as a question must be.`,
        references: [rfc(1035, '4.1.1')],
      };
    case 'NOTIMP':
      return {
        title: `DNS does not do that`,
        sentence: `**NOTIMP**: the server knows this kind of request, or does not, and in any case does not serve it.`,
        references: [rfc(1035, '4.1.1')],
      };
    case 'BADVERS':
      return {
        title: `Too new a kind of question`,
        sentence: `**BADVERS**: the question uses a version of the DNS extensions that the server does not have.`,
        references: [rfc(6891, '6.1.3')],
      };
    default:
      return {
        title: `DNS answers with ${message.rcodeName}`,
        sentence: `The server reports that it could not answer the question about ${name}.`,
        references: [rfc(1035, '4.1.1')],
      };
  }
}

function noData(message: DnsMessage, question: DnsQuestion, last: string): DnsExplanation {
  const name = spoken(last);
  if (!sameName(last, question.name) && message.authority.length === 0) {
    return {
      title: `${spoken(question.name)} is another name for ${name}`,
      sentence: `A **CNAME**: the name is an alias. The question has to be asked again for ${name}.`,
      references: [rfc(1034, '3.6.2')],
    };
  }
  const servers = namesOf(message.authority.map(record => record.data));
  if (servers.length > 0 && message.authority.every(record => record.type !== 'SOA')) {
    return {
      title: `Ask ${listed(servers)}`,
      sentence: `A **referral**: this server has handed ${name} over to other servers and names them.`,
      references: [rfc(1034, '4.3.1')],
    };
  }
  return {
    title: `${name} has no ${question.type} record`,
    sentence:
      question.type === 'MX'
        ? `The name exists but says nothing about mail. Then the domain itself is taken for its mail server: the **implicit MX**.`
        : question.type === 'AAAA'
          ? `The name exists, but there is no IPv6 address for it. That is an answer, not an error.`
          : `The name exists, but not with a record of this type. That is an answer, not an error: NOERROR with nothing in it.`,
    references: question.type === 'MX' ? [rfc(5321, '5.1'), rfc(2308, '2.2')] : [rfc(2308, '2.2')],
  };
}

/** What a DNS message says, in a title and a sentence or two, with where it is laid down. */
export function explainDns(message: DnsMessage): DnsExplanation {
  const [question] = message.questions;
  if (!question) {
    return message.response
      ? explainFailure(message, 'it')
      : {
          title: 'A DNS packet without a question',
          sentence: 'There is nothing in it to answer.',
          references: [rfc(9619, '4')],
        };
  }
  if (!message.response) return explainQuestion(question);
  if (message.truncated) {
    return {
      title: `The answer does not fit`,
      sentence: `**Truncated**: the answer is too long for one UDP packet. Whoever asked asks the same again over TCP, where length does not matter.`,
      references: [rfc(7766, '5'), rfc(2181, '9')],
    };
  }
  const { data, last } = wanted(message, question);
  if (message.rcodeName !== 'NOERROR') return explainFailure(message, spoken(last));
  if (data.length > 0) {
    const explained = explainData(question, last, data);
    if (explained) return explained;
  }
  const others = message.answers.length;
  if (data.length > 0 || (question.type === 'ANY' && others > 0)) {
    return {
      title: `${others === 1 ? 'One record' : `${others} records`} for ${spoken(question.name)}`,
      sentence: `DNS gives what it has: ${listed([...new Set(message.answers.map(record => record.type))])}.`,
      references: [rfc(1035, '4.1.3')],
    };
  }
  return noData(message, question, last);
}
