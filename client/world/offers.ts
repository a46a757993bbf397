/** What can go wrong at a host or on its cables, by what the host does. Pure. */
import { LINE_SERVICES, SERVICES } from '../../shared/protocols.ts';
import { EXTENSION_KEYWORDS } from '../../shared/world/fault.ts';
import { domainOf, type Host, type HostId, type PublicWorld } from '../../shared/world/world.ts';
import { type Blank, choice, MILLISECONDS, number, numberIn, type Offer, plain, text } from './blanks.ts';
import { dnsOffers } from './dns-offers.ts';
import { lineOffers } from './line-offers.ts';

export interface OfferGroup {
  readonly title: string;
  readonly offers: readonly Offer[];
}

function powerOffers(host: HostId): readonly Offer[] {
  return [
    plain('off', 'It is off: whoever calls is refused', { kind: 'host-off', host }),
    plain('silent', 'It is silent: whoever calls waits in vain', { kind: 'host-silent', host }),
    {
      id: 'slow',
      sentence: 'It is slow: each reply takes {milliseconds} ms',
      blanks: { milliseconds: MILLISECONDS },
      make: filled => {
        const milliseconds = numberIn(MILLISECONDS, filled.milliseconds);
        return milliseconds === null ? null : { kind: 'host-slow', host, milliseconds };
      },
    },
  ];
}

function mailOffers(world: PublicWorld, host: Host): readonly Offer[] {
  const seconds = number('Seconds', 300, 0, 31_536_000);
  const stranger = world.users.find(user => domainOf(user.address) !== host.domain) ?? world.users[0];
  const sender = text('Sender: an address or a domain', stranger?.address ?? 'blue.example', 20);
  const keyword = choice('Extension', EXTENSION_KEYWORDS, 'SIZE');
  return [
    plain('disk', 'Its disk is full: 452 when the letter is there', { kind: 'disk-full', host: host.id }),
    {
      id: 'greylist',
      sentence: 'It greylists: strangers are to come again after {seconds} s',
      blanks: { seconds },
      make: filled => {
        const wait = numberIn(seconds, filled.seconds);
        return wait === null ? null : { kind: 'greylist', host: host.id, seconds: wait };
      },
    },
    {
      id: 'sender',
      sentence: 'It refuses letters from {sender}',
      blanks: { sender },
      make: filled => {
        const refused = (filled.sender ?? '').trim();
        return refused === '' ? null : { kind: 'refuses-sender', host: host.id, sender: refused };
      },
    },
    {
      id: 'lacks',
      sentence: 'It does not know the extension {keyword}',
      blanks: { keyword },
      make: filled => {
        const lacking = EXTENSION_KEYWORDS.find(each => each === filled.keyword);
        return lacking === undefined ? null : { kind: 'lacks-extension', host: host.id, keyword: lacking };
      },
    },
  ];
}

/** Whom a host talks to: its domain's servers first, then whoever else. */
function peersOf(world: PublicWorld, host: Host): readonly Host[] {
  const own = world.domains.find(domain => domain.name === host.domain);
  const near =
    host.kind === 'client' ? [own?.submission, own?.pop] : world.domains.flatMap(domain => domain.exchangers);
  const rank = ({ id }: Host): number => (near.includes(id) ? near.indexOf(id) : near.length);
  return world.hosts.filter(({ id }) => id !== host.id).toSorted((one, other) => rank(one) - rank(other));
}

function cableOffer(one: HostId, others: readonly Host[]): Offer {
  const latency = number('Milliseconds each way', 200, 0, 600_000);
  const speed = number('Bytes a second, 0 for no limit', 0, 0, 2 ** 30, 7);
  const other: Blank = {
    label: 'Host at the other end',
    kind: 'choice',
    value: others[0]?.id ?? '',
    choices: others.map(({ id, label }) => ({ value: id, label: `${label} (${id.split('.')[0] ?? id})` })),
  };
  return {
    id: 'cable',
    sentence: 'The cable to {other} is slow: {latency} ms each way, {speed} bytes a second (0: no limit)',
    blanks: { other, latency, speed },
    make: filled => {
      const delay = numberIn(latency, filled.latency);
      const bytesPerSecond = numberIn(speed, filled.speed);
      if (delay === null || bytesPerSecond === null || !filled.other) return null;
      return { kind: 'slow-cable', between: [one, filled.other], latency: delay, bytesPerSecond };
    },
  };
}

/** Everything that fits this host, by what it does. */
export function offersAt(world: PublicWorld, id: HostId): readonly OfferGroup[] {
  const host = world.hosts.find(each => each.id === id);
  if (host === undefined) return [];
  const cable: OfferGroup = { title: 'Its cables', offers: [cableOffer(id, peersOf(world, host))] };
  const writers = world.users.filter(({ client }) => client === id);
  if (host.kind !== 'server')
    return [
      ...(writers.length === 0
        ? []
        : [
            {
              title: 'The program',
              offers: writers.map(user =>
                plain(`password-${user.address}`, `${user.name}’s password is set wrong in it`, {
                  kind: 'wrong-password',
                  user: user.address,
                }),
              ),
            },
          ]),
      cable,
    ];
  const homes = world.domains.filter(domain => domain.pop === id || domain.exchangers.includes(id));
  const holders = world.users.filter(user => homes.some(domain => domain.name === domainOf(user.address)));
  const services = LINE_SERVICES.filter(service => host.services.includes(service));
  const speaksMail = services.some(service => SERVICES[service].protocol === 'smtp');
  const mailbox = choice(
    'Mailbox',
    holders.map(({ address }) => address),
  );
  const full: Offer = {
    id: 'mailbox',
    sentence: 'The mailbox of {mailbox} is full',
    blanks: { mailbox },
    make: filled => (filled.mailbox ? { kind: 'mailbox-full', mailbox: filled.mailbox } : null),
  };
  return [
    {
      title: 'The host',
      offers: [
        ...powerOffers(id),
        ...(speaksMail ? mailOffers(world, host) : []),
        ...(holders.length > 0 ? [full] : []),
      ],
    },
    ...(host.services.includes('dns') ? [{ title: 'Its answers', offers: dnsOffers(world) }] : []),
    ...services.map(service => ({
      title: `Its lines, ${SERVICES[service].name}`,
      offers: lineOffers(id, SERVICES[service].port),
    })),
    cable,
  ];
}
