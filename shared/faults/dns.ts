/** Faults of DNS: what it answers wrongly, and what it does not answer. */
import { DNS_TYPES, type FaultFields, MOST } from './fields.ts';
import type { Ground } from './ground.ts';
import { type Blank, choice, chosenOf, number, numberIn, type Offer, type Offers } from './offer.ts';
import { atHosts, type Explanations, type FaultPlace, row } from './row.ts';

const atDns = (_: object, { dns }: Ground): FaultPlace => atHosts(dns);

export const dnsRows = {
  'dns-answer': row(['name', 'type', 'rcode'], ({ rcode }) => `Answers ${rcode}`, atDns),
  'dns-silence': row(['name', 'type'], () => 'Does not answer', atDns),
  /** The UDP answer is empty and says TC, so that whoever asked asks again over TCP. */
  'dns-truncate': row(['name', 'type'], () => 'Cuts the answer', atDns),
  /** The MX answer names this exchange alone. */
  'dns-wrong-mx': row(['name', 'exchange'], () => 'Names a wrong server', atDns),
  /** Answers about the name say this TTL. */
  'dns-ttl': row(['name', 'seconds'], ({ seconds }) => `TTL of ${seconds} s`, atDns),
};

type Question = Pick<FaultFields, 'name' | 'type'>;

const asked = ({ name, type }: Question): string =>
  type === 'any' ? `anything about ${name}` : `the ${type} record of ${name}`;

export const dnsExplanations: Explanations<typeof dnsRows> = {
  'dns-answer': {
    clause: fault => `DNS answers ${fault.rcode} when asked for ${asked(fault)}`,
    leadsTo: 'lookup',
  },
  'dns-silence': { clause: fault => `DNS does not answer when asked for ${asked(fault)}`, leadsTo: 'lookup' },
  'dns-truncate': { clause: fault => `DNS cuts its answer short when asked for ${asked(fault)}`, leadsTo: 'lookup' },
  'dns-wrong-mx': {
    clause: ({ name, exchange }) => `DNS names ${exchange === '' ? 'nobody' : exchange} as the server for ${name}`,
    leadsTo: 'lookup',
  },
  'dns-ttl': {
    clause: ({ name, seconds }) => `answers about ${name} may be remembered for ${seconds} s`,
    leadsTo: 'lookup',
  },
};

const serversOf = ({ hosts }: Ground): readonly string[] =>
  hosts.filter(({ kind }) => kind === 'server').map(({ id }) => id);
const domainsOf = ({ domains }: Ground): readonly string[] => domains.map(({ name }) => name);
/** Of two domains the one that is written to. */
const recipientsOf = (domains: readonly string[]): string => domains[1] ?? domains[0] ?? '';

function nameBlank(ground: Ground): Blank {
  const domains = domainsOf(ground);
  return choice('Name', [...domains, ...serversOf(ground)], recipientsOf(domains));
}

/** "Asked {type} of {name}: " and what becomes of it. */
const toQuestion = <Result>(
  ground: Ground,
  id: string,
  outcome: string,
  make: (question: Question) => Result,
): Offer<Result> => ({
  id,
  sentence: `Asked {type} of {name}: ${outcome}`,
  blanks: { type: choice('Type', DNS_TYPES), name: nameBlank(ground) },
  make: ({ name, type }) => {
    const found = chosenOf(DNS_TYPES, type);
    return found === null || !name ? null : make({ name, type: found });
  },
});

export const dnsOffers: Offers<typeof dnsRows> = {
  'dns-answer': {
    where: 'dns',
    offers: ({ ground }) => [
      toQuestion(ground, 'nxdomain', 'there is no such name (NXDOMAIN)', question => ({
        kind: 'dns-answer',
        rcode: 'NXDOMAIN',
        ...question,
      })),
      toQuestion(ground, 'servfail', 'it cannot say (SERVFAIL)', question => ({
        kind: 'dns-answer',
        rcode: 'SERVFAIL',
        ...question,
      })),
    ],
  },
  'dns-silence': {
    where: 'dns',
    offers: ({ ground }) => [
      toQuestion(ground, 'silence', 'silence', question => ({ kind: 'dns-silence', ...question })),
    ],
  },
  'dns-truncate': {
    where: 'dns',
    offers({ ground }) {
      const outcome = 'the answer is cut short, so that one asks again over TCP';
      return [toQuestion(ground, 'truncate', outcome, question => ({ kind: 'dns-truncate', ...question }))];
    },
  },
  'dns-wrong-mx': {
    where: 'dns',
    offers({ ground }) {
      const domains = domainsOf(ground);
      const exchange = choice('Host', serversOf(ground), ground.domains[0]?.exchangers[0]);
      return [
        {
          id: 'wrong-mx',
          sentence: 'The MX of {name} is said to be {exchange}',
          blanks: { name: choice('Domain', domains, recipientsOf(domains)), exchange },
          make: filled =>
            filled.name && filled.exchange
              ? { kind: 'dns-wrong-mx', name: filled.name, exchange: filled.exchange }
              : null,
        },
      ];
    },
  },
  'dns-ttl': {
    where: 'dns',
    offers({ ground }) {
      const seconds = number('Seconds', 5, 0, MOST.seconds);
      return [
        {
          id: 'ttl',
          sentence: 'Answers about {name} may be kept for {seconds} s',
          blanks: { name: nameBlank(ground), seconds },
          make: filled => {
            const ttl = numberIn(seconds, filled.seconds);
            return ttl === null || !filled.name ? null : { kind: 'dns-ttl', name: filled.name, seconds: ttl };
          },
        },
      ];
    },
  },
};
