/** Where on the page each fault is offered: at a host, by what the host does, and at a line. Pure. */
import { LINE_SERVICES, SERVICES } from '../protocols.ts';
import { cableOffers } from './cable.ts';
import { dnsOffers } from './dns.ts';
import type { FAULT_ROWS, FaultWhat } from './fault.ts';
import type { Ground, GroundHost } from './ground.ts';
import { hostOffers } from './host.ts';
import { lineOffers } from './line.ts';
import { mailOffers } from './mail.ts';
import type { LineSpot, Offer, Offered, Offers } from './offer.ts';

const OFFERS: Offers<typeof FAULT_ROWS> = {
  ...hostOffers,
  ...mailOffers,
  ...lineOffers,
  ...cableOffers,
  ...dnsOffers,
};
const ALL: readonly Offered<FaultWhat>[] = Object.values(OFFERS);

export type FaultOffer = Offer<FaultWhat>;

export interface OfferGroup {
  readonly title: string;
  readonly offers: readonly FaultOffer[];
}

type Where = Exclude<Offered<FaultWhat>['where'], 'line'>;

const offersIn = (ground: Ground, host: GroundHost, ...places: readonly Where[]): readonly FaultOffer[] =>
  ALL.flatMap(each => (each.where !== 'line' && places.includes(each.where) ? each.offers({ ground, host }) : []));

/** The same line once more: how it might go then. */
export const offersForLine = (spot: LineSpot): readonly FaultOffer[] =>
  ALL.flatMap(each => (each.where === 'line' ? each.offers(spot) : []));

/** Everything that fits this host, by what it does. */
export function offersAt(ground: Ground, id: string): readonly OfferGroup[] {
  const host = ground.hosts.find(each => each.id === id);
  if (host === undefined) return [];
  const offers = (...places: readonly Where[]): readonly FaultOffer[] => offersIn(ground, host, ...places);
  const cables: OfferGroup = { title: 'Its cables', offers: offers('cable') };
  if (host.kind !== 'server') {
    const program: OfferGroup = { title: 'The program', offers: offers('client') };
    return program.offers.length === 0 ? [cables] : [program, cables];
  }
  const serves = (service: string): boolean => host.services.includes(service);
  const mail = LINE_SERVICES.some(service => SERVICES[service].protocol === 'smtp' && serves(service));
  return [
    { title: 'The host', offers: mail ? offers('server', 'mail-server', 'mailbox') : offers('server', 'mailbox') },
    ...(serves('dns') ? [{ title: 'Its answers', offers: offers('dns') }] : []),
    ...LINE_SERVICES.filter(serves).map(service => ({
      title: `Its lines, ${SERVICES[service].name}`,
      offers: offersForLine({ server: id, port: SERVICES[service].port }),
    })),
    cables,
  ];
}
