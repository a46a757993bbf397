/** Faults of a whole host: whether it answers at all, and how fast. */
import { MOST } from './fields.ts';
import { number, numberIn, type Offers, plain } from './offer.ts';
import { atHost, type Deeds, type Explanations, row } from './row.ts';

export const hostRows = {
  /** `always`: its power is out, connections break and its queue waits on the disk. `next`: the next call is refused. */
  'host-off': row(['host'], () => 'Off', atHost),
  /** It does not answer a call at all: whoever dials waits until the time-out. */
  'host-silent': row(['host'], () => 'Does not answer', atHost),
  /** Each of its replies comes so much later. */
  'host-slow': row(['host', 'milliseconds'], ({ milliseconds }, time) => `Slow by ${time(milliseconds)}`, atHost),
};

export const hostExplanations: Explanations<typeof hostRows> = {
  'host-off': {
    clause: ({ host }, { called }) => `${called(host)} is switched off`,
    once: ({ host }, { called }) => `The next call to ${called(host)} is refused.`,
    leadsTo: 'no-connection',
  },
  'host-silent': {
    clause: ({ host }, { called }) => `${called(host)} does not answer calls, so that whoever calls waits in vain`,
    leadsTo: 'no-connection',
  },
  'host-slow': {
    clause: ({ host, milliseconds }, { called, time }) => `${called(host)} takes ${time(milliseconds)} for each answer`,
    leadsTo: 'replies',
  },
};

export const hostOffers: Offers<typeof hostRows> = {
  'host-off': {
    where: 'server',
    offers: ({ host: { id } }) => [plain('off', 'It is off: whoever calls is refused', { kind: 'host-off', host: id })],
  },
  'host-silent': {
    where: 'server',
    offers: ({ host: { id } }) => [
      plain('silent', 'It is silent: whoever calls waits in vain', { kind: 'host-silent', host: id }),
    ],
  },
  'host-slow': {
    where: 'server',
    offers({ host }) {
      const blank = number('Milliseconds', 2000, 0, MOST.milliseconds);
      return [
        {
          id: 'slow',
          sentence: 'It is slow: each reply takes {milliseconds} ms',
          blanks: { milliseconds: blank },
          make: filled => {
            const milliseconds = numberIn(blank, filled.milliseconds);
            return milliseconds === null ? null : { kind: 'host-slow', host: host.id, milliseconds };
          },
        },
      ];
    },
  },
};

export const hostDeeds: Deeds<typeof hostRows> = {
  'host-off': { sentence: 'turn {host} off' },
  'host-silent': { sentence: 'make {host} silent' },
  'host-slow': { sentence: 'make {host} slow by {milliseconds}' },
};
