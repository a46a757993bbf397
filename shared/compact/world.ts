/** The world in a told run: who stands on the stage, what a card says, and what is wrong; what is nowhere drawn is left empty. */
import { SERVICE_KINDS } from '../protocols.ts';
import {
  type Alias,
  DEFAULT_RETRY,
  type Domain,
  type Host,
  MOST_DOMAINS,
  MOST_HOSTS,
  type PublicWorld,
  type Zone,
  type ZoneRecord,
} from '../world/world.ts';
import { type Book, given, type Kind, made, number, oneOf, orAbsent } from './book.ts';
import { Garbled } from './columns.ts';
import { faultIn } from './fault.ts';

type Addresses = Host['addresses'];
type Exchanger = Extract<ZoneRecord, { readonly type: 'MX' }>;

/** Besides its own hosts a visitor may be there. */
const MOST_CARDS = MOST_HOSTS + 1;
/** Of what has no bound in a world: far beyond what anybody draws. */
const MANY = 1_000;

const NO_LIMITS: PublicWorld['limits'] = {
  messageSize: 0,
  recipients: 0,
  hops: 0,
  headerOctets: 0,
  headerFields: 0,
};
const NO_SOA: Zone['soa'] = {
  mname: '',
  rname: '',
  serial: 0,
  refresh: 0,
  retry: 0,
  expire: 0,
  minimum: 0,
  ttl: 0,
};

const isExchanger = (record: ZoneRecord): record is Exchanger => record.type === 'MX';

function addressesOf([first, ...others]: readonly string[]): Addresses {
  if (first === undefined) throw new Garbled('A host has no address.');
  return [first, ...others];
}

export function worldIn(book: Book): Kind<PublicWorld> {
  const { text } = book;
  const texts = book.list(text, MANY);
  const host = book.record<Host>({
    id: text,
    kind: oneOf('client', 'server', 'visitor'),
    label: text,
    domain: orAbsent(text),
    addresses: made<Addresses, readonly string[]>(texts, addressesOf, addresses => addresses),
    services: book.list(oneOf(...SERVICE_KINDS), SERVICE_KINDS.length),
    sends: given(undefined),
  });
  const domain = book.record<Domain>({ name: text, submission: text, pop: text, exchangers: texts });
  const exchanger = book.record<Exchanger>({
    name: given(''),
    ttl: given(0),
    type: given('MX'),
    preference: number,
    exchange: text,
  });
  const records = made<readonly ZoneRecord[], readonly Exchanger[]>(
    book.list(exchanger, MANY),
    all => all,
    all => all.filter(isExchanger),
  );
  const zone = book.record<Zone>({ name: text, soa: given(NO_SOA), records });
  const user = book.record<PublicWorld['users'][number]>({
    address: text,
    name: text,
    client: text,
    quota: given(undefined),
    leaveOnServer: given(undefined),
  });
  const nobody: readonly Alias[] = [];
  return book.record<PublicWorld>({
    name: text,
    hosts: book.list(host, MOST_CARDS),
    domains: book.list(domain, MOST_DOMAINS),
    zones: made<readonly Zone[], readonly Zone[]>(
      book.list(zone, MANY),
      all => all,
      all => all.filter(({ records }) => records.some(isExchanger)),
    ),
    dns: text,
    users: book.list(user, MANY),
    aliases: given(nobody),
    lists: given([]),
    limits: given(NO_LIMITS),
    retry: given(DEFAULT_RETRY),
    seed: given(0),
    faults: book.list(faultIn(book), MANY),
    mistakes: given(undefined),
  });
}
