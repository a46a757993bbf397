/** Faults of the cable between two hosts. */
import { MOST } from './fields.ts';
import type { Ground, GroundHost } from './ground.ts';
import { type Blank, number, numberIn, type Offers } from './offer.ts';
import { type Deeds, type Explanations, row } from './row.ts';

export const cableRows = {
  /** Everything between the two comes later, or no faster than so. */
  'slow-cable': row(
    ['between', 'latency', 'bytesPerSecond'],
    () => 'Slow cable',
    ({ between }) => ({ hosts: [], cable: between }),
  ),
};

export const cableExplanations: Explanations<typeof cableRows> = {
  'slow-cable': {
    clause: ({ between: [one, other] }, { called }) => `the cable between ${called(one)} and ${called(other)} is slow`,
    leadsTo: 'replies',
  },
};

/** Whom a host talks to: its domain's servers first, then whoever else. */
function peersOf({ domains, hosts }: Ground, host: GroundHost): readonly GroundHost[] {
  const own = domains.find(domain => domain.name === host.domain);
  const near = host.kind === 'client' ? [own?.submission, own?.pop] : domains.flatMap(domain => domain.exchangers);
  const rank = ({ id }: GroundHost): number => (near.includes(id) ? near.indexOf(id) : near.length);
  return hosts.filter(({ id }) => id !== host.id).toSorted((one, other) => rank(one) - rank(other));
}

export const cableOffers: Offers<typeof cableRows> = {
  'slow-cable': {
    where: 'cable',
    offers({ host, ground }) {
      const peers = peersOf(ground, host);
      const other: Blank = {
        label: 'Host at the other end',
        kind: 'choice',
        value: peers[0]?.id ?? '',
        choices: peers.map(({ id, label }) => ({ value: id, label: `${label} (${id.split('.')[0] ?? id})` })),
      };
      const latency = number('Milliseconds each way', 200, 0, MOST.milliseconds);
      const speed = number('Bytes a second, 0 for no limit', 0, 0, MOST.octets, 7);
      return [
        {
          id: 'cable',
          sentence: 'The cable to {other} is slow: {latency} ms each way, {speed} bytes a second (0: no limit)',
          blanks: { other, latency, speed },
          make: filled => {
            const delay = numberIn(latency, filled.latency);
            const bytesPerSecond = numberIn(speed, filled.speed);
            if (delay === null || bytesPerSecond === null || !filled.other) return null;
            return { kind: 'slow-cable', between: [host.id, filled.other], latency: delay, bytesPerSecond };
          },
        },
      ];
    },
  },
};

export const cableDeeds: Deeds<typeof cableRows> = {
  'slow-cable': { usual: { fields: ['latency', 'bytesPerSecond'], of: () => ({ latency: 0, bytesPerSecond: 0 }) } },
};
