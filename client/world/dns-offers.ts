/** What DNS can be made to say, and not to say. Pure. */
import type { DnsType, FaultWhat } from '../../shared/world/fault.ts';
import type { PublicWorld } from '../../shared/world/world.ts';
import { choice, type Filled, number, numberIn, type Offer } from './blanks.ts';

const DNS_TYPES: readonly DnsType[] = ['MX', 'A', 'AAAA', 'any'];

export function dnsOffers(world: PublicWorld): readonly Offer[] {
  const domains = world.domains.map(({ name }) => name);
  const last = domains[1] ?? domains[0] ?? '';
  const name = choice(
    'Name',
    [...domains, ...world.hosts.filter(({ kind }) => kind === 'server').map(({ id }) => id)],
    last,
  );
  const domain = choice('Domain', domains, last);
  const type = choice('Type', DNS_TYPES);
  const asked = (filled: Filled): { name: string; type: DnsType } | null => {
    const found = DNS_TYPES.find(each => each === filled.type);
    return found === undefined || !filled.name ? null : { name: filled.name, type: found };
  };
  const about = (
    id: string,
    sentence: string,
    make: (question: { name: string; type: DnsType }) => FaultWhat,
  ): Offer => ({
    id,
    sentence,
    blanks: { type, name },
    make: filled => {
      const question = asked(filled);
      return question === null ? null : make(question);
    },
  });
  const exchange = choice(
    'Host',
    world.hosts.filter(({ kind }) => kind === 'server').map(({ id }) => id),
    world.domains[0]?.exchangers[0],
  );
  const seconds = number('Seconds', 5, 0, 31_536_000);
  return [
    about('nxdomain', 'Asked {type} of {name}: there is no such name (NXDOMAIN)', question => ({
      kind: 'dns-answer',
      rcode: 'NXDOMAIN',
      ...question,
    })),
    about('servfail', 'Asked {type} of {name}: it cannot say (SERVFAIL)', question => ({
      kind: 'dns-answer',
      rcode: 'SERVFAIL',
      ...question,
    })),
    about('silence', 'Asked {type} of {name}: silence', question => ({ kind: 'dns-silence', ...question })),
    about('truncate', 'Asked {type} of {name}: the answer is cut short, so that one asks again over TCP', question => ({
      kind: 'dns-truncate',
      ...question,
    })),
    {
      id: 'wrong-mx',
      sentence: 'The MX of {name} is said to be {exchange}',
      blanks: { name: domain, exchange },
      make: filled =>
        filled.name && filled.exchange ? { kind: 'dns-wrong-mx', name: filled.name, exchange: filled.exchange } : null,
    },
    {
      id: 'ttl',
      sentence: 'Answers about {name} may be kept for {seconds} s',
      blanks: { name, seconds },
      make: filled => {
        const ttl = numberIn(seconds, filled.seconds);
        return ttl === null || !filled.name ? null : { kind: 'dns-ttl', name: filled.name, seconds: ttl };
      },
    },
  ];
}
